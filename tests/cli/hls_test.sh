#!/usr/bin/env bash
# ./bxact hls: its command line, its report, the bound on latency. hls_test.sh HLSC, from the project's root.
set -euo pipefail
hlsc=$1
# shellcheck source=tests/cli/check.sh
. tests/cli/check.sh

kernel=$PWD/hls/kernels/select_pair.c
hls=(env -C "$work" "$hlsc" -I "$PWD")
number() { sed -n "s/^$1 *\([0-9]*\).*/\1/p" "$work/out"; }

expect 0 'Examples:' "$hlsc" --help
expect 0 '^ +\./bxact hls ' ./bxact help
expect 2 'no kernel given' "$hlsc"
expect 2 'no/such.c: No such file' "$hlsc" no/such.c
expect 2 'unrecognized option' "${hls[@]}" "$kernel" --colour
expect 2 "clock-mhz: 'fast' is no clock" "${hls[@]}" "$kernel" --clock-mhz fast
expect 2 "latency: '0' is out of range or no number \(give 1" "${hls[@]}" "$kernel" --latency 0
expect 2 "latency: '-3' is out of range or no number" "${hls[@]}" "$kernel" --latency=-3
expect 2 "latency: '4x' is out of range or no number" "${hls[@]}" "$kernel" --latency 4x

# The defaults: the only function, the board's clock, KERNEL.hls.
expect 0 '^select_pair: select_pair.c' "${hls[@]}" "$kernel"
for file in v json; do
    holds "select_pair.hls/select_pair.$file" test -s "$work/select_pair.hls/select_pair.$file"
done
holds 'the clock is the board'\''s' grep -q '"clock_mhz": 240.4734' "$work/select_pair.hls/select_pair.json"
cat >"$work/two.c" <<'C'
static int twice(int x) { return 2 * x; }
void one(int x, int *y) { *y = twice(x); }
void two(int x, int *y) { *y = x + 1; }
C
expect 2 'two.c:1:1: .*which function is the kernel\? \(--top NAME, one of one, two' "${hls[@]}" two.c
expect 0 '^one: two.c' "${hls[@]}" two.c --top one
echo 'static void f(int x, int *y) { *y = x; }' >"$work/none.c"
expect 2 'none.c:1:1: .*no kernel is defined here' "${hls[@]}" none.c

# The report: the lines of the source add up to the whole, and every stage has its way.
cat >"$work/sum.c" <<'C'
void sum(const short x[8], int *y)
{
    int s = 0;
    for (int i = 0; i < 8; i++)
        s += x[i] * (100 + 37 * i);
    *y = s;
}
C
expect 0 '^ +5 +[0-9]+ +0 +[0-9]+ +[0-9-]+  s \+= x\[i\]' "${hls[@]}" sum.c
latency=$(number latency) luts=$(number LUTs)
same 'LUTs by line add up' "$(awk '/^ +line/ {on = 1; next} /^slowest/ {on = 0} on && /^ / {n += $2} END {print n}' \
    "$work/out")" "$luts"
same 'a way for each stage' "$(grep -c ' ns  .*add 5' "$work/out")" "$latency"
holds 'registers in the report are those of the JSON' \
    grep -q "\"register_bits\": $(number registers)," "$work/sum.hls/sum.json"
expect 0 '' "${hls[@]}" sum.c --quiet
same 'quiet' "$(wc -c <"$work/out")" 0

# The bound on latency.
expect 0 "^latency +$latency cycles" "${hls[@]}" sum.c --latency "$latency"
expect 2 "sum.c:1:6: .*takes $latency cycles at 240.4734 MHz, --latency allows $((latency - 1)); .*line 5 \(stage" \
    "${hls[@]}" sum.c --latency $((latency - 1))

# Products in DSP blocks or out of them: as many as were offered, the rest in LUTs, the results the same.
cat >"$work/mix.c" <<'C'
void mix(short a, short b, short c, unsigned char d, int *y, int *z)
{
    *y = a * b + c * d - a * 12345;
    *z = c * c + b * 23171 + d * 77;
}
C
products() { grep -c ' \* ' "$work/mix.hls/mix.v" || true; }
passes() { # the self-checking bench of the last compilation
    iverilog -g2005 -o "$work/mix.vvp" "$work"/mix.hls/mix.v "$work"/mix.hls/mix_tb.v &&
        vvp -n "$work/mix.vvp" | grep -q PASS
}
for blocks in auto:3 none:0 0:0 1:1 2:2 4:4 5:5 100:5; do
    expect 0 "^DSPs +${blocks#*:}\$" "${hls[@]}" mix.c --dsp "${blocks%:*}" --testbench 300
    same "products with --dsp $blocks" "$(products)" "${blocks#*:}"
    holds "the bench passes with --dsp $blocks" passes
done
# What Yosys makes of it.
expect 0 '^mix +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+ +3 +0$' "${hls[@]}" mix.c --estimate --quiet
holds 'its log stays' test -s "$work/mix.hls/mix_yosys.log"
expect 0 'estimate of Yosys for xcu, ' "${hls[@]}" mix.c --estimate=xcu
expect 2 "estimate: 'xc9' is no family \\(xcup, xcu\\)" "${hls[@]}" mix.c --estimate=xc9
expect 2 'yosys is not there .*apt-get install yosys' env -C "$work" PATH=/nowhere "$hlsc" mix.c --estimate
expect 2 "dsp: 'many' is out of range or no number" "${hls[@]}" mix.c --dsp many
finish
