/* The output board: kept BX and their corrections in, the frames of the DMA stream out (docs/chain.md:
 * event_pack, cdc_dma, dma). */
#ifndef EMU_SYSTEMC_OUTPUT_BOARD_H
#define EMU_SYSTEMC_OUTPUT_BOARD_H

#include "emu/systemc/bus_signals.h"

#include "emu/model/cdc_dma.h"
#include "emu/model/dma.h"
#include "emu/model/event_pack.h"

namespace pins {

/* Holds kept BX until their corrections are there; makes orbit headers, blocks, trailers and packets. */
struct EventPack : sc_core::sc_module {
    sc_core::sc_in<bool> clk; /* board */
    sc_core::sc_in<struct muon_feed_out> feed;
    sc_core::sc_in<struct recal_out> recal;
    sc_core::sc_in<struct cdc_dma_ready> ready;
    sc_core::sc_in<uint32_t> losses; /* of link_align */
    sc_core::sc_in<bool> stop;       /* run control's */
    sc_core::sc_out<struct event_pack_out> out;

    EventPack(sc_core::sc_module_name name, const struct board_cfg &cfg);
    void status(struct board_status *to) const { event_pack_status(&state, to); }

private:
    void step();
    struct event_pack state;
    struct event_pack_out next = {};
    Visible seen;
};

/* The crossing from board to host, and the way back. */
struct CdcDma : sc_core::sc_module {
    sc_core::sc_in<bool> board_clk, host_clk;
    sc_core::sc_in<struct event_pack_out> in;      /* board */
    sc_core::sc_out<struct cdc_dma_ready> ready;   /* board */
    sc_core::sc_in<struct dma_out> dma;            /* host: its ready and afull */
    sc_core::sc_out<struct cdc_dma_out> out;       /* host */

    CdcDma(sc_core::sc_module_name name, const struct board_cfg &cfg);

private:
    void step();
    struct cdc_dma state;
    struct cdc_dma_ready next_ready = {};
    struct cdc_dma_out next = {};
    Visible seen;
};

/* The FIFO before the host's bus. */
struct Dma : sc_core::sc_module {
    sc_core::sc_in<bool> clk; /* host */
    sc_core::sc_in<struct cdc_dma_out> in;
    sc_core::sc_in<bool> bus_ready; /* the host takes a frame at this edge */
    sc_core::sc_out<struct dma_out> out;

    Dma(sc_core::sc_module_name name, const struct board_cfg &cfg);

private:
    void step();
    struct dma state;
    struct dma_out next = {};
    Visible seen;
};

struct OutputBoard : sc_core::sc_module {
    sc_core::sc_in<bool> board_clk, host_clk;
    sc_core::sc_in<struct muon_feed_out> feed; /* board, as the next four */
    sc_core::sc_in<struct recal_out> recal;
    sc_core::sc_in<uint32_t> losses;
    sc_core::sc_in<bool> stop;
    sc_core::sc_out<struct event_pack_out> event_pack;
    sc_core::sc_out<struct cdc_dma_ready> cdc_dma_ready; /* board; shown for monitors */
    sc_core::sc_out<struct cdc_dma_out> cdc_dma;         /* host; shown for monitors */
    sc_core::sc_in<bool> bus_ready;                      /* host */
    sc_core::sc_out<struct dma_out> dma;                 /* host: a frame for the host where valid */

    OutputBoard(sc_core::sc_module_name name, const struct board_cfg &cfg);
    void status(struct board_status *to) const { pack.status(to); }

private:
    EventPack pack;
    CdcDma cdc;
    Dma fifo;
};

} // namespace pins

#endif
