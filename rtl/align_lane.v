// Deskew FIFO of one lane: `depth_i` words, the oldest one (the head) visible without delay.
// A word stored at an edge can be the head after it (docs/chain.md, link_align).
//
// push_i, word_i   store (ignored with flush_i); overflow_o: there is no room for it, whatever pop_i says
// pop_i            drop the head; only while have_o
// flush_i          forget everything
module align_lane #(
    parameter WIDTH = 35,
    parameter ADDR = 9
) (
    input  wire             clk_i,
    input  wire             rst_i,
    input  wire [ADDR:0]    depth_i, // 1 .. 2**ADDR, constant
    input  wire             push_i,
    input  wire [WIDTH-1:0] word_i,
    output wire             overflow_o,
    input  wire             flush_i,
    input  wire             pop_i,
    output wire             have_o,
    output wire [WIDTH-1:0] head_o
);
    reg [WIDTH-1:0] mem [0:(1 << ADDR)-1];
    reg [ADDR-1:0]  w, r;
    reg [ADDR:0]    count;

    assign have_o = count != 0;
    assign overflow_o = push_i && count == depth_i;
    assign head_o = mem[r];

    function [ADDR-1:0] after(input [ADDR-1:0] at); // the ring is as long as the depth
        after = ({1'b0, at} + 1'b1 == depth_i) ? {ADDR{1'b0}} : at + 1'b1;
    endfunction

    always @(posedge clk_i)
        if (rst_i || flush_i) begin
            w <= {ADDR{1'b0}};
            r <= {ADDR{1'b0}};
            count <= {ADDR + 1{1'b0}};
        end else begin
            if (push_i) w <= after(w);
            if (pop_i) r <= after(r);
            if (push_i && !pop_i) count <= count + 1'b1;
            if (!push_i && pop_i) count <= count - 1'b1;
        end

    always @(posedge clk_i)
        if (push_i) mem[w] <= word_i;
endmodule
