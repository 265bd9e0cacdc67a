/* The input board: eight lanes of line words in, one block of all lanes a BX out (docs/chain.md: link_rx,
 * cdc_rx, link_align). All outputs are registers; modules start in the state after reset. */
#ifndef EMU_SYSTEMC_INPUT_BOARD_H
#define EMU_SYSTEMC_INPUT_BOARD_H

#include "emu/systemc/bus_signals.h"

#include "emu/model/cdc_rx.h"
#include "emu/model/link_align.h"
#include "emu/model/link_rx.h"

namespace pins {

/* Comma lock, padding removal, CRC; each lane alone. */
struct LinkRx : sc_core::sc_module {
    sc_core::sc_in<bool> clk; /* line */
    sc_core::sc_in<struct line_in> words;
    sc_core::sc_out<struct link_rx_out> out;

    LinkRx(sc_core::sc_module_name name, const struct board_cfg &cfg);
    void status(struct board_status *to) const { link_rx_status(&state, to); }

private:
    void step();
    struct link_rx state;
    struct link_rx_out next = {};
    Visible seen;
};

/* The crossing from line to board. */
struct CdcRx : sc_core::sc_module {
    sc_core::sc_in<bool> line_clk, board_clk;
    sc_core::sc_in<struct link_rx_out> in; /* line */
    sc_core::sc_out<struct cdc_rx_out> out; /* board */

    CdcRx(sc_core::sc_module_name name, const struct board_cfg &cfg);
    void status(struct board_status *to) const { cdc_rx_status(&state, to); }

private:
    void step();
    struct cdc_rx state;
    struct cdc_rx_out next = {};
    Visible seen;
};

/* Deskew and alignment to BX. */
struct LinkAlign : sc_core::sc_module {
    sc_core::sc_in<bool> clk; /* board */
    sc_core::sc_in<struct cdc_rx_out> in;
    sc_core::sc_out<struct link_align_out> out;
    sc_core::sc_out<uint32_t> losses; /* align_losses + align_overflows, for event_pack's packet trailers */

    LinkAlign(sc_core::sc_module_name name, const struct board_cfg &cfg);
    void status(struct board_status *to) const { link_align_status(&state, to); }

private:
    void step();
    struct link_align state;
    struct link_align_out next = {};
    Visible seen;
};

struct InputBoard : sc_core::sc_module {
    sc_core::sc_in<bool> line_clk, board_clk;
    sc_core::sc_in<struct line_in> words;           /* line */
    sc_core::sc_out<struct link_rx_out> link_rx;    /* line; shown for monitors */
    sc_core::sc_out<struct cdc_rx_out> cdc_rx;      /* board; shown for monitors */
    sc_core::sc_out<struct link_align_out> link_align; /* board: valid for one cycle a BX */
    sc_core::sc_out<uint32_t> losses;               /* board */

    InputBoard(sc_core::sc_module_name name, const struct board_cfg &cfg);
    void status(struct board_status *to) const; /* the counters of its blocks */

private:
    LinkRx rx;
    CdcRx cdc;
    LinkAlign align;
};

} // namespace pins

#endif
