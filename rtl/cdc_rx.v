// One lane's crossing from the line clock to the board clock (docs/chain.md, cdc_rx): 16 words, and a counter
// of the words that found it full. Links cannot be stalled, so a word that finds it full is lost.
module cdc_rx #(
    parameter SYNC_STAGES = 2
) (
    input  wire        clk_line_i,
    input  wire        rst_line_i,
    input  wire        valid_i,
    input  wire        first_i,
    input  wire        err_i,
    input  wire        crc_bad_i,
    input  wire [31:0] data_i,
    output reg  [31:0] overflows_o,

    input  wire        clk_board_i,
    input  wire        rst_board_i,
    output wire        valid_o,
    output wire        first_o,
    output wire        err_o,
    output wire        crc_bad_o,
    output wire [31:0] data_o
);
    wire full;

    cdc_fifo #(.WIDTH(35), .ADDR(4), .SYNC_STAGES(SYNC_STAGES)) u_fifo (
        .clk_w_i(clk_line_i), .rst_w_i(rst_line_i),
        .write_i(valid_i), .data_i({first_i, err_i, crc_bad_i, data_i}), .full_o(full),
        /* verilator lint_off PINCONNECTEMPTY */
        .level_o(), // only the way to the host holds its writer back
        /* verilator lint_on PINCONNECTEMPTY */
        .clk_r_i(clk_board_i), .rst_r_i(rst_board_i),
        .ready_i(1'b1), .valid_o(valid_o), .data_o({first_o, err_o, crc_bad_o, data_o})
    );

    always @(posedge clk_line_i)
        if (rst_line_i) overflows_o <= 32'd0;
        else if (valid_i && full) overflows_o <= overflows_o + 32'd1;
endmodule
