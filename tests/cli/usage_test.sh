#!/usr/bin/env bash
# What the program says to wrong command lines and bad input. usage_test.sh PROGRAM, from the project's root.
set -euo pipefail
program=$1
# shellcheck source=tests/cli/check.sh
. tests/cli/check.sh

expect 2 'usage: bxact COMMAND' "$program"
expect 0 'usage: bxact COMMAND' "$program" help
expect 0 'usage: bxact COMMAND' "$program" --help
expect 0 '^bxact [0-9]+\.[0-9]+' "$program" --version
expect 2 'runn: unknown command \(did you mean run\?\)' "$program" runn
expect 2 'frobnicate: unknown command' "$program" frobnicate

# Every command has help with an example, and stands in the help of ./bxact.
for command in $("$program" help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
    expect 0 'Examples?:' "$program" "$command" --help
    expect 0 "^ +\./bxact $command( |\$)" ./bxact help
done
holds 'there are commands' test "$checks" -gt 8

# run: the command line
run=("$program" run)
expect 2 'no scenario' "${run[@]}"
expect 2 'a second scenario' "${run[@]}" scenarios/pp_fill.cfg scenarios/pp_fill.cfg
expect 2 'unrecognized option' "${run[@]}" scenarios/pp_fill.cfg --colour
expect 2 '--view flat: unknown \(give fast or pins\)|--view flat: unknown \(give fast, pins' \
    "${run[@]}" scenarios/pp_fill.cfg --view flat
expect 2 '--quantum day: unknown \(give cycle, bx or orbit\)' "${run[@]}" scenarios/pp_fill.cfg --quantum day
expect 2 'no pair \(give KEY=VALUE\)' "${run[@]}" scenarios/pp_fill.cfg --set dma.depth
expect 2 'no pair \(give KEY=VALUE\)' "${run[@]}" scenarios/pp_fill.cfg --set =5
expect 2 'no pair \(give BLOCK=KIND\)' "${run[@]}" scenarios/pp_fill.cfg --engine rtl
expect 2 'no place \(give ORBIT:BX' "${run[@]}" scenarios/pp_fill.cfg --vcd 5
expect 2 '^--vcd 1:9999: 9999 is above 3563' "${run[@]}" scenarios/pp_fill.cfg --vcd 1:9999
expect 2 '^--seed -1: -1 is below 0' "${run[@]}" scenarios/pp_fill.cfg --seed -1
expect 2 '^--orbits 0: 0 is below 1 \(give 1\.\.1000000\)' "${run[@]}" scenarios/pp_fill.cfg --orbits 0
expect 2 '^--collect many: is no value of this key' "${run[@]}" scenarios/pp_fill.cfg --collect many
expect 2 '^--set dma.depth=0: 0 is below 64 \(give 64\.\.16384\)' \
    "${run[@]}" scenarios/pp_fill.cfg --set dma.depth=0
expect 2 'did you mean dma.depth' "${run[@]}" scenarios/pp_fill.cfg --set dma.dpeth=64
expect 2 '^--engine rekal=rtl: unknown key \(did you mean engines.recal' \
    "${run[@]}" scenarios/pp_fill.cfg --engine rekal=rtl
expect 2 '^--engine recal=fpga: "fpga" is unknown' "${run[@]}" scenarios/pp_fill.cfg --engine recal=fpga

# run: scenarios that cannot be used
expect 2 'no/such.cfg: cannot be opened: No such file' "${run[@]}" no/such.cfg
expect 2 'scenarios: is a directory' "${run[@]}" scenarios
expect 2 'is empty' "${run[@]}" tests/scenario/bad/empty.cfg
expect 2 'bad/below.cfg:5: event_pack.depth: 3 is below 4' "${run[@]}" tests/scenario/bad/below.cfg
expect 2 'syntax error|unknown key' "${run[@]}" tests/scenario/bad/garbled.cfg
mkfifo "$work/pipe"
expect 2 'is no regular file' "${run[@]}" "$work/pipe"

# run: what it prints about a scenario
expect 0 '^    depth = 4096;' "${run[@]}" scenarios/stalled_host.cfg --print-scenario
expect 0 '^    orbits = 77;' "${run[@]}" scenarios/pp_fill.cfg --orbits 77 --print-scenario
cp "$work/out" "$work/printed.cfg"
expect 0 '^    orbits = 77;' "${run[@]}" "$work/printed.cfg" --print-scenario
holds 'a printed scenario reads back' test "$(tail -n +2 "$work/out")" = "$(tail -n +2 "$work/printed.cfg")"
expect 0 '^board_student_1$' "${run[@]}" scenarios/pp_fill.cfg --needs
expect 0 '^kernels_baseline$' \
    "${run[@]}" scenarios/pp_fill.cfg --needs --engine default=model --set inference.network=baseline

# a byte order mark in front is none of the scenario's text
{ printf '\357\273\277'; cat scenarios/pp_fill.cfg; } >"$work/marked.cfg"
expect 0 '^board_student_1$' "${run[@]}" "$work/marked.cfg" --needs

# captures that cannot be used
capture() { expect 2 "$1" "${run[@]}" scenarios/ugmt_pattern.cfg --input "$2"; }
expect 2 'no capture is given \(give `--input FILE`' "${run[@]}" scenarios/ugmt_pattern.cfg
expect 2 'is not read, stimulus.source is "generator"' "${run[@]}" scenarios/pp_fill.cfg --input LICENSE
capture 'there is no file "no/such.txt"' no/such.txt
capture '"tests" is a directory' tests

# output that cannot be written
expect 0 '' bash -c '"$0" keys >"$1"' "$program" "$work/keys"
expect 2 'standard output: No space left on device' bash -c '"$0" keys >/dev/full' "$program"
expect 2 'standard output: No space left on device' \
    bash -c '"$0" run scenarios/pp_fill.cfg --print-scenario >/dev/full' "$program"
finish
