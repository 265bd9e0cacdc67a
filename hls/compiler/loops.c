#include "hls/compiler/loops.h"

#include "hls/compiler/map.h"
#include "hls/compiler/memory.h"

#include <stdlib.h>
#include <string.h>

#define MARK "llvm.loop.unroll.disable"

enum { UNSEEN, OPEN, DONE };

struct walk {
    struct hls_map state;
    struct hls_loops *l;
};

/* Blocks in postorder. */
static void visit(struct walk *w, LLVMBasicBlockRef b)
{
    struct hls_loops *l = w->l;
    LLVMValueRef end = LLVMGetBasicBlockTerminator(b);
    hls_map_set(&w->state, b, OPEN);
    for (unsigned s = 0; s < LLVMGetNumSuccessors(end); s++) {
        uint32_t state = UNSEEN;
        LLVMBasicBlockRef next = LLVMGetSuccessor(end, s);
        hls_map_get(&w->state, next, &state);
        if (state == OPEN) {
            l->back = hls_resize(l->back, l->backs + 1, sizeof *l->back);
            l->back[l->backs++] = end;
        } else if (state == UNSEEN) {
            visit(w, next);
        }
    }
    hls_map_set(&w->state, b, DONE);
    l->block[l->blocks++] = b;
}

void hls_loops_find(struct hls_loops *l, LLVMValueRef function)
{
    struct walk w = {.l = l};
    *l = (struct hls_loops){.block = hls_allocate(LLVMCountBasicBlocks(function), sizeof *l->block)};
    visit(&w, LLVMGetEntryBasicBlock(function));
    for (unsigned i = 0; 2 * i + 1 < l->blocks; i++) {
        LLVMBasicBlockRef b = l->block[i];
        l->block[i] = l->block[l->blocks - 1 - i];
        l->block[l->blocks - 1 - i] = b;
    }
    hls_map_release(&w.state);
}

void hls_loops_release(struct hls_loops *l)
{
    free(l->block);
    free(l->back);
}

static bool is_mark(LLVMValueRef node)
{
    LLVMValueRef word = NULL;
    unsigned length = 0;
    if (LLVMIsAMDNode(node) && LLVMGetMDNodeNumOperands(node) == 1)
        LLVMGetMDNodeOperands(node, &word);
    const char *text = word ? LLVMGetMDString(word, &length) : NULL;
    return text && length == strlen(MARK) && !strncmp(text, MARK, length);
}

bool hls_loop_is_rolled(LLVMValueRef back)
{
    LLVMContextRef context = LLVMGetTypeContext(LLVMTypeOf(back));
    LLVMValueRef marks = LLVMGetMetadata(back, LLVMGetMDKindIDInContext(context, "llvm.loop", 9));
    int n = marks ? LLVMGetMDNodeNumOperands(marks) : 0;
    LLVMValueRef *mark = hls_allocate((size_t)n, sizeof *mark);
    bool found = false;
    if (marks)
        LLVMGetMDNodeOperands(marks, mark);
    for (int i = 1; i < n && !found; i++) /* operand 0 is the node itself */
        found = is_mark(mark[i]);
    free(mark);
    return found;
}
