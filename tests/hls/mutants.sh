#!/usr/bin/env bash
# Deliberate faults of the compiler (mutants.txt): does tests/hls/hunt_test.c fail on each?
#
# usage: mutants.sh quick|full BUILD LIBRARIES OBJECT... [-- LINE]
#   BUILD      the build folder, whose compile_commands.json says how a file is compiled
#   LIBRARIES  what the test is linked with, separated by blanks; OBJECT: those of the test itself
#   LINE       only the mutant of that line of mutants.txt
# exit: 0 all found, 1 some not
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
run=$1 build=$(realpath "$2") libraries=$3
shift 3
objects=()
while (($#)) && [[ $1 != -- ]]; do objects+=("$(realpath "$1")"); shift; done
only=${2:-}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The command that compiles a file of hls/compiler/, without its output and source.
compiler() {
    python3 - "$build/compile_commands.json" "$root/hls/compiler/$1" <<'PYTHON'
import json, shlex, sys
for entry in json.load(open(sys.argv[1])):
    if entry["file"] == sys.argv[2]:
        words = shlex.split(entry["command"])
        out = words.index("-o")
        del words[out:out + 2]
        print(shlex.join(word for word in words if word not in ("-c", sys.argv[2], "-O3")))
        break
PYTHON
}

trouble() { # trouble TEXT: why the mutant counts as not found
    echo "    $1"
    return 1
}

try() { # try FILE CHANGE
    local source=$root/hls/compiler/$1 command code=0
    sed -E "$2" "$source" >"$work/mutant.c" || trouble "sed refuses the change" || return 1
    ! cmp -s "$work/mutant.c" "$source" || trouble "the change changes nothing" || return 1
    command=$(compiler "$1")
    [[ -n $command ]] || trouble "no compile command for $1" || return 1
    (cd "$build" && eval "$command -w -O1 -c '$work/mutant.c' -o '$work/mutant.o'") >"$work/log" 2>&1 ||
        trouble "it does not compile: $(grep -m 1 error "$work/log")" || return 1
    # The archive's own object of that file is not linked: all that it has is there already.
    eval "cc '$work/mutant.o' ${objects[*]@Q} $libraries -o '$work/hunt'" >"$work/log" 2>&1 ||
        trouble "it does not link: $(tail -n 1 "$work/log")" || return 1
    (cd "$root" && timeout 300 "$work/hunt" >"$work/log" 2>&1) || code=$?
    ((code != 0)) || trouble "the test passes" || return 1
    echo "    exit $code: $(grep -E -m 1 'native|internal|cycle|error:|_test.c:' "$work/log" | sed 's/^ *//' | cut -c 1-90)"
}

number=0 tried=0 found=0
while read -r kind file change; do
    number=$((number + 1))
    [[ -n $kind && $kind != \#* ]] || continue
    [[ $run == full || $kind == "$run" ]] || continue
    [[ -z $only || $only == "$number" ]] || continue
    tried=$((tried + 1))
    echo "line $number: $file: $change"
    if try "$file" "$change"; then found=$((found + 1)); else echo "    NOT FOUND"; fi
done <"$here/mutants.txt"

echo "mutants: $found of $tried found"
((tried > 0 && found == tried))
