#include "hls/compiler/emit.h"

#include <inttypes.h>

unsigned hls_stream_depth_bits(const struct hls_fn *fn)
{
    unsigned bits = 1;
    while ((1u << bits) < fn->stages + HLS_STREAM_STEPS)
        bits++;
    return bits;
}

static void put_head(const struct hls_fn *fn, unsigned depth_bits, FILE *to)
{
    fprintf(
        to,
        "// %s_stream: %s with a handshake on both sides, written by " HLSC_VERSION ". Do not edit.\n"
        "// What goes in is taken when valid_i and ready_o are both 1, what comes out when valid_o and\n"
        "// ready_i are; valid_o and the outputs then stay until taken, and no output depends on an input\n"
        "// of the same clock. The pipeline inside never stops: each evaluation has a place among the %u\n"
        "// of the FIFO before it starts. Latency %u when nothing waits.\n",
        fn->name, fn->name, 1u << depth_bits, fn->stages + HLS_STREAM_STEPS);
}

static void put_module_ports(const struct hls_fn *fn, FILE *to)
{
    fprintf(to,
            "module %s_stream (\n    input wire clk_i,\n    input wire rst_i,\n    input wire valid_i,\n"
            "    output reg ready_o,\n    output reg valid_o,\n    input wire ready_i,\n",
            fn->name);
    hls_emit_ports(fn, to);
    fputs("    output wire [63:0] hash_o\n);\n", to);
}

static void put_pipeline(const struct hls_fn *fn, FILE *to)
{
    unsigned at = 0;
    fprintf(to,
            "    wire accept = valid_i & ready_o;\n    wire arrives;\n    wire [%u:0] result;\n"
            "    %s pipeline (.clk_i(clk_i), .rst_i(rst_i), .valid_i(accept), .valid_o(arrives), "
            ".hash_o(hash_o)",
            hls_port_bits(fn, true) - 1, fn->name);
    for (size_t i = 0; i < fn->ports; i++) {
        const struct hls_port *p = &fn->port[i];
        if (p->is_output)
            fprintf(to, ",\n        .%s_o(result[%u:%u])", p->name, at + p->width * p->count - 1, at);
        else
            fprintf(to, ",\n        .%s_i(%s_i)", p->name, p->name);
        at += p->is_output ? p->width * p->count : 0;
    }
    fputs(");\n\n", to);
}

static void put_fifo(const struct hls_fn *fn, unsigned bits, FILE *to)
{
    fprintf(to,
            "    reg [%u:0] fifo [0:%u];\n"
            "    reg [%u:0] write, read; // one bit more than a place has: all full is not all empty\n"
            "    wire pop = write != read && (!valid_o || ready_i);\n"
            "    always @(posedge clk_i)\n        if (arrives)\n            fifo[write[%u:0]] <= result;\n"
            "    always @(posedge clk_i)\n        if (pop)\n            {",
            hls_port_bits(fn, true) - 1, (1u << bits) - 1, bits, bits - 1);
    const char *comma = "";
    for (size_t i = fn->ports; i-- > 0;)
        if (fn->port[i].is_output) {
            fprintf(to, "%s%s_o", comma, fn->port[i].name);
            comma = ", ";
        }
    fprintf(to, "} <= fifo[read[%u:0]];\n\n", bits - 1);
}

/* The clocks that the pipeline still needs before it takes the next evaluation; 0 with an interval of 1. */
static void put_pause(const struct hls_fn *fn, FILE *to)
{
    unsigned bits = hls_bits(0, fn->ii);
    if (fn->ii == 1) {
        fputs("    wire free = 1'b1;\n", to);
        return;
    }
    fprintf(to,
            "    reg [%u:0] pause;\n    wire free = accept ? 1'b0 : pause <= %u'd1;\n"
            "    always @(posedge clk_i)\n        if (rst_i)\n            pause <= %u'd0;\n"
            "        else if (accept)\n            pause <= %u'd%u;\n"
            "        else if (pause != %u'd0)\n            pause <= pause - %u'd1;\n",
            bits - 1, bits, bits, bits, fn->ii - 1, bits, bits);
}

/* A place is given back when its result has moved on to the output register. */
static void put_control(unsigned bits, FILE *to)
{
    fprintf(to,
            "    reg [%u:0] places; // of the FIFO that are promised to nobody\n"
            "    wire [%u:0] left = places - {%u'd0, accept} + {%u'd0, pop};\n"
            "    always @(posedge clk_i)\n        if (rst_i) begin\n"
            "            write <= 0;\n            read <= 0;\n            places <= %u'd%u;\n"
            "            ready_o <= 1'b0;\n            valid_o <= 1'b0;\n        end else begin\n"
            "            write <= write + {%u'd0, arrives};\n            read <= read + {%u'd0, pop};\n"
            "            places <= left;\n            ready_o <= free && left != 0;\n"
            "            valid_o <= pop || (valid_o && !ready_i);\n        end\n",
            bits, bits, bits, bits, bits + 1, 1u << bits, bits, bits);
}

void hls_emit_stream(const struct hls_fn *fn, FILE *to)
{
    unsigned bits = hls_stream_depth_bits(fn);
    put_head(fn, bits, to);
    put_module_ports(fn, to);
    put_pipeline(fn, to);
    put_fifo(fn, bits, to);
    put_pause(fn, to);
    put_control(bits, to);
    fputs("endmodule\n", to);
}
