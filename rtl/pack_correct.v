// Eight muons corrected in place (docs/chain.md, event_pack, In place): phi, eta and pT of their low words
// move by corrections in 1/16 of a code, rounded to whole codes. Combinational; lanes not in `lanes_i` pass.
//
// words_i          low words, lane l at [32 * l +: 32]: muons A, with b_i muons B
// phi_i .. pt_i    corrections, signed, slot 2 * l + {A: 0, B: 1} at [16 * slot +: 16]
module pack_correct (
    input  wire [7:0]   lanes_i,
    input  wire         b_i,
    input  wire [255:0] words_i,
    input  wire [255:0] phi_i,
    input  wire [255:0] eta_i,
    input  wire [255:0] pt_i,
    output reg  [255:0] words_o
);
    localparam [9:0] PHI_CODES = 10'd576;
    localparam signed [13:0] ETA_MAX = 14'sd225, PT_MIN = 14'sd1, PT_MAX = 14'sd510;
    localparam [8:0] PT_OVERFLOW = 9'd511;

    function signed [13:0] codes(input [15:0] sixteenths); // -2048 .. 2048
        /* verilator lint_off UNUSEDSIGNAL */
        reg signed [16:0] sum; // the sixteenths are dropped, that is the rounding
        /* verilator lint_on UNUSEDSIGNAL */
        begin
            sum = $signed({sixteenths[15], sixteenths}) + 17'sd8;
            codes = 14'sd0 + $signed(sum[16:4]);
        end
    endfunction

    function [9:0] wrapped(input signed [13:0] phi); // modulo 576 of -2048 .. 2623, by trial subtraction
        reg [13:0] rest;
        begin
            rest = $unsigned(phi) + 14'd2304; // 4 turns up: 256 .. 4927
            if (rest >= 14'd4608) rest = rest - 14'd4608;
            if (rest >= 14'd2304) rest = rest - 14'd2304;
            if (rest >= 14'd1152) rest = rest - 14'd1152;
            if (rest >= 14'd576) rest = rest - 14'd576;
            wrapped = rest[9:0];
        end
    endfunction

    function [8:0] clamped(input signed [13:0] value, input signed [13:0] low, input signed [13:0] high);
        clamped = value < low ? low[8:0] : value > high ? high[8:0] : value[8:0];
    endfunction

    function [31:0] corrected(input [31:0] word, input [15:0] phi, input [15:0] eta, input [15:0] pt);
        begin
            corrected = word;
            if (word[9:0] < PHI_CODES) // other codes the GMT does not send
                corrected[9:0] = wrapped($signed({4'd0, word[9:0]}) + codes(phi));
            if (word[18:10] != PT_OVERFLOW)
                corrected[18:10] = clamped($signed({5'd0, word[18:10]}) + codes(pt), PT_MIN, PT_MAX);
            corrected[31:23] = clamped($signed({{5{word[31]}}, word[31:23]}) + codes(eta), -ETA_MAX, ETA_MAX);
        end
    endfunction

    integer l;
    always @* begin
        words_o = words_i;
        for (l = 0; l < 8; l = l + 1)
            if (lanes_i[l])
                words_o[32 * l +: 32] = corrected(words_i[32 * l +: 32],
                                                  b_i ? phi_i[32 * l + 16 +: 16] : phi_i[32 * l +: 16],
                                                  b_i ? eta_i[32 * l + 16 +: 16] : eta_i[32 * l +: 16],
                                                  b_i ? pt_i[32 * l + 16 +: 16] : pt_i[32 * l +: 16]);
    end
endmodule
