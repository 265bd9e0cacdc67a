#!/usr/bin/env bash
# Deliberate changes of the board's Verilog (mutants.txt): is each one found, is the right block named?
#
# usage: mutants.sh PROGRAM KERNELS quick|full [LINE]
#   PROGRAM  the built bxact; KERNELS: the folder with the student's zero_suppress.v and recal.v
#   full     all of them, quick ones included; LINE: only the mutant of that line of mutants.txt
# exit: 0 all found, 1 some not
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
program=$1 kernels=$(realpath "$2") run=$3 only=${4:-}

# The program finds boards and kernels beside itself: a build folder of our own, so that nothing stays behind.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/bin" "$work/kernels" "$work/boards"
cp "$program" "$work/bin/bxact"
ln -s "$kernels" "$work/kernels/student"

source_of() {
    if [[ -e $kernels/$1 ]]; then echo "$kernels/$1"; else echo "$root/rtl/$1"; fi
}

trouble() { # trouble TEXT: why the mutant counts as not found
    echo "    $1"
    return 1
}

# A text of summary.json, whose keys of that name are unique.
summary() { sed -n "s/^ *\"$1\": \"\(.*\)\",*\$/\1/p" "$work/out/summary.json"; }

try() { # try FILE BLOCK WHERE SET CHANGE
    local file=$1 block=$2 where=${3//_/ } set=$4 change=$5 options=() code=0 first
    rm -rf "$work/rtl" "$work/out" "$work/boards"/*
    mkdir "$work/rtl"
    sed -E "$change" "$(source_of "$file")" >"$work/rtl/$file" || trouble "sed refuses the change" || return 1
    ! cmp -s "$work/rtl/$file" "$(source_of "$file")" || trouble "the change changes nothing" || return 1
    if [[ $set != - ]]; then
        for pair in ${set//,/ }; do options+=(--set "$pair"); done
    fi
    "$work/bin/bxact" run "$here/exercise.cfg" --rtl "$work/rtl" --out "$work/out" --quiet "${options[@]}" \
        >"$work/log" 2>&1 || code=$?
    ((code == 1)) || trouble "exit $code instead of 1: $(tail -n 3 "$work/log")" || return 1
    first=$(summary first_mismatch)
    echo "    ${first:-$(summary reason)}"
    [[ $first == "$block: orbit "* ]] || trouble "$block should have been named" || return 1
    [[ $where == - || $first == *"$where"* ]] || trouble "'$where' is missing" || return 1
    # The run sends orbits 0 (its end) to 5; a wrong count may name any BX, but none that does not exist.
    [[ $first =~ orbit\ ([0-9]+)\ BX\ ([0-9]+)\  ]] && ((BASH_REMATCH[1] <= 6 && BASH_REMATCH[2] < 3564)) ||
        trouble "no such BX was sent" || return 1
    [[ $(summary reproduce) == *--rtl* ]] || trouble "the command to see it again lacks --rtl" || return 1
}

number=0 tried=0 found=0
while read -r kind file block where set change; do
    number=$((number + 1))
    [[ -n $kind && $kind != \#* ]] || continue
    [[ $run == full || $kind == "$run" ]] || continue
    [[ -z $only || $only == "$number" ]] || continue
    tried=$((tried + 1))
    echo "line $number: $file: $change"
    if try "$file" "$block" "$where" "$set" "$change"; then found=$((found + 1)); else echo "    NOT FOUND"; fi
done <"$here/mutants.txt"

echo "mutants: $found of $tried found"
((tried > 0 && found == tried))
