/* hls_dump(): the graph as text, which hls_parse() reads; one live node a line:
 *     function NAME stages 3 ii 1
 *       port in signed 16 array 4 x : short
 *       loop 1 rounds 8 begin 1
 *       state 0 initial 0 : 0..3563 stage 1 orbit.bx
 *       state 1 initial 0 : 0..99 stage 2 loop 1 sum
 *       table 0: 1 2 3 4
 *       %12 = add %3 %7 : -5..300 demand 9 stage 2 at 1.54   ; kernel.c:17
 *       output y[0] = %12
 *       next 0 = %7
 */
#include "hls/compiler/ir.h"

#include <stdlib.h>

/* printf has no 128-bit conversion. */
static void print_value(FILE *to, hls_int v)
{
    char digits[48];
    int n = sizeof digits;
    unsigned __int128 rest = v < 0 ? -(unsigned __int128)v : (unsigned __int128)v;
    digits[--n] = 0;
    do
        digits[--n] = (char)('0' + (int)(rest % 10));
    while (rest /= 10);
    if (v < 0)
        digits[--n] = '-';
    fputs(digits + n, to);
}

static void print_node(const struct hls_fn *fn, hls_id id, FILE *to)
{
    const struct hls_node *n = &fn->node[id];
    fprintf(to, "  %%%u = %s", id, hls_op_info[n->op].text);
    for (unsigned i = 0; i < hls_op_info[n->op].operands; i++)
        fprintf(to, " %%%u", n->arg[i]);
    if (hls_op_info[n->op].immediate) {
        fputc(' ', to);
        print_value(to, n->imm);
    }
    fputs(" : ", to);
    print_value(to, n->lo);
    fputs("..", to);
    print_value(to, n->hi);
    if (n->demand)
        fprintf(to, " demand %u", n->demand);
    if (fn->stages)
        fprintf(to, " stage %u at %.2f", n->stage, (double)n->arrival);
    if (n->wait)
        fprintf(to, " wait %u", n->wait);
    if (n->loc.file)
        fprintf(to, "   ; %s:%u", n->loc.file, n->loc.line);
    fputc('\n', to);
}

static void print_ports(const struct hls_fn *fn, FILE *to)
{
    for (size_t i = 0; i < fn->ports; i++) {
        const struct hls_port *p = &fn->port[i];
        fprintf(to, "  port %s %s %u %s %u %s : %s\n", p->is_output ? "out" : "in",
                p->is_signed ? "signed" : "unsigned", p->width, p->is_array ? "array" : "scalar", p->count,
                p->name, p->type);
    }
}

static void print_states(const struct hls_fn *fn, FILE *to)
{
    for (unsigned i = 0; i < fn->states; i++) {
        fprintf(to, "  state %u initial ", i);
        print_value(to, fn->state[i].initial);
        fputs(" : ", to);
        print_value(to, fn->state[i].lo);
        fputs("..", to);
        print_value(to, fn->state[i].hi);
        if (fn->stages)
            fprintf(to, " stage %u", fn->state[i].stage);
        if (fn->state[i].loop)
            fprintf(to, " loop %u%s", fn->state[i].loop, fn->state[i].keeps ? " keeps" : "");
        fprintf(to, " %s\n", fn->state[i].name);
    }
}

static void print_loops(const struct hls_fn *fn, FILE *to)
{
    for (unsigned i = 1; i <= fn->loops; i++)
        fprintf(to, "  loop %u rounds %u begin %u   ; %s:%u\n", i, fn->loop[i].rounds, fn->loop[i].begin,
                fn->loop[i].loc.file ? fn->loop[i].loc.file : "?", fn->loop[i].loc.line);
}

static void print_tables(const struct hls_fn *fn, FILE *to)
{
    for (size_t t = 0; t < fn->tables; t++) {
        fprintf(to, "  table %zu:", t);
        for (size_t i = 0; i < fn->table[t].size; i++) {
            fputc(' ', to);
            print_value(to, fn->table[t].value[i]);
        }
        fputc('\n', to);
    }
}

void hls_dump(const struct hls_fn *fn, FILE *to)
{
    uint8_t *live = hls_live(fn);
    fprintf(to, "function %s stages %u ii %u\n", fn->name, fn->stages, fn->ii);
    print_ports(fn, to);
    print_loops(fn, to);
    print_states(fn, to);
    print_tables(fn, to);
    for (hls_id id = 0; id < fn->nodes; id++)
        if (live[id])
            print_node(fn, id, to);
    for (unsigned i = 0; i < fn->outputs; i++) {
        const struct hls_port *p = hls_fn_port(fn, true, i);
        fprintf(to, "  output %s[%u] = %%%u\n", p->name, i - p->first, fn->output[i]);
    }
    for (unsigned i = 0; i < fn->states; i++)
        fprintf(to, "  next %u = %%%u\n", i, fn->state[i].next);
    free(live);
}
