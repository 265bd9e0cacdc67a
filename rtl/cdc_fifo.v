// FIFO between two clocks: 2**ADDR words, pointers cross in Gray code through SYNC_STAGES registers
// (docs/chain.md, cdc_rx). The output is a register: valid_o and data_o appear after the edge that reads.
//
// Write side: write_i stores data_i unless full_o, which may stay up some edges too long but never goes up
// too late.
//             level_o is the number of words held as seen from here, never too small.
// Read side:  a word is taken whenever ready_i and the FIFO is not empty as seen from here.
module cdc_fifo #(
    parameter WIDTH = 32,
    parameter ADDR = 4,
    parameter SYNC_STAGES = 2
) (
    input  wire             clk_w_i,
    input  wire             rst_w_i,
    input  wire             write_i,
    input  wire [WIDTH-1:0] data_i,
    output wire             full_o,
    output wire [ADDR:0]    level_o,

    input  wire             clk_r_i,
    input  wire             rst_r_i,
    input  wire             ready_i,
    output reg              valid_o,
    output reg  [WIDTH-1:0] data_o
);
    localparam P = ADDR + 1;
    localparam S = SYNC_STAGES * P;

    function [ADDR:0] to_gray(input [ADDR:0] binary);
        to_gray = binary ^ (binary >> 1);
    endfunction

    function [ADDR:0] to_binary(input [ADDR:0] gray);
        integer b;
        begin
            to_binary[ADDR] = gray[ADDR];
            for (b = ADDR - 1; b >= 0; b = b - 1)
                to_binary[b] = to_binary[b + 1] ^ gray[b];
        end
    endfunction

    reg [WIDTH-1:0] mem [0:(1 << ADDR)-1];
    reg [ADDR:0]    w, w_gray, r, r_gray;
    reg [S-1:0]     w_sync; // w_gray on its way to the read clock, newest stage lowest
    reg [S-1:0]     r_sync; // r_gray on its way to the write clock

    wire [ADDR:0] w_seen = w_sync[S-1 -: P];
    wire [ADDR:0] r_seen = r_sync[S-1 -: P];

    assign full_o = w_gray == {~r_seen[ADDR:ADDR-1], r_seen[ADDR-2:0]};
    assign level_o = w - to_binary(r_seen);

    wire store = write_i && !full_o;
    wire [ADDR:0] w_next = w + 1'b1;

    always @(posedge clk_w_i) begin
        if (store) begin
            w <= w_next;
            w_gray <= to_gray(w_next);
        end
        r_sync <= {r_sync[S-P-1:0], r_gray};
        if (rst_w_i) begin
            w <= {P{1'b0}};
            w_gray <= {P{1'b0}};
            r_sync <= {S{1'b0}};
        end
    end

    always @(posedge clk_w_i)
        if (store) mem[w[ADDR-1:0]] <= data_i;

    wire take = ready_i && r_gray != w_seen;
    wire [ADDR:0] r_next = r + 1'b1;

    always @(posedge clk_r_i) begin
        valid_o <= take && !rst_r_i;
        if (take) begin
            data_o <= mem[r[ADDR-1:0]];
            r <= r_next;
            r_gray <= to_gray(r_next);
        end
        w_sync <= {w_sync[S-P-1:0], w_gray};
        if (rst_r_i) begin
            r <= {P{1'b0}};
            r_gray <= {P{1'b0}};
            w_sync <= {S{1'b0}};
        end
    end
endmodule
