/* The C++ that hls4ml writes, as far as it must be understood: what its headers define and which layers its
 * top function calls. Internal to golden/network.
 *
 * Facts are from projects written by hls4ml 1.1 and 1.3 (backends Vivado and Vitis): firmware/defines.h has
 * the types, firmware/parameters.h a struct for each layer, firmware/<project>.cpp the calls,
 * firmware/weights/ a text file (and a header) for each array.
 */
#ifndef GOLDEN_NETWORK_HLS4ML_SOURCE_H
#define GOLDEN_NETWORK_HLS4ML_SOURCE_H

#include "golden/fixed/fixed.h"
#include "golden/network/arena.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SOURCE_MOST_ARGUMENTS = 16 };

/* `#define name value`; within `scope` (a struct, else ""): `typedef value name`, `static const .. name =
 * value`, `using name = value`. Values are without blanks. */
struct source_name {
    const char *scope, *name, *value, *path;
    unsigned line;
};

/* `function<type, ..>(argument, ..); // comment`, or an alias `auto &argument[1] = argument[0]` of function
 * "". */
struct source_call {
    const char *function, *comment;
    const char *type[SOURCE_MOST_ARGUMENTS], *argument[SOURCE_MOST_ARGUMENTS];
    unsigned types, arguments, line;
};

/* `type name[size]` or `hls::stream<type> &name` of the top function; size "" where it is in the type. */
struct source_port {
    const char *type, *name, *size;
};

struct source {
    struct source_name *name;
    struct source_call *call;
    struct source_port port[SOURCE_MOST_ARGUMENTS];
    unsigned names, calls, ports;
    const char *path; /* of the top function's file */
    struct arena *arena;
};

/* Reads a header, or the file with the top function, into *s. 0, or -1 and a message "file:line: ...". */
int source_read_header(struct source *s, const char *path, struct message *m);
int source_read_top(struct source *s, const char *path, struct message *m);

/* The last thing of that name in the scope, or outside of all; NULL. */
const struct source_name *source_find(const struct source *s, const char *scope, const char *name);

/* What a type's text stands for: its typedefs followed, nnet::array<T, n> is T. */
int source_type(const struct source *s, const char *scope, const char *text, struct fixed_type *type,
                struct message *m);

/* A number: digits, a product of them, or the name of one. */
int source_number(const struct source *s, const char *text, long long *value);

#ifdef __cplusplus
}
#endif
#endif
