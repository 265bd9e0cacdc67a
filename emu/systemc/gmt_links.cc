#include "emu/systemc/gmt_links.h"

namespace pins {

GmtLinks::GmtLinks(sc_core::sc_module_name name, struct gmt_link *link, uint32_t last_orbit)
    : sc_module(name), clk("clk"), words("words"), tag("tag"), stop("stop"), idle("idle"), failed("failed"),
      link(link), last_orbit(last_orbit)
{
    SC_HAS_PROCESS(GmtLinks);
    SC_METHOD(step);
    sensitive << clk.pos();
    dont_initialize();
}

void GmtLinks::next_row()
{
    more = gmt_link_next(link, &row, &row_tag);
    show(words, row);
    show(tag, row_tag);
}

void GmtLinks::start_of_simulation()
{
    next_row();
}

void GmtLinks::step()
{
    if (more < 0) {
        failed.write(true);
        return;
    }
    idle.write(more == 0);
    if (outside_stop(&row_tag, more == 0, last_orbit))
        stop.write(true);
    next_row();
}

HostBus::HostBus(sc_core::sc_module_name name, struct bus_stall *stall)
    : sc_module(name), line_clk("line_clk"), host_clk("host_clk"), tag("tag"), ready("ready"), stall(stall)
{
    SC_HAS_PROCESS(HostBus);
    SC_METHOD(step);
    sensitive << line_clk.pos() << host_clk.pos();
    dont_initialize();
}

void HostBus::start_of_simulation()
{
    taking = bus_stall_ready(stall);
    ready.write(taking);
}

void HostBus::step()
{
    unsigned ticking = ticking_bit(line_clk, DOMAIN_LINE) | ticking_bit(host_clk, DOMAIN_HOST);
    taking = outside_bus_ready(stall, ticking, &tag.read(), taking);
    ready.write(taking);
}

} // namespace pins
