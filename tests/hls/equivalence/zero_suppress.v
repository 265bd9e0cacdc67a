// What hls/kernels/zero_suppress.c computes, said in another way: the words are taken one after the other, and
// a word that holds a pT is held against the threshold.
module zero_suppress_reference (
    input wire [1535:0] block_i,
    input wire [11:0] bx_i,
    input wire [31:0] orbit_i,
    input wire [23:0] flags_i,
    input wire [8:0] pt_min_i,
    input wire [15:0] slots_i,
    output reg keep_o,
    output wire [1535:0] block_out_o,
    output wire [11:0] bx_out_o,
    output wire [31:0] orbit_out_o,
    output wire [23:0] flags_out_o
);
    integer word, frame, lane;
    reg [8:0] pt;
    always @* begin
        keep_o = pt_min_i == 9'd0;
        for (word = 0; word < 48; word = word + 1) begin
            frame = word / 8;
            lane = word % 8;
            pt = block_i[32 * word + 10 +: 9];
            if (frame == 2 && slots_i[2 * lane] && !(pt < pt_min_i))
                keep_o = 1'b1;
            if (frame == 4 && slots_i[2 * lane + 1] && !(pt < pt_min_i))
                keep_o = 1'b1;
        end
    end
    assign block_out_o = block_i;
    assign bx_out_o = bx_i;
    assign orbit_out_o = orbit_i;
    assign flags_out_o = flags_i;
endmodule
