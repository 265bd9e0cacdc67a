# shellcheck shell=bash
# Sourced by the shell tests: expect runs a command and holds its exit status and output against what must be.
#
#     expect 2 'dma.depth: 0 is below 64' bxact run x.cfg --set dma.depth=0
#     finish

checks=0 failures=0
work=$(mktemp -d "${TMPDIR:-/tmp}/bxact_test_XXXXXX")
trap 'rm -rf -- "$work"' EXIT

fail() {
    failures=$((failures + 1))
    printf 'FAIL %s\n' "$*"
}

# expect STATUS PATTERN COMMAND...: the pattern (extended, may be empty) is looked for in stdout and stderr
# together, which stay in $work/out. A command may take 100 seconds.
expect() {
    local wanted=$1 pattern=$2 status=0
    shift 2
    checks=$((checks + 1))
    timeout 100 "$@" >"$work/out" 2>&1 </dev/null || status=$?
    if [ "$status" != "$wanted" ]; then
        fail "exit status $status instead of $wanted: $*"
        tail -n 6 "$work/out"
    elif [ -n "$pattern" ] && ! grep -qE -e "$pattern" "$work/out"; then
        fail "no '$pattern' in the output of: $*"
        tail -n 6 "$work/out"
    fi
}

# holds DESCRIPTION COMMAND...: the command succeeds.
holds() {
    local what=$1
    shift
    checks=$((checks + 1))
    "$@" || fail "$what"
}

same() { # DESCRIPTION A B
    holds "$1: '$2' is not '$3'" test "$2" = "$3"
}

finish() {
    printf '%d checks, %d failures\n' "$checks" "$failures"
    [ "$checks" -gt 0 ] && [ "$failures" -eq 0 ]
}
