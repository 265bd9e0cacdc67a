// The corrections that came back from the engines, by seq and slot (docs/chain.md, event_pack, Corrections store):
// one bank of 256 {phi, eta, pt} a slot, and a done mask (by order) a seq.
//
// result_*_i       engine e at bit e; results of one edge are of different slots (they are muons of one BX)
// clear_i          forget what is done of clear_seq_i
// seq_i            whose done mask shows at done_o, and with read_i whose corrections show: slot s at
//                  [16 * s +: 16] of phi_o, eta_o, pt_o (0 without read_i)
module pack_corrections (
    input  wire         clk_i,
    input  wire [2:0]   result_valid_i,
    input  wire [23:0]  result_seq_i,
    input  wire [11:0]  result_slot_i,
    input  wire [47:0]  result_phi_i,
    input  wire [47:0]  result_eta_i,
    input  wire [47:0]  result_pt_i,
    input  wire         clear_i,
    input  wire [7:0]   clear_seq_i,
    input  wire [7:0]   seq_i,
    input  wire         read_i,
    output wire [15:0]  done_o,
    output wire [255:0] phi_o,
    output wire [255:0] eta_o,
    output wire [255:0] pt_o
);
    reg [15:0] done [0:255];
    integer    e;

    assign done_o = done[seq_i];

    always @(posedge clk_i) begin
        for (e = 0; e < 3; e = e + 1)
            if (result_valid_i[e]) // order of a slot: {B, lane}
                done[result_seq_i[8 * e +: 8]][{result_slot_i[4 * e], result_slot_i[4 * e + 1 +: 3]}] <= 1'b1;
        if (clear_i) done[clear_seq_i] <= 16'd0;
    end

    genvar s;
    generate
        for (s = 0; s < 16; s = s + 1) begin : g_slot
            reg [47:0] bank [0:255];
            reg        write;
            reg [1:0]  engine;
            integer    k;
            always @* begin
                write = 1'b0;
                engine = 2'd0;
                if (result_valid_i != 3'd0)
                    for (k = 0; k < 3; k = k + 1)
                        if (result_valid_i[k] && result_slot_i[4 * k +: 4] == s) begin
                            write = 1'b1;
                            engine = k[1:0];
                        end
            end
            always @(posedge clk_i)
                if (write)
                    bank[result_seq_i[8 * engine +: 8]] <= {result_pt_i[16 * engine +: 16],
                                                            result_eta_i[16 * engine +: 16],
                                                            result_phi_i[16 * engine +: 16]};
            assign {pt_o[16 * s +: 16], eta_o[16 * s +: 16], phi_o[16 * s +: 16]} = read_i ? bank[seq_i] : 48'd0;
        end
    endgenerate
endmodule
