#include "hls/compiler/divisors.h"

#include "hls/compiler/memory.h"

#include <stdlib.h>
#include <string.h>

enum { DIVISOR, NOT_ZERO, NO_OVERFLOW, ARGUMENTS };

static bool is_division(LLVMValueRef i, bool *is_signed)
{
    LLVMOpcode opcode = LLVMGetInstructionOpcode(i);
    *is_signed = opcode == LLVMSDiv || opcode == LLVMSRem;
    return *is_signed || opcode == LLVMUDiv || opcode == LLVMURem;
}

static bool is_mark(LLVMValueRef v)
{
    LLVMValueRef callee = LLVMIsACallInst(v) ? LLVMGetCalledValue(v) : NULL;
    return callee && LLVMIsAFunction(callee) &&
           !strncmp(LLVMGetValueName(callee), HLS_DIVISOR, strlen(HLS_DIVISOR));
}

static LLVMValueRef mark_function(LLVMModuleRef module, LLVMTypeRef type)
{
    LLVMContextRef context = LLVMGetModuleContext(module);
    LLVMTypeRef i1 = LLVMInt1TypeInContext(context), arguments[ARGUMENTS] = {type, i1, i1};
    static const char *const attributes[] = {"memory", "nounwind", "willreturn"};
    char *name = hls_text(HLS_DIVISOR "i%u", LLVMGetIntTypeWidth(type));
    LLVMValueRef f = LLVMGetNamedFunction(module, name);
    if (!f) {
        f = LLVMAddFunction(module, name, LLVMFunctionType(type, arguments, ARGUMENTS, 0));
        for (size_t a = 0; a < sizeof attributes / sizeof *attributes; a++) {
            unsigned kind = LLVMGetEnumAttributeKindForName(attributes[a], strlen(attributes[a]));
            LLVMAddAttributeAtIndex(f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                                    LLVMCreateEnumAttribute(context, kind, 0));
        }
    }
    free(name);
    return f;
}

/* n != least || d != -1 */
static LLVMValueRef no_overflow(LLVMBuilderRef b, LLVMValueRef n, LLVMValueRef d, bool is_signed)
{
    LLVMTypeRef type = LLVMTypeOf(d);
    LLVMValueRef least = LLVMConstInt(type, 1ull << (LLVMGetIntTypeWidth(type) - 1), 0);
    if (!is_signed)
        return LLVMConstInt(LLVMInt1TypeInContext(LLVMGetTypeContext(type)), 1, 0);
    return LLVMBuildOr(b, LLVMBuildICmp(b, LLVMIntNE, n, least, ""),
                       LLVMBuildICmp(b, LLVMIntNE, d, LLVMConstAllOnes(type), ""), "");
}

static void mark(LLVMModuleRef module, LLVMBuilderRef b, LLVMValueRef division, bool is_signed)
{
    LLVMValueRef n = LLVMGetOperand(division, 0), d = LLVMGetOperand(division, 1);
    LLVMTypeRef type = LLVMTypeOf(d);
    if (LLVMIsConstant(d) || LLVMGetTypeKind(type) != LLVMIntegerTypeKind ||
        LLVMGetIntTypeWidth(type) > HLS_MAX_WIDTH)
        return;
    LLVMPositionBuilderBefore(b, division);
    LLVMValueRef f = mark_function(module, type);
    LLVMValueRef arguments[] = {d, LLVMBuildICmp(b, LLVMIntNE, d, LLVMConstInt(type, 0, 0), ""),
                                no_overflow(b, n, d, is_signed)};
    LLVMSetOperand(division, 1, LLVMBuildCall2(b, LLVMGlobalGetValueType(f), f, arguments, ARGUMENTS, ""));
}

void hls_divisors_mark(LLVMModuleRef module, LLVMValueRef function)
{
    LLVMBuilderRef b = LLVMCreateBuilderInContext(LLVMGetModuleContext(module));
    bool is_signed;
    for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
         block = LLVMGetNextBasicBlock(block))
        for (LLVMValueRef i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i))
            if (is_division(i, &is_signed))
                mark(module, b, i, is_signed);
    LLVMDisposeBuilder(b);
}

void hls_divisors_unmark_constants(LLVMValueRef function)
{
    for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
         block = LLVMGetNextBasicBlock(block))
        for (LLVMValueRef i = LLVMGetFirstInstruction(block), next; i; i = next) {
            next = LLVMGetNextInstruction(i);
            if (!is_mark(i) || !LLVMIsAConstantInt(LLVMGetOperand(i, DIVISOR)))
                continue;
            LLVMReplaceAllUsesWith(i, LLVMGetOperand(i, DIVISOR));
            LLVMInstructionEraseFromParent(i);
        }
}

LLVMValueRef hls_divisor_is_not_zero(LLVMValueRef divisor)
{
    return is_mark(divisor) ? LLVMGetOperand(divisor, NOT_ZERO) : NULL;
}

LLVMValueRef hls_divisor_cannot_overflow(LLVMValueRef divisor)
{
    return is_mark(divisor) ? LLVMGetOperand(divisor, NO_OVERFLOW) : NULL;
}
