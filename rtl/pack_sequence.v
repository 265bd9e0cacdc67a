// What event_pack sends next: chooses headers, blocks, trailers and packet ends, and counts their frames
// (docs/chain.md, event_pack, Out).
//
// ready_i           a frame may go out at this edge
// have_i .. block_i the oldest entry: there is one; it starts / ends an orbit, has a block
// complete_i        its corrections are there, or not wanted
// entry_o           a frame goes out that the oldest entry, or a full packet, asks for: kind_o, index_o
// send_o            a frame goes out: as entry_o, or the packet end that stop_i asks for. (stop_i comes from
//                   outside the board. Only send_o depends on it, so nothing wide is evaluated when the
//                   outside world moves.)
// pop_o             the oldest entry is done with; block_end_o, trailer_end_o: the last frame of these goes
//                   out
// packet_orbits_o   orbits since the last packet end
module pack_sequence (
    input  wire        clk_i,
    input  wire        rst_i,
    input  wire        cfg_appended_i,
    input  wire [11:0] cfg_orbits_per_packet_i,
    input  wire        ready_i,
    input  wire        stop_i,
    input  wire        have_i,
    input  wire        start_i,
    input  wire        end_i,
    input  wire        block_i,
    input  wire        complete_i,
    input  wire [31:0] dropped_orbits_i,
    output wire        entry_o,
    output wire        send_o,
    output wire [2:0]  kind_o,
    output wire [4:0]  index_o,
    output wire        pop_o,
    output wire        block_end_o,
    output wire        trailer_end_o,
    output reg  [11:0] packet_orbits_o,
    output reg  [31:0] orbits_o,
    output reg  [31:0] packets_o
);
    localparam [2:0] HEADER = 3'd0, BLOCK = 3'd1, APPENDED = 3'd2, TRAILER = 3'd3, PACKET = 3'd4;
    localparam [4:0] BLOCK_FRAMES = 5'd6, APPENDED_FRAMES = 5'd4, TRAILER_FRAMES = 5'd17;

    // frames of the item that are out; an item is BLOCK with its APPENDED frames, or one other kind
    reg [4:0]  index;
    reg [2:0]  what;
    reg        out_open, header_done, block_done, packet_due;
    reg [31:0] packet_drops; // dropped orbits that packet ends have told of

    wire opens = start_i && !header_done; // the oldest entry begins an orbit that has no header yet

    reg       due;
    reg [2:0] item;
    always @* begin
        due = 1'b1;
        item = what;
        if (index == 5'd0) begin
            if (packet_due)
                item = PACKET;
            else if (!have_i) begin
                item = PACKET;
                due = 1'b0;
            end else if (opens)
                item = out_open ? TRAILER : HEADER; // an orbit that broke off is closed first
            else if (block_i && !block_done) begin
                item = BLOCK;
                due = complete_i;
            end else
                item = TRAILER;
        end
    end

    wire untold = packet_orbits_o != 12'd0 || dropped_orbits_i != packet_drops;
    wire rest = index == 5'd0 && !packet_due && !have_i && !out_open && untold;

    assign entry_o = ready_i && due;
    assign send_o = ready_i && (due || (rest && stop_i));

    wire appended = item == BLOCK && index >= BLOCK_FRAMES;
    assign kind_o = appended ? APPENDED : item;
    assign index_o = appended ? index - BLOCK_FRAMES : index;

    wire [4:0] frames = item == TRAILER ? TRAILER_FRAMES
                      : item != BLOCK ? 5'd1
                      : cfg_appended_i ? BLOCK_FRAMES + APPENDED_FRAMES : BLOCK_FRAMES;
    wire       last = index == frames - 5'd1;
    wire       header_end = entry_o && last && item == HEADER;

    assign block_end_o = entry_o && last && item == BLOCK;
    assign trailer_end_o = entry_o && last && item == TRAILER;
    assign pop_o = (header_end && !block_i && !end_i) || (block_end_o && !end_i) || (trailer_end_o && !opens);

    always @(posedge clk_i)
        if (rst_i) begin
            index <= 5'd0;
            out_open <= 1'b0;
            header_done <= 1'b0;
            block_done <= 1'b0;
        end else if (entry_o) begin
            index <= last ? 5'd0 : index + 5'd1;
            what <= item;
            if (header_end) out_open <= 1'b1;
            if (trailer_end_o) out_open <= 1'b0;
            header_done <= (header_done || header_end) && !pop_o;
            block_done <= (block_done || block_end_o) && !pop_o;
        end

    always @(posedge clk_i)
        if (rst_i) begin
            packet_due <= 1'b0;
            packet_orbits_o <= 12'd0;
            packet_drops <= 32'd0;
            orbits_o <= 32'd0;
            packets_o <= 32'd0;
        end else if (trailer_end_o) begin
            orbits_o <= orbits_o + 32'd1;
            packet_orbits_o <= packet_orbits_o + 12'd1;
            if (packet_orbits_o + 12'd1 == cfg_orbits_per_packet_i) packet_due <= 1'b1;
        end else if (send_o && item == PACKET) begin
            packet_due <= 1'b0;
            packet_orbits_o <= 12'd0;
            packet_drops <= dropped_orbits_i;
            packets_o <= packets_o + 32'd1;
        end
endmodule
