/* The outside world as modules: the links from the GMT with run control, and the host's bus. */
#ifndef EMU_SYSTEMC_GMT_LINKS_H
#define EMU_SYSTEMC_GMT_LINKS_H

#include "emu/systemc/bus_signals.h"

#include "emu/chain/outside.h"

namespace pins {

/* Eight lanes of line words (emu/model/gmt_link.h). `words` and `tag` show, from the start and after each
 * edge, the row that the next edge samples. */
struct GmtLinks : sc_core::sc_module {
    sc_core::sc_in<bool> clk; /* line */
    sc_core::sc_out<struct line_in> words;
    sc_core::sc_out<struct line_tag> tag; /* what the words truly are: for monitors, there is no such pin */
    sc_core::sc_out<bool> stop;   /* run control's: set by the row of the middle of the last orbit */
    sc_core::sc_out<bool> idle;   /* the row that the last edge sampled was idle on all lanes */
    sc_core::sc_out<bool> failed; /* the source has no row for the last edge */

    /* `link` is not owned. */
    GmtLinks(sc_core::sc_module_name name, struct gmt_link *link, uint32_t last_orbit);

private:
    void start_of_simulation() override;
    void step();
    void next_row();

    struct gmt_link *const link;
    const uint32_t last_orbit;
    struct line_in row;
    struct line_tag row_tag;
    int more = 1; /* what gmt_link_next() said of the row */
};

/* Whether the host takes a frame (emu/chain/bus_stall.h). */
struct HostBus : sc_core::sc_module {
    sc_core::sc_in<bool> line_clk, host_clk;
    sc_core::sc_in<struct line_tag> tag; /* stalls can begin with a BX on lane 0 */
    sc_core::sc_out<bool> ready;         /* at the next host edge */

    /* `stall` is not owned. */
    HostBus(sc_core::sc_module_name name, struct bus_stall *stall);

private:
    void start_of_simulation() override;
    void step();

    struct bus_stall *const stall;
    bool taking = false;
};

} // namespace pins

#endif
