#include "hls/compiler/estimate.h"

#include "hls/compiler/memory.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Yosys joins sums into one tree of full adders before it looks for carry chains, which doubles adder trees: this
 * hands it each addition as what becomes a carry chain. */
static const char alu_map[] =
    "(* techmap_celltype = \"$add $sub\" *)\n"
    "module carry_chain (A, B, Y);\n"
    "    parameter A_SIGNED = 0, B_SIGNED = 0, A_WIDTH = 1, B_WIDTH = 1, Y_WIDTH = 1;\n"
    "    parameter _TECHMAP_CELLTYPE_ = \"\";\n"
    "    input [A_WIDTH-1:0] A;\n"
    "    input [B_WIDTH-1:0] B;\n"
    "    output [Y_WIDTH-1:0] Y;\n"
    "    wire sub = _TECHMAP_CELLTYPE_ == \"$sub\";\n"
    "    wire [Y_WIDTH-1:0] x, co;\n"
    "    \\$alu #(.A_SIGNED(A_SIGNED), .B_SIGNED(B_SIGNED), .A_WIDTH(A_WIDTH), .B_WIDTH(B_WIDTH),\n"
    "        .Y_WIDTH(Y_WIDTH)) alu (.A(A), .B(B), .BI(sub), .CI(sub), .Y(Y), .X(x), .CO(co));\n"
    "endmodule\n";

enum { SECONDS_A_MESSAGE = 10 };

/* Kinds of cells, by what their names begin with. Yosys writes an inverter that takes a LUT as INV. */
enum kind { LUTS, SHIFTS, FLIP_FLOPS, CARRIES, DSPS, RAMS, KINDS };
static const char *const kind_name[KINDS] = {"LUTs", "SRLs", "flip-flops", "carries", "DSPs", "RAMs"};
static const struct {
    const char *start;
    enum kind kind;
} cells[] = {{"LUT", LUTS},      {"INV", LUTS}, {"SRL", SHIFTS}, {"FD", FLIP_FLOPS},
             {"CARRY", CARRIES}, {"DSP", DSPS}, {"RAM", RAMS}};

/* --- running Yosys --- */

static int write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    bool wrong = !f || fputs(text, f) < 0;
    if (f && fclose(f))
        wrong = true;
    return wrong ? hls_refuse((struct hls_loc){0}, "%s: %s", path, strerror(errno)) : 0;
}

static int wait_for(pid_t child)
{
    int status, waited = 0;
    pid_t ended;
    while ((ended = waitpid(child, &status, WNOHANG)) == 0) {
        nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
        if (++waited % (5 * SECONDS_A_MESSAGE) == 0)
            fprintf(stderr, "yosys: %d s\n", waited / 5);
    }
    return ended == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int run_yosys(const char *script, const char *log)
{
    pid_t child = fork();
    if (child == 0) {
        execlp("yosys", "yosys", "-q", "-l", log, "-s", script, (char *)NULL);
        _exit(127);
    }
    int status = child < 0 ? -1 : wait_for(child);
    if (status == 127)
        return hls_refuse((struct hls_loc){0}, "yosys is not there (Debian: sudo apt-get install yosys)");
    if (status)
        return hls_refuse((struct hls_loc){0}, "yosys failed, see %s", log);
    return 0;
}

static char *script_text(const char *out, const char *top, const char *family, const char *map, const char *stat)
{
    return hls_text("read_verilog %s/%s.v\nhierarchy -check -top %s\nproc\nopt_clean\ntechmap -map %s\nopt\n"
                    "synth_xilinx -family %s -noiopad -top %s\ntee -q -o %s stat -json\n",
                    out, top, top, map, family, top, stat);
}

/* --- what it says --- */

static void count_cells(json_t *module, unsigned count[KINDS])
{
    const char *name;
    json_t *number;
    memset(count, 0, KINDS * sizeof *count);
    json_object_foreach(json_object_get(module, "num_cells_by_type"), name, number) {
        for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
            if (!strncmp(name, cells[i].start, strlen(cells[i].start))) {
                count[cells[i].kind] += (unsigned)json_integer_value(number);
                break;
            }
    }
}

static void put_row(FILE *to, const char *name, const unsigned count[KINDS])
{
    fprintf(to, "%-24s", *name == '\\' ? name + 1 : name);
    for (int k = 0; k < KINDS; k++)
        fprintf(to, " %10u", count[k]);
    fputc('\n', to);
}

static int put_table(json_t *stat, const char *family, FILE *to)
{
    const char *name;
    json_t *module, *modules = json_object_get(stat, "modules");
    unsigned count[KINDS], sum[KINDS] = {0};
    fprintf(to, "\nestimate of Yosys for %s, mapped but not placed\n%-24s", family, "module");
    for (int k = 0; k < KINDS; k++)
        fprintf(to, " %10s", kind_name[k]);
    fputc('\n', to);
    json_object_foreach(modules, name, module) {
        count_cells(module, count);
        put_row(to, name, count);
        for (int k = 0; k < KINDS; k++)
            sum[k] += count[k];
    }
    if (json_object_size(modules) != 1)
        put_row(to, "all", sum);
    return json_object_size(modules) ? 0 : -1;
}

static int read_stat(const char *path, const char *family, FILE *to)
{
    json_error_t error;
    json_t *stat = json_load_file(path, 0, &error);
    int wrong = stat ? put_table(stat, family, to) : -1;
    json_decref(stat);
    if (wrong)
        return hls_refuse((struct hls_loc){0}, "yosys' statistics cannot be read");
    return fflush(to) ? hls_refuse((struct hls_loc){0}, "output: %s", strerror(errno)) : 0;
}

int hls_estimate(const char *out, const char *top, const char *family, FILE *to)
{
    const char *tmp = getenv("TMPDIR");
    char *directory = hls_text("%s/hlsc-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(directory)) {
        int code = hls_refuse((struct hls_loc){0}, "%s: %s", directory, strerror(errno));
        free(directory);
        return code;
    }
    char *map = hls_text("%s/map.v", directory), *script = hls_text("%s/script", directory);
    char *stat = hls_text("%s/stat.json", directory), *log = hls_text("%s/%s_yosys.log", out, top);
    char *text = script_text(out, top, family, map, stat);
    int code = write_text(map, alu_map);
    code = code ? code : write_text(script, text);
    code = code ? code : run_yosys(script, log);
    code = code ? code : read_stat(stat, family, to);
    char *made[] = {map, script, stat};
    for (int i = 0; i < 3; i++)
        unlink(made[i]);
    rmdir(directory);
    char *texts[] = {map, script, stat, log, text, directory};
    for (int i = 0; i < 6; i++)
        free(texts[i]);
    return code;
}
