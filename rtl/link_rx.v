// One lane of the 10 Gb/s receiver, behind the 8b/10b decoder: finds the payload, judges the link
// (docs/chain.md, link_rx; domain.md 4.1). Latency 1.
//
// data_i, k_i          one word and its K bits, every edge
// valid_o              data_o is a payload word; gap, padding, CRC and link id are gone
//   first_o              it is the first one after a gap; beside it crc_bad_o: the window before the gap was
//                        bad
//   err_o                it came with a wrong K character
// lock_o               three commas in a row have been seen, and every gap since was whole
// the rest             counters (32 bits, wrapping) and the 20-bit link id as last received
module link_rx (
    input  wire        clk_i,
    input  wire        rst_i,
    input  wire [31:0] data_i,
    input  wire [3:0]  k_i,
    output reg         valid_o,
    output reg         first_o,
    output reg         err_o,
    output reg         crc_bad_o,
    output reg         lock_o,
    output reg  [31:0] data_o,
    output reg  [31:0] words_o,
    output reg  [31:0] pads_o,
    output reg  [31:0] commas_o,
    output reg  [31:0] k_errors_o,
    output reg  [31:0] crc_ok_count_o,
    output reg  [31:0] crc_bad_count_o,
    output reg  [31:0] lock_losses_o,
    output reg  [19:0] link_id_o
);
    localparam [31:0] COMMA = 32'h5050_50BC;
    localparam [31:0] PAD = 32'hF7F7_F7F7;
    localparam [1:0] GAP = 2'd0, DATA = 2'd1, CRC = 2'd2, ID = 2'd3;

    reg [1:0] state;
    reg [1:0] commas; // in a row, 3 = three or more
    reg       window; // a whole window since lock: its CRC can be judged
    reg       bad;    // this gap's CRC was bad or missing

    // The CRC takes the words one edge later, from the output register. That is early enough: at least a
    // comma stands between the last payload word and the CRC that is compared.
    wire [31:0] crc;
    crc32_word u_crc (.clk_i(clk_i), .step_i(valid_o && !err_o), .first_i(first_o), .word_i(data_o),
                      .crc_o(crc));

    task emit(input first, input err, input crc_bad);
        begin
            valid_o <= 1'b1;
            first_o <= first;
            err_o <= err;
            crc_bad_o <= crc_bad;
            data_o <= data_i;
            words_o <= words_o + 32'd1;
        end
    endtask

    task judge_crc(input ok); // before the first whole window there is nothing to judge
        if (window) begin
            bad <= !ok;
            if (ok) crc_ok_count_o <= crc_ok_count_o + 32'd1;
            else crc_bad_count_o <= crc_bad_count_o + 32'd1;
        end
    endtask

    task take_data;
        begin
            commas <= 2'd0;
            if (lock_o)
                case (state)
                    DATA: emit(1'b0, 1'b0, 1'b0);
                    CRC: begin
                        judge_crc(data_i == crc);
                        state <= ID;
                    end
                    ID: begin
                        link_id_o <= {data_i[9:0], data_i[25:16]};
                        state <= GAP;
                    end
                    GAP:
                        if (commas == 2'd3) begin
                            emit(1'b1, 1'b0, bad);
                            bad <= 1'b0;
                            window <= 1'b1;
                            state <= DATA;
                        end else begin
                            lock_o <= 1'b0;
                            lock_losses_o <= lock_losses_o + 32'd1;
                        end
                endcase
        end
    endtask

    task take_comma;
        begin
            commas_o <= commas_o + 32'd1;
            if (!lock_o || state == GAP) begin
                if (commas != 2'd3) commas <= commas + 2'd1;
                if (!lock_o && commas == 2'd2) begin
                    lock_o <= 1'b1;
                    state <= GAP;
                    window <= 1'b0;
                    bad <= 1'b0;
                end
            end else if (state == CRC) begin
                judge_crc(1'b0); // no CRC was sent
                state <= GAP;
                commas <= 2'd2;
            end else begin
                state <= (state == DATA) ? CRC : GAP;
                commas <= 2'd1;
            end
        end
    endtask

    task take_k_error;
        begin
            k_errors_o <= k_errors_o + 32'd1;
            commas <= 2'd0;
            if (lock_o)
                case (state)
                    DATA: emit(1'b0, 1'b1, 1'b0);
                    CRC: begin
                        judge_crc(1'b0);
                        state <= ID;
                    end
                    default: state <= GAP;
                endcase
        end
    endtask

    always @(posedge clk_i) begin
        valid_o <= 1'b0;
        if (rst_i) begin
            lock_o <= 1'b0;
            state <= GAP;
            commas <= 2'd0;
            window <= 1'b0;
            bad <= 1'b0;
            words_o <= 32'd0;
            pads_o <= 32'd0;
            commas_o <= 32'd0;
            k_errors_o <= 32'd0;
            crc_ok_count_o <= 32'd0;
            crc_bad_count_o <= 32'd0;
            lock_losses_o <= 32'd0;
            link_id_o <= 20'd0;
        end else if (k_i == 4'b0000)
            take_data;
        else if (k_i == 4'b1111 && data_i == PAD)
            pads_o <= pads_o + 32'd1;
        else if (k_i == 4'b0001 && data_i == COMMA)
            take_comma;
        else
            take_k_error;
    end
endmodule
