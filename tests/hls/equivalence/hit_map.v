// What hls/kernels/hit_map.c computes, said in another way: bits, not words.
module hit_map_reference #(
    parameter WORDS = 112
) (
    input wire clk_i,
    input wire rst_i,
    input wire valid_i,
    input wire [11:0] bx_i,
    input wire [0:0] keep_i,
    input wire [6:0] read_i,
    output reg [31:0] word_o,
    output wire [11:0] kept_o,
    output reg [32*WORDS-1:0] map_s,
    output reg [11:0] count_s
);
    localparam [6:0] LAST = WORDS - 1;
    integer i;
    wire begins = bx_i == 12'd0;
    // Beyond the map the last word is meant.
    wire [11:0] bit_of_bx = bx_i[11:5] > LAST ? {LAST, bx_i[4:0]} : bx_i;
    wire [6:0] row = read_i > LAST ? LAST : read_i;
    reg [32*WORDS-1:0] next_map;
    always @* begin
        for (i = 0; i < 32 * WORDS; i = i + 1)
            next_map[i] = (map_s[i] && !begins) || (keep_i && bit_of_bx == i[11:0]);
        word_o = 32'd0;
        for (i = 0; i < WORDS; i = i + 1)
            if (row == i[6:0])
                word_o = next_map[32 * i +: 32];
    end
    assign kept_o = (begins ? 12'd0 : count_s) + {11'd0, keep_i};
    always @(posedge clk_i)
        if (rst_i) begin
            map_s <= 0;
            count_s <= 12'd0;
        end else if (valid_i) begin
            map_s <= next_map;
            count_s <= kept_o;
        end
endmodule
