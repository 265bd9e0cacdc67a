// CRC-32 of a window of 32-bit words, one word a clock edge (domain.md 4.1): polynomial 0x04C11DB7, start
// value all ones, bit 31 first, not reflected, no final xor.
//
// step_i    take word_i at this edge; first_i beside it starts a new window with this word
// crc_o     the CRC of the words taken so far (register; anything before the first `first_i`)
//
// The step is linear: the new CRC is the xor of what each of the eight 4-bit digits of crc ^ word
// contributes. A digit's contribution is one 4-input lookup a bit, so a bit of the CRC is eight LUT4 and a
// small xor tree, and a simulator reads eight small tables.
module crc32_word (
    input  wire        clk_i,
    input  wire        step_i,
    input  wire        first_i,
    input  wire [31:0] word_i,
    output reg  [31:0] crc_o
);
    localparam [31:0] POLY = 32'h04C1_1DB7;

    // What crc ^ word = value leaves after 32 shifts, as the shift register does it.
    function [31:0] shifted(input [31:0] value);
        integer b;
        begin
            shifted = value;
            for (b = 0; b < 32; b = b + 1)
                shifted = {shifted[30:0], 1'b0} ^ (shifted[31] ? POLY : 32'd0);
        end
    endfunction

    // The contributions of digit number `digit`, entry v at [32 * v +: 32].
    function [511:0] table_of(input integer digit);
        integer v;
        begin
            table_of = 512'd0;
            for (v = 0; v < 16; v = v + 1)
                table_of[32 * v +: 32] = shifted(v << (4 * digit));
        end
    endfunction

    localparam [511:0] T0 = table_of(0), T1 = table_of(1), T2 = table_of(2), T3 = table_of(3);
    localparam [511:0] T4 = table_of(4), T5 = table_of(5), T6 = table_of(6), T7 = table_of(7);

    wire [31:0] x = (first_i ? 32'hffff_ffff : crc_o) ^ word_i;

    always @(posedge clk_i)
        if (step_i)
            crc_o <= T0[{x[3:0], 5'd0} +: 32] ^ T1[{x[7:4], 5'd0} +: 32]
                   ^ T2[{x[11:8], 5'd0} +: 32] ^ T3[{x[15:12], 5'd0} +: 32]
                   ^ T4[{x[19:16], 5'd0} +: 32] ^ T5[{x[23:20], 5'd0} +: 32]
                   ^ T6[{x[27:24], 5'd0} +: 32] ^ T7[{x[31:28], 5'd0} +: 32];
endmodule
