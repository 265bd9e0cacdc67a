#!/usr/bin/env bash
# A scenario with a network of one's own: kernel and board are built on first use, and all engines agree with golden.
# own_network_test.sh PROGRAM MAKE_MODELS, from the project's root.
set -euo pipefail
program=$1 make_models=$2
# shellcheck source=tests/cli/check.sh
. tests/cli/check.sh

"$make_models" "$work"
own=(--set "inference.network=$work/student.onnx" --set "inference.formats=$work/student.cfg" --out "$work/out.d")
run=("$program" run scenarios/pp_fill.cfg --orbits 2 "${own[@]}")
: >"$work/student.cfg"

# What is wrong with a network is said before anything is built.
expect 2 "student.onnx: input 'x' has no number format" "${run[@]}"
echo 'default = "ap_fixed<70,6>";' >"$work/student.cfg"
expect 2 'student.cfg:1: default: ' "${run[@]}"
echo >"$work/empty.onnx"
expect 2 'empty.onnx: is no ONNX model' "${run[@]}" --set "inference.network=$work/empty.onnx"

# Five bits: narrow enough that rounding and saturation happen all the time.
"$program" net quantise "$work/student.onnx" --bits 5 -o "$work/student.cfg" 2>/dev/null
expect 0 '^verdict: pass' "${run[@]}" --engine default=model
holds 'the network is named' grep -qF "the network is $work/student.onnx" "$work/out"
expect 0 '^verdict: pass' "${run[@]}"
expect 0 '^ok +lock-step of 9 blocks' "${run[@]}"
holds 'nothing is built twice' test "$(grep -c '^note: ' "$work/out")" = 0
compared=$(sed -n '/"golden recal"/,/}/s/.*"compared": \([0-9]*\).*/\1/p' "$work/out.d/summary.json" | head -n 1)
holds "results were compared with golden: '$compared'" test "${compared:-0}" -gt 50
same 'what ./bxact builds first' "$("${run[@]}" --needs)" hlsc
finish
