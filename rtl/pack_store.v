// The entries that event_pack holds, oldest first: up to 64 of {info, block}. The oldest one shows without
// delay; its block shows one frame of 8 words at a time, and only while block_read_i (0 otherwise), which
// keeps an idle board quiet. An entry stored at an edge shows after it. The caller looks at level_o before it
// pushes.
module pack_store #(
    parameter WIDTH = 32
) (
    input  wire             clk_i,
    input  wire             rst_i,
    input  wire             push_i,
    input  wire             push_block_i, // beside push_i: the entry has a block
    input  wire [WIDTH-1:0] info_i,
    input  wire [1535:0]    block_i,
    input  wire             pop_i,
    input  wire             block_read_i,
    input  wire [2:0]       frame_i,
    output reg  [6:0]       level_o,
    output wire [5:0]       free_o,   // where the next entry goes
    output wire [5:0]       oldest_o, // where the oldest entry is
    output wire [WIDTH-1:0] info_o,
    output wire [255:0]     frame_o
);
    reg [WIDTH-1:0] info [0:63];
    reg [1535:0]    block [0:63];
    reg [5:0]       w, r;

    assign free_o = w;
    assign oldest_o = r;
    assign info_o = info[r];

    assign frame_o = block_read_i ? block[r][{frame_i, 8'd0} +: 256] : 256'd0;

    always @(posedge clk_i)
        if (rst_i) begin
            w <= 6'd0;
            r <= 6'd0;
            level_o <= 7'd0;
        end else begin
            if (push_i) w <= w + 6'd1;
            if (pop_i) r <= r + 6'd1;
            if (push_i && !pop_i) level_o <= level_o + 7'd1;
            if (!push_i && pop_i) level_o <= level_o - 7'd1;
        end

    always @(posedge clk_i)
        if (push_i) begin
            info[w] <= info_i;
            if (push_block_i) block[w] <= block_i;
        end
endmodule
