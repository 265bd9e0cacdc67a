// What hls/kernels/select_pair.c computes, said in another way: one pair after the other, and a later one is
// taken only when its sum is higher.
module select_pair_reference #(
    parameter MUONS = 8
) (
    input wire [9*MUONS-1:0] pt_i,
    input wire [MUONS-1:0] charge_i,
    input wire [8:0] pt_min_i,
    output reg found_o,
    output reg [2:0] first_o,
    output reg [2:0] second_o,
    output reg [9:0] pt_sum_o
);
    integer a, b;
    reg [8:0] pt_a, pt_b;
    reg [9:0] sum;
    always @* begin
        found_o = 1'b0;
        first_o = 3'd0;
        second_o = 3'd0;
        pt_sum_o = 10'd0;
        for (a = 0; a < MUONS; a = a + 1)
            for (b = a + 1; b < MUONS; b = b + 1) begin
                pt_a = pt_i[9 * a +: 9];
                pt_b = pt_i[9 * b +: 9];
                sum = {1'b0, pt_a} + {1'b0, pt_b};
                if (pt_a != 9'd0 && pt_b != 9'd0 && pt_a >= pt_min_i && pt_b >= pt_min_i &&
                    (charge_i[a] ^ charge_i[b]) && sum > pt_sum_o) begin
                    found_o = 1'b1;
                    first_o = a[2:0];
                    second_o = b[2:0];
                    pt_sum_o = sum;
                end
            end
    end
endmodule
