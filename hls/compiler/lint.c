#include "hls/compiler/lint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* N of `_BitInt(N)`, 0 for other types. */
static unsigned bit_int_width(CXType type)
{
    CXString spelling = clang_getTypeSpelling(clang_getCanonicalType(type));
    const char *at = strstr(clang_getCString(spelling), "_BitInt(");
    unsigned width = at ? (unsigned)strtoul(at + strlen("_BitInt("), NULL, 10) : 0;
    clang_disposeString(spelling);
    return width;
}

static enum CXChildVisitResult take_child(CXCursor cursor, CXCursor parent, CXClientData data)
{
    CXCursor *child = data;
    (void)parent;
    child[clang_Cursor_isNull(child[0]) ? 0 : 1] = cursor;
    return CXChildVisit_Continue;
}

/* The operand as it is written: without parentheses and conversions that C makes by itself. */
static CXCursor written(CXCursor cursor)
{
    while (clang_getCursorKind(cursor) == CXCursor_UnexposedExpr ||
           clang_getCursorKind(cursor) == CXCursor_ParenExpr) {
        CXCursor child[2] = {clang_getNullCursor(), clang_getNullCursor()};
        clang_visitChildren(cursor, take_child, child);
        if (clang_Cursor_isNull(child[0]))
            break;
        cursor = child[0];
    }
    return cursor;
}

/* Bits that hold every result of the operation; 0: not one that loses any. */
static unsigned bits_of_result(enum CXBinaryOperatorKind operator, unsigned a, unsigned b)
{
    switch (operator) {
    case CXBinaryOperator_Mul: return a + b;
    case CXBinaryOperator_Add: return (a > b ? a : b) + 1;
    case CXBinaryOperator_Shl: return a + 1; /* or more, by the amount */
    default: return 0;
    }
}

static void warn(CXCursor cursor, const char *what, unsigned width)
{
    CXFile file;
    unsigned line, column;
    clang_getExpansionLocation(clang_getCursorLocation(cursor), &file, &line, &column, NULL);
    CXString name = clang_getFileName(file);
    fprintf(stderr,
            "%s:%u:%u: warning: '%s' of _BitInt gives %u bits and may lose some (hls_mul, hls_add or a cast "
            "to int "
            "keep them, hls_wrap() says it is meant)\n",
            clang_getCString(name), line, column, what, width);
    clang_disposeString(name);
}

static void check(CXCursor cursor)
{
    enum CXBinaryOperatorKind operator= clang_getCursorBinaryOperatorKind(cursor);
    CXCursor child[2] = {clang_getNullCursor(), clang_getNullCursor()};
    unsigned width = bit_int_width(clang_getCursorType(cursor));
    clang_visitChildren(cursor, take_child, child);
    if (!width || clang_Cursor_isNull(child[1]))
        return;
    unsigned a = bit_int_width(clang_getCursorType(written(child[0])));
    unsigned b = bit_int_width(clang_getCursorType(written(child[1])));
    if (a && (b || operator== CXBinaryOperator_Shl) && bits_of_result(operator, a, b) > width)
        warn(cursor,
             operator== CXBinaryOperator_Mul   ? "*"
             : operator== CXBinaryOperator_Add ? "+"
                                               : "<<",
             width);
}

/* What stands in hls_wrap() is meant. */
static bool is_wrap(CXCursor cursor)
{
    return clang_getCursorKind(cursor) == CXCursor_UnaryOperator &&
           clang_getCursorUnaryOperatorKind(cursor) == CXUnaryOperator_Extension;
}

static enum CXChildVisitResult visit(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent, (void)data;
    if (clang_Location_isInSystemHeader(clang_getCursorLocation(cursor)) || is_wrap(cursor))
        return CXChildVisit_Continue;
    if (clang_getCursorKind(cursor) == CXCursor_BinaryOperator)
        check(cursor);
    return CXChildVisit_Recurse;
}

void hls_lint(CXTranslationUnit unit)
{
    clang_visitChildren(clang_getTranslationUnitCursor(unit), visit, NULL);
}
