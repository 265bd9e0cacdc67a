#!/usr/bin/env bash
# The command `bench`: table, JSON file, wrong command lines. bench_test.sh PROGRAM, from the project root.
set -euo pipefail
program=$1
# shellcheck source=tests/cli/check.sh
. tests/cli/check.sh

bench=("$program" bench --orbits 1 --seconds 0.01 --rounds 1)
expect 0 '^Verilated board, bare +[0-9.]+ [kM] ' "${bench[@]}" --json "$work/bench.json"
holds 'every row stands in the table' test "$(grep -c ' [kM] ' "$work/out")" -ge 11
holds 'goals are judged' grep -Eq ': (reached|missed)$' "$work/out"
holds 'no control characters in a pipe' bash -c '! grep -q "[[:cntrl:]]" "$0"' "$work/out"
holds 'the JSON file has the rows' test "$(grep -c '"per_second"' "$work/bench.json")" -ge 11

expect 2 '^--orbits 0: 0 is below 1' "$program" bench --orbits 0
expect 2 '^--orbits 201: 201 is above 200 \(give 1\.\.200\)' "$program" bench --orbits 201
expect 2 '^--seed x: ' "$program" bench --seed x
expect 2 '--seconds 0: is not accepted \(give 0\.01\.\.3600\)' "$program" bench --seconds 0
expect 2 '--rounds 1\.5: is no whole number' "$program" bench --rounds 1.5
expect 2 '--rounds nan: is not accepted' "$program" bench --rounds nan
expect 2 'no argument is expected' "$program" bench scenarios/pp_fill.cfg
expect 2 '^/nowhere/b.json: No such file' "${bench[@]}" --json /nowhere/b.json
expect 2 '/dev/full: No space left' "${bench[@]}" --json /dev/full
finish
