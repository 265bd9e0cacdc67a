// What hls/kernels/orbit_counter.c computes, said in another way: the present bunch crossing is kept, not the
// next one.
module orbit_counter_reference (
    input wire clk_i,
    input wire rst_i,
    input wire valid_i,
    input wire [0:0] sync_i,
    output wire [11:0] bx_o,
    output wire [31:0] orbit_o,
    output wire slipped_o,
    output wire [11:0] next_bx_s,
    output reg [31:0] orbits_s,
    output reg running_s
);
    reg [11:0] last_bx; // 3563 after a reset: BX 0 is next
    assign next_bx_s = last_bx == 12'd3563 ? 12'd0 : last_bx + 12'd1;
    assign bx_o = sync_i ? 12'd0 : next_bx_s;
    assign orbit_o = bx_o == 12'd0 ? orbits_s + 32'd1 : orbits_s;
    assign slipped_o = running_s ? sync_i ^ (next_bx_s == 12'd0) : 1'b0;
    always @(posedge clk_i)
        if (rst_i) begin
            last_bx <= 12'd3563;
            orbits_s <= 32'd0;
            running_s <= 1'b0;
        end else if (valid_i) begin
            last_bx <= bx_o;
            orbits_s <= orbit_o;
            running_s <= running_s | sync_i;
        end
endmodule
