// The frame that event_pack sends: eight words made from the entry, its corrections, the hit map or the
// counters (docs/chain.md, event_pack, Out). All outputs are registers.
//
// send_i, kind_i, index_i   a frame goes out at this edge
// frame_i                   BLOCK: the frame of the block, corrected if that is wanted
// phi_i, eta_i, pt_i        APPENDED: corrections by slot; queued_i, skipped_i are order masks
// row_i                     TRAILER: the row of the hit map
module pack_words (
    input  wire         clk_i,
    input  wire         rst_i,
    input  wire         send_i,
    input  wire [2:0]   kind_i,
    input  wire [4:0]   index_i,
    input  wire [11:0]  bx_i,
    input  wire [31:0]  orbit_i,
    input  wire [15:0]  queued_i,
    input  wire [15:0]  skipped_i,
    input  wire [255:0] frame_i,
    input  wire [255:0] phi_i,
    input  wire [255:0] eta_i,
    input  wire [255:0] pt_i,
    input  wire [255:0] row_i,
    input  wire [31:0]  losses_i,
    input  wire [31:0]  dropped_orbits_i,
    input  wire [11:0]  packet_orbits_i,
    output reg          valid_o,
    output reg  [2:0]   kind_o,
    output reg  [4:0]   index_o,
    output reg  [11:0]  bx_o,
    output reg  [31:0]  orbit_o,
    output reg  [255:0] w_o
);
    localparam [2:0] HEADER = 3'd0, BLOCK = 3'd1, APPENDED = 3'd2, TRAILER = 3'd3;
    localparam [31:0] APPENDED_MAGIC = 32'hB0AC_0001, TRAILER_MAGIC = 32'hBEEF_DEAD;
    localparam [31:0] PACKET_MAGIC = 32'hDEAD_BEEF;
    localparam [4:0] HIT_ROWS = 5'd14;

    function [15:0] slots(input [15:0] orders); // slot 2 * lane + B has order 8 * B + lane
        integer l;
        for (l = 0; l < 8; l = l + 1) begin
            slots[2 * l] = orders[l];
            slots[2 * l + 1] = orders[8 + l];
        end
    endfunction

    function [255:0] of_slots(input [255:0] values, input [15:0] which);
        integer s;
        for (s = 0; s < 16; s = s + 1)
            of_slots[16 * s +: 16] = which[s] ? values[16 * s +: 16] : 16'd0;
    endfunction

    reg [31:0] header_orbit; // of the last header sent: a trailer's

    always @(posedge clk_i) begin
        valid_o <= send_i && !rst_i;
        if (send_i) begin
            kind_o <= kind_i;
            index_o <= index_i;
            bx_o <= 12'd0;
            orbit_o <= orbit_i;
            case (kind_i)
                HEADER: begin
                    header_orbit <= orbit_i;
                    w_o <= {224'd0, orbit_i};
                end
                BLOCK: begin
                    bx_o <= bx_i;
                    w_o <= frame_i;
                end
                APPENDED: begin
                    bx_o <= bx_i;
                    case (index_i[1:0])
                        2'd0: w_o <= {128'd0, orbit_i, 20'd0, bx_i, slots(queued_i), slots(skipped_i),
                                      APPENDED_MAGIC};
                        2'd1: w_o <= of_slots(phi_i, slots(queued_i));
                        2'd2: w_o <= of_slots(eta_i, slots(queued_i));
                        2'd3: w_o <= of_slots(pt_i, slots(queued_i));
                    endcase
                end
                TRAILER: begin
                    orbit_o <= header_orbit;
                    w_o <= index_i == 5'd0 ? {8{TRAILER_MAGIC}} : index_i <= HIT_ROWS ? row_i : 256'd0;
                end
                default: begin // packet end
                    orbit_o <= 32'd0;
                    w_o <= {32'd0, 20'd0, packet_orbits_i, 32'd0, dropped_orbits_i, 32'd0, losses_i,
                            PACKET_MAGIC, PACKET_MAGIC};
                end
            endcase
        end
    end
endmodule
