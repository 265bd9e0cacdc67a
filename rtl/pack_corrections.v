// The corrections that come back from the engines, kept beside the entries that wait for them (docs/chain.md,
// event_pack, Corrections store): a row of 16 {phi, eta, pt} and a done mask (by order) for each entry of
// pack_store, and for each seq the row that wants it.
//
// note_i           a kept BX arrives: results of note_seq_i belong to row note_row_i, whose done mask is
//                  cleared, or with note_wanted_i = 0 to nobody
// result_*_i       engine e at bit e; results of one edge are of different slots (they are muons of one BX)
// row_i            whose done mask shows at done_o, and with read_i whose corrections show: slot s at
//                  [16 * s +: 16] of phi_o, eta_o, pt_o (0 without read_i)
module pack_corrections (
    input  wire         clk_i,
    input  wire         note_i,
    input  wire         note_wanted_i,
    input  wire [7:0]   note_seq_i,
    input  wire [5:0]   note_row_i,
    input  wire [2:0]   result_valid_i,
    input  wire [23:0]  result_seq_i,
    input  wire [11:0]  result_slot_i,
    input  wire [47:0]  result_phi_i,
    input  wire [47:0]  result_eta_i,
    input  wire [47:0]  result_pt_i,
    input  wire [5:0]   row_i,
    input  wire         read_i,
    output wire [15:0]  done_o,
    output wire [255:0] phi_o,
    output wire [255:0] eta_o,
    output wire [255:0] pt_o
);
    reg [6:0]  wanted [0:255]; // by seq: {wanted, row}
    reg [15:0] done [0:63];    // by row

    assign done_o = done[row_i];

    // Engine e's result goes to row target[6 * e +: 6] if store[e].
    wire [2:0]  store;
    wire [17:0] target;
    genvar      r;
    generate
        for (r = 0; r < 3; r = r + 1) begin : g_result
            assign {store[r], target[6 * r +: 6]} =
                result_valid_i[r] ? wanted[result_seq_i[8 * r +: 8]] : 7'd0;
        end
    endgenerate

    integer e;
    always @(posedge clk_i) begin
        for (e = 0; e < 3; e = e + 1)
            if (store[e]) // order of a slot: {B, lane}
                done[target[6 * e +: 6]][{result_slot_i[4 * e], result_slot_i[4 * e + 1 +: 3]}] <= 1'b1;
        if (note_i) begin
            wanted[note_seq_i] <= {note_wanted_i, note_row_i};
            if (note_wanted_i) done[note_row_i] <= 16'd0;
        end
    end

    genvar s;
    generate
        for (s = 0; s < 16; s = s + 1) begin : g_slot
            reg [47:0] bank [0:63];
            reg        write;
            reg [1:0]  engine;
            integer    k;
            always @* begin
                write = 1'b0;
                engine = 2'd0;
                if (store != 3'd0)
                    for (k = 0; k < 3; k = k + 1)
                        if (store[k] && result_slot_i[4 * k +: 4] == s) begin
                            write = 1'b1;
                            engine = k[1:0];
                        end
            end
            always @(posedge clk_i)
                if (write)
                    bank[target[6 * engine +: 6]] <= {result_pt_i[16 * engine +: 16],
                                                      result_eta_i[16 * engine +: 16],
                                                      result_phi_i[16 * engine +: 16]};
            assign {pt_o[16 * s +: 16], eta_o[16 * s +: 16], phi_o[16 * s +: 16]} =
                read_i ? bank[row_i] : 48'd0;
        end
    endgenerate
endmodule
