// The hit map of the orbit being written: a bit for each BX whose block went out (domain.md 3.1: bit i of
// word k is BX 32 k + i), shown as 14 rows of 8 words. Eight banks of 14 words; a word counts only once it
// has been written since clear_i, so that clearing takes one edge.
//
// set_i, bx_i      set a bit
// read_i, row_i    show row 0..13 at row_o (0 without read_i)
module pack_hit_map (
    input  wire         clk_i,
    input  wire         rst_i,
    input  wire         clear_i,
    input  wire         set_i,
    input  wire [11:0]  bx_i,
    input  wire         read_i,
    input  wire [3:0]   row_i,
    output wire [255:0] row_o
);
    genvar k;
    generate
        for (k = 0; k < 8; k = k + 1) begin : g_bank
            reg [31:0] words [0:15];
            reg [15:0] live;
            wire       mine = set_i && bx_i[7:5] == k;

            assign row_o[32 * k +: 32] = (read_i && live[row_i]) ? words[row_i] : 32'd0;

            always @(posedge clk_i)
                if (mine)
                    words[bx_i[11:8]] <= (32'd1 << bx_i[4:0])
                                       | (live[bx_i[11:8]] ? words[bx_i[11:8]] : 32'd0);

            always @(posedge clk_i)
                if (rst_i || clear_i) live <= 16'd0;
                else if (mine) live[bx_i[11:8]] <= 1'b1;
        end
    endgenerate
endmodule
