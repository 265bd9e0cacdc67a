#include "hls/compiler/optimize.h"

#include "hls/compiler/divisors.h"
#include "hls/compiler/frontend.h"
#include "hls/compiler/loops.h"
#include "hls/compiler/memory.h"

#include <llvm-c/Support.h>
#include <llvm-c/Target.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <stdlib.h>
#include <string.h>

/* Inline before unrolling; unroll completely or not at all. Some loops show their bound only after the first
 * round. instcombine must not insist on a fixpoint (it would abort). */
#define ROUND                                                                                                \
    "simplifycfg,early-cse,instcombine<no-verify-fixpoint>,loop-mssa(loop-rotate),loop(indvars),"            \
    "loop-unroll<O2;full-unroll-max=100000;no-runtime;no-partial;upperbound>"
#define UNROLL "always-inline,globaldce,function(sroa," ROUND "," ROUND ")"
#define UNROLL_MORE "function(sroa," ROUND ")"
#define PROMOTE                                                                                              \
    "function(sroa,early-cse,correlated-propagation,instcombine<no-verify-fixpoint>,reassociate,early-cse,"  \
    "simplifycfg,adce,loop-simplify)"

enum { MOST_ROUNDS = 3 }; /* beyond those of UNROLL */

struct hls_loc hls_debug_loc(LLVMValueRef instruction)
{
    unsigned length = 0;
    struct hls_loc loc = {NULL, 0, 0};
    const char *file = LLVMGetDebugLocFilename(instruction, &length);
    if (!file || !LLVMGetDebugLocLine(instruction))
        return loc;
    loc.file = strncmp(file, "./", 2) ? file : file + 2;
    loc.line = LLVMGetDebugLocLine(instruction);
    loc.column = LLVMGetDebugLocColumn(instruction);
    return loc;
}

static LLVMAttributeRef attribute(LLVMModuleRef module, const char *name, uint64_t value)
{
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    return LLVMCreateEnumAttribute(LLVMGetModuleContext(module), kind, value);
}

/* --- locals start unknown, not undefined ---
 * LLVM may fold an undefined value to whatever suits it. A call without effect gives the same freedom to
 * nobody: where it survives, a result depends on an uninitialised variable, and lower.c refuses it. */

static LLVMValueRef unknown_function(LLVMModuleRef module, LLVMTypeRef type)
{
    char *name = hls_text(HLS_UNKNOWN "i%u", LLVMGetIntTypeWidth(type));
    LLVMValueRef f = LLVMGetNamedFunction(module, name);
    if (!f) {
        f = LLVMAddFunction(module, name, LLVMFunctionType(type, NULL, 0, 0));
        LLVMAddAttributeAtIndex(f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                                attribute(module, "memory", 0));
        LLVMAddAttributeAtIndex(f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                                attribute(module, "nounwind", 0));
        LLVMAddAttributeAtIndex(f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                                attribute(module, "willreturn", 0));
    }
    free(name);
    return f;
}

static void store_unknown(LLVMModuleRef module, LLVMBuilderRef b, LLVMTypeRef type, LLVMValueRef pointer)
{
    LLVMTypeRef i64 = LLVMInt64TypeInContext(LLVMGetModuleContext(module));
    if (LLVMGetTypeKind(type) == LLVMIntegerTypeKind) {
        LLVMValueRef f = unknown_function(module, type);
        LLVMBuildStore(b, LLVMBuildCall2(b, LLVMGlobalGetValueType(f), f, NULL, 0, ""), pointer);
        return;
    }
    for (unsigned f = 0; LLVMGetTypeKind(type) == LLVMStructTypeKind && f < LLVMCountStructElementTypes(type);
         f++)
        store_unknown(module, b, LLVMStructGetTypeAtIndex(type, f),
                      LLVMBuildStructGEP2(b, type, pointer, f, ""));
    if (LLVMGetTypeKind(type) != LLVMArrayTypeKind)
        return;
    for (uint64_t i = 0; i < LLVMGetArrayLength2(type); i++) {
        LLVMValueRef index[] = {LLVMConstInt(i64, 0, 0), LLVMConstInt(i64, i, 0)};
        store_unknown(module, b, LLVMGetElementType(type),
                      LLVMBuildInBoundsGEP2(b, type, pointer, index, 2, ""));
    }
}

static void make_locals_unknown(LLVMModuleRef module, LLVMValueRef function, LLVMBuilderRef b)
{
    LLVMValueRef first = LLVMGetFirstInstruction(LLVMGetEntryBasicBlock(function)), after = first;
    while (LLVMIsAAllocaInst(after))
        after = LLVMGetNextInstruction(after);
    LLVMPositionBuilderBefore(b, after);
    for (LLVMValueRef i = first; LLVMIsAAllocaInst(i); i = LLVMGetNextInstruction(i))
        store_unknown(module, b, LLVMGetAllocatedType(i), i);
}

static void prepare_functions(LLVMModuleRef module)
{
    LLVMBuilderRef b = LLVMCreateBuilderInContext(LLVMGetModuleContext(module));
    unsigned noinline_kind = LLVMGetEnumAttributeKindForName("noinline", strlen("noinline"));
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f)) {
        if (LLVMIsDeclaration(f))
            continue;
        make_locals_unknown(module, f, b);
        hls_divisors_mark(module, f);
        if (!strcmp(LLVMGetValueName(f), HLS_ENTRY))
            continue;
        LLVMSetLinkage(f, LLVMInternalLinkage);
        LLVMRemoveEnumAttributeAtIndex(f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, noinline_kind);
        LLVMAddAttributeAtIndex(f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                                attribute(module, "alwaysinline", 0));
    }
    LLVMDisposeBuilder(b);
}

/* What the kernel's file defines belongs to the kernel, with or without `static`. */
static void prepare_variables(LLVMModuleRef module)
{
    for (LLVMValueRef g = LLVMGetFirstGlobal(module); g; g = LLVMGetNextGlobal(g))
        if (LLVMGetInitializer(g))
            LLVMSetLinkage(g, LLVMInternalLinkage);
}

/* Native widths (-n8:16:32:64) would make instcombine widen a 17-bit sum to 32. */
static void strip_native_widths(LLVMModuleRef module)
{
    char *layout = hls_copy_text(LLVMGetDataLayoutStr(module));
    char *native = strstr(layout, "-n8:");
    if (native) {
        char *end = strchr(native + 1, '-');
        memmove(native, end ? end : "", end ? strlen(end) + 1 : 1);
        LLVMSetDataLayout(module, layout);
    }
    free(layout);
}

static int run_passes(LLVMModuleRef module, const char *passes)
{
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef error = LLVMRunPasses(module, passes, NULL, options);
    LLVMDisposePassBuilderOptions(options);
    if (!error)
        return 0;
    char *message = LLVMGetErrorMessage(error);
    fprintf(stderr, "hlsc: internal: LLVM passes: %s\n", message);
    LLVMDisposeErrorMessage(message);
    return HLS_EXIT_INTERNAL;
}

/* Some loops show their bound only when those around them are unrolled, or when a division has become a
 * constant. */
static bool has_loops_to_unroll(LLVMModuleRef module)
{
    struct hls_loops loops;
    bool found = false;
    hls_loops_find(&loops, LLVMGetNamedFunction(module, HLS_ENTRY));
    for (unsigned i = 0; i < loops.backs && !found; i++)
        found = !hls_loop_is_rolled(loops.back[i]);
    hls_loops_release(&loops);
    return found;
}

static int unroll(LLVMModuleRef module)
{
    int code = run_passes(module, UNROLL);
    for (int more = 0; more < MOST_ROUNDS && !code && has_loops_to_unroll(module); more++) {
        hls_divisors_unmark_constants(LLVMGetNamedFunction(module, HLS_ENTRY));
        code = run_passes(module, UNROLL_MORE);
    }
    return code;
}

/* --- accesses outside an array, which the next SROA would drop as impossible --- */

/* Adds the constant offset of a getelementptr; false when an index is not constant. */
static bool add_offset(LLVMTargetDataRef layout, LLVMValueRef gep, long long *offset)
{
    LLVMTypeRef type = LLVMGetGEPSourceElementType(gep);
    for (unsigned i = 1; i < (unsigned)LLVMGetNumOperands(gep); i++) {
        LLVMValueRef index = LLVMGetOperand(gep, i);
        if (!LLVMIsAConstantInt(index))
            return false;
        long long n = LLVMConstIntGetSExtValue(index);
        if (i > 1 && LLVMGetTypeKind(type) == LLVMStructTypeKind) {
            *offset += (long long)LLVMOffsetOfElement(layout, type, (unsigned)n);
            type = LLVMStructGetTypeAtIndex(type, (unsigned)n);
            continue;
        }
        if (i > 1)
            type = LLVMGetElementType(type);
        *offset += n * (long long)LLVMABISizeOfType(layout, type);
    }
    return true;
}

static int check_access(LLVMTargetDataRef layout, LLVMValueRef instruction, LLVMValueRef pointer,
                        LLVMTypeRef type)
{
    long long offset = 0, size = (long long)LLVMStoreSizeOfType(layout, type);
    while (LLVMIsAGetElementPtrInst(pointer) ||
           (LLVMIsAConstantExpr(pointer) && LLVMGetConstOpcode(pointer) == LLVMGetElementPtr)) {
        if (!add_offset(layout, pointer, &offset))
            return 0;
        pointer = LLVMGetOperand(pointer, 0);
    }
    LLVMTypeRef whole = LLVMIsAAllocaInst(pointer)       ? LLVMGetAllocatedType(pointer)
                        : LLVMIsAGlobalVariable(pointer) ? LLVMGlobalGetValueType(pointer)
                                                         : NULL;
    if (!whole || (offset >= 0 && offset + size <= (long long)LLVMABISizeOfType(layout, whole)))
        return 0;
    return hls_refuse(hls_debug_loc(instruction),
                      "access outside an array (byte %lld of %llu; check the index and "
                      "the array's declared length)",
                      offset, LLVMABISizeOfType(layout, whole));
}

static int check_accesses(LLVMModuleRef module)
{
    LLVMTargetDataRef layout = LLVMGetModuleDataLayout(module);
    LLVMValueRef entry = LLVMGetNamedFunction(module, HLS_ENTRY);
    int code = 0;
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(entry); b && !code; b = LLVMGetNextBasicBlock(b))
        for (LLVMValueRef i = LLVMGetFirstInstruction(b); i && !code; i = LLVMGetNextInstruction(i)) {
            if (LLVMIsALoadInst(i))
                code = check_access(layout, i, LLVMGetOperand(i, 0), LLVMTypeOf(i));
            else if (LLVMIsAStoreInst(i))
                code = check_access(layout, i, LLVMGetOperand(i, 1), LLVMTypeOf(LLVMGetOperand(i, 0)));
        }
    return code;
}

int hls_optimize(LLVMModuleRef module)
{
    static const char *const flags[] = {"hlsc", "-unroll-threshold=100000000",
                                        "-pragma-unroll-threshold=2000000000",
                                        "-unroll-max-upperbound=100000"};
    static bool parsed;
    if (!parsed) /* LLVM keeps them for the process and refuses to hear them twice */
        LLVMParseCommandLineOptions(sizeof flags / sizeof *flags, flags, NULL);
    parsed = true;
    strip_native_widths(module);
    prepare_variables(module);
    prepare_functions(module);
    int code = unroll(module);
    if (!code)
        code = check_accesses(module);
    hls_divisors_unmark_constants(LLVMGetNamedFunction(module, HLS_ENTRY));
    return code ? code : run_passes(module, PROMOTE);
}
