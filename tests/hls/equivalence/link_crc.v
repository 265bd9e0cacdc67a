// What hls/kernels/link_crc.c computes, said in another way: a shift register with feedback, bit after bit.
module link_crc_reference (
    input wire clk_i,
    input wire rst_i,
    input wire valid_i,
    input wire [31:0] word_i,
    input wire [0:0] first_i,
    output wire [31:0] crc_o,
    output reg [31:0] sum_s
);
    integer i;
    reg [31:0] crc;
    reg feedback;
    always @* begin
        crc = first_i ? 32'hffffffff : sum_s;
        for (i = 31; i >= 0; i = i - 1) begin
            feedback = crc[31] ^ word_i[i];
            crc = {crc[30:0], 1'b0};
            if (feedback)
                crc = crc ^ 32'h04c11db7;
        end
    end
    assign crc_o = crc;
    always @(posedge clk_i)
        if (rst_i)
            sum_s <= 32'hffffffff;
        else if (valid_i)
            sum_s <= crc;
endmodule
