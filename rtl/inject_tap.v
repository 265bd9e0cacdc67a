// A place where a verification bench can put itself in front of a block's output (board.v, INJECT).
//
// seen_o           own_i, or what was last captured with select_i = 1
// clk_i            captures select_i and value_i; a clock of its own, so that a run without injection never
//                  moves it
// show_i           seen_o matters: it may keep its last value otherwise
//
// With INJECT = 0, the board that is synthesised, this is a wire. With INJECT = 1 it is for simulation only:
// wide payload is copied only while its valid is on, which takes a latch and is what makes injection nearly
// free when it is not used.
module inject_tap #(
    parameter WIDTH = 1,
    parameter INJECT = 0
) (
    /* verilator lint_off UNUSEDSIGNAL */
    input  wire             clk_i,
    input  wire             select_i,
    input  wire             show_i,
    input  wire [WIDTH-1:0] value_i,
    /* verilator lint_on UNUSEDSIGNAL */
    input  wire [WIDTH-1:0] own_i,
    output wire [WIDTH-1:0] seen_o
);
    generate
        if (INJECT != 0) begin : g_tap
            reg             selected;
            reg [WIDTH-1:0] value, seen;
            always @(posedge clk_i) begin
                selected <= select_i;
                if (select_i) value <= value_i;
            end
            /* verilator lint_off LATCH */
            always @*
                if (show_i) seen = selected ? value : own_i;
            /* verilator lint_on LATCH */
            assign seen_o = seen;
        end else begin : g_wire
            assign seen_o = own_i;
        end
    endgenerate
endmodule
