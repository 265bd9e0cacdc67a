#include "emu/systemc/input_board.h"

namespace pins {

LinkRx::LinkRx(sc_core::sc_module_name name, const struct board_cfg &cfg)
    : sc_module(name), clk("clk"), words("words"), out("out")
{
    link_rx_init(&state, &cfg);
    SC_HAS_PROCESS(LinkRx);
    SC_METHOD(step);
    sensitive << clk.pos();
    dont_initialize();
}

void LinkRx::step()
{
    take(seen.in, words);
    struct bus_view now = seen.view();
    link_rx_step(&state, &now, &next);
    show(out, next);
}

CdcRx::CdcRx(sc_core::sc_module_name name, const struct board_cfg &cfg)
    : sc_module(name), line_clk("line_clk"), board_clk("board_clk"), in("in"), out("out")
{
    cdc_rx_init(&state, &cfg);
    SC_HAS_PROCESS(CdcRx);
    SC_METHOD(step);
    sensitive << line_clk.pos() << board_clk.pos();
    dont_initialize();
}

void CdcRx::step()
{
    take(seen.line.link_rx, in);
    struct bus_view now = seen.view();
    if (line_clk.posedge())
        cdc_rx_step_line(&state, &now);
    if (board_clk.posedge()) {
        cdc_rx_step_board(&state, &now, &next);
        show(out, next);
    }
    cdc_rx_commit(&state);
}

LinkAlign::LinkAlign(sc_core::sc_module_name name, const struct board_cfg &cfg)
    : sc_module(name), clk("clk"), in("in"), out("out"), losses("losses")
{
    link_align_init(&state, &cfg);
    SC_HAS_PROCESS(LinkAlign);
    SC_METHOD(step);
    sensitive << clk.pos();
    dont_initialize();
}

void LinkAlign::step()
{
    take(seen.board.cdc_rx, in);
    struct bus_view now = seen.view();
    link_align_step(&state, &now, &next);
    show(out, next);
    show(losses, link_align_faults(&state));
}

InputBoard::InputBoard(sc_core::sc_module_name name, const struct board_cfg &cfg)
    : sc_module(name), line_clk("line_clk"), board_clk("board_clk"), words("words"), link_rx("link_rx"),
      cdc_rx("cdc_rx"), link_align("link_align"), losses("losses"), rx("rx", cfg), cdc("cdc", cfg),
      align("align", cfg)
{
    rx.clk(line_clk);
    rx.words(words);
    rx.out(link_rx);
    cdc.line_clk(line_clk);
    cdc.board_clk(board_clk);
    cdc.in(link_rx);
    cdc.out(cdc_rx);
    align.clk(board_clk);
    align.in(cdc_rx);
    align.out(link_align);
    align.losses(losses);
}

void InputBoard::status(struct board_status *to) const
{
    rx.status(to);
    cdc.status(to);
    align.status(to);
}

} // namespace pins
