#!/usr/bin/env bash
# bxact net. net_test.sh PROGRAM MAKE_MODELS, from the project's root.
set -euo pipefail
program=$1 make_models=$2
# shellcheck source=tests/cli/check.sh
. tests/cli/check.sh

net=("$program" net)
"$make_models" "$work"

# Parameters with batch norm as four a node, and folded; multiplies (domain.md 8.1).
while read -r name multiplies parameters folded; do
    expect 0 "^multiplies  $multiplies(,|\$)" "${net[@]}" info "$work/$name.onnx"
    holds "parameters of $name" grep -qE "^parameters  $parameters(, $folded with batch norms folded)?\$" "$work/out"
done <<'TABLE'
teacher 198656 203779 199683
baseline 896 1219 963
student 256 419 291
dense32x3 2272 2371 -
dense32x4 3296 3427 -
dense128x5 66432 67075 -
TABLE
expect 0 "no number formats: .*input 'x' has no number format" "${net[@]}" info "$work/student.onnx"

# Formats chosen from data, and what comes of them.
expect 0 '^10 bits: on 300 samples at most' "${net[@]}" quantise "$work/student.onnx" --bits 10 --samples 300 -o "$work/s.cfg"
stated=$(sed -n 's/.* at most \([0-9.e-]*\) from doubles.*/\1/p' "$work/out")
expect 0 '^x +ap_fixed<10,1,RND,SAT> ' "${net[@]}" info "$work/student.onnx" --formats "$work/s.cfg"
holds 'weights are counted' grep -qE '^weights that are not 0: 25[0-9], ' "$work/out"
expect 0 '^300 +y +2 ' "${net[@]}" eval "$work/student.onnx" --formats "$work/s.cfg" --samples 300
found=$(awk '$2 == "y" { d = $4 - $5; if (d < 0) d = -d; if (d > most) most = d } END { printf "%.4g", most }' "$work/out")
same 'the stated error' "$(printf '%.4g' "$stated")" "$found"
expect 0 'bits: on 1000 samples at most 0\.0' "${net[@]}" quantise "$work/student.onnx" --error 0.1
printf '0.5 0.25 -1 1\n' >"$work/x.txt"
expect 0 '^1 +y +0 ' "${net[@]}" eval "$work/dense32x3.onnx" --data "$work/x.txt"
expect 2 'x.txt:1: is no sample \(give 5 numbers\)' "${net[@]}" eval "$work/student.onnx" --data "$work/x.txt"

# The kernel is C that clang takes without a word.
expect 0 '' "${net[@]}" kernel "$work/student.onnx" --formats "$work/s.cfg" --recal -o "$work/recal.c"
expect 0 '' clang-19 -std=c23 -Wall -Wextra -Werror -fsyntax-only -I . "$work/recal.c"
expect 0 'void mine\(const _BitInt\(10\) x0\[5\], ' "${net[@]}" kernel "$work/student.onnx" --formats "$work/s.cfg" --name mine
expect 2 "input 'x' has no number format" "${net[@]}" kernel "$work/student.onnx" -o "$work/none.c"
holds 'no file of a kernel that failed' test ! -e "$work/none.c"

# Wrong command lines and files.
expect 2 'an action is missing' "${net[@]}"
expect 2 'inform: unknown action' "${net[@]}" inform "$work/student.onnx"
expect 2 'a model is missing' "${net[@]}" info
expect 2 'one model is enough' "${net[@]}" info a b
mkdir "$work/project"
expect 2 "project/firmware: No such file .*an hls4ml project has a folder 'firmware'" "${net[@]}" info "$work/project"
expect 2 'an hls4ml project brings its number formats' "${net[@]}" info "$work/project" --formats "$work/s.cfg"
expect 2 'no/such.onnx: No such file' "${net[@]}" info no/such.onnx
expect 2 'is no ONNX model|holds no graph' "${net[@]}" info "$work/x.txt"
expect 2 '--bits 99: is not accepted' "${net[@]}" quantise "$work/student.onnx" --bits 99
expect 2 'exclude each other' "${net[@]}" quantise "$work/student.onnx" --bits 8 --error 0.1
expect 2 '--error none: is no bound' "${net[@]}" quantise "$work/student.onnx" --error none
expect 2 'leave --formats out' "${net[@]}" quantise "$work/student.onnx" --formats "$work/s.cfg"
expect 2 'no/such.cfg: No such file' "${net[@]}" info "$work/student.onnx" --formats no/such.cfg
echo 'default = "ap_fixed<16,6>"; tensors = ( { tensor = "q"; format = "ap_int<8>"; } );' >"$work/q.cfg"
expect 2 "q.cfg:1: the network has no tensor 'q'" "${net[@]}" info "$work/student.onnx" --formats "$work/q.cfg"
expect 2 '/no/such/dir/out: No such file' "${net[@]}" info "$work/student.onnx" -o /no/such/dir/out
finish
