/* Proofs that a module of hlsc and a reference, plain Verilog written by somebody else, give the same outputs
 * at every clock, for every input, valid and reset: by Yosys, for all times (induction), from the first reset
 * on.
 *
 * The reference NAME_reference has the data ports of the kernel, as wires that follow the inputs in the same
 * clock. That of a kernel with state also has clk_i, rst_i and valid_i, and for each state variable V of the C
 * an output V_s with its value (of an array, element k at [width * k +: width]). The proof pairs them with the
 * module's.
 */
#ifndef TESTS_HLS_PROVE_H
#define TESTS_HLS_PROVE_H

#include "hls/compiler/ir.h"

/* Proves DIR/NAME.v, written from `fn` at II = 1 without clock enable, equal to `reference` (a file). 0 when
 * proved; otherwise Yosys' status, with its words in DIR/prove.out. */
int prove_equal(const struct hls_fn *fn, const char *directory, const char *reference);

#endif
