// What hls/kernels/sort_muons.c computes, said in another way: the place of a muon is the number of those
// that come before it.
module sort_muons_reference #(
    parameter MUONS = 16
) (
    input wire [9*MUONS-1:0] pt_i,
    output reg [9*MUONS-1:0] sorted_pt_o,
    output reg [4*MUONS-1:0] slot_o
);
    integer a, b, place;
    reg [3:0] ahead;
    always @* begin
        sorted_pt_o = 0;
        slot_o = 0;
        for (a = 0; a < MUONS; a = a + 1) begin
            ahead = 4'd0;
            for (b = 0; b < MUONS; b = b + 1)
                if (pt_i[9 * b +: 9] > pt_i[9 * a +: 9] || (b < a && pt_i[9 * b +: 9] == pt_i[9 * a +: 9]))
                    ahead = ahead + 4'd1;
            for (place = 0; place < MUONS; place = place + 1)
                if (ahead == place[3:0]) begin
                    sorted_pt_o[9 * place +: 9] = pt_i[9 * a +: 9];
                    slot_o[4 * place +: 4] = a[3:0];
                end
        end
    end
endmodule
