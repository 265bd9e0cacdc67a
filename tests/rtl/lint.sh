#!/bin/bash
# Lint over the board: lint.sh KERNELS_DIR. Three tools read all hand-written Verilog with the kernels; a word
# from any of them fails. So that a silent tool is not taken for a content one, each is first shown a board
# with faults.
set -u
rtl=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../rtl" && pwd)
kernels=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

with_verilator() { # engines and INJECT change what is generated
    local engines inject quiet
    for engines in 1 2 3; do
        ((engines == 3)) && quiet= || quiet=-Wno-UNUSEDSIGNAL # wires of the engines that are not there
        for inject in 0 1; do
            verilator --lint-only -Wall $quiet -GENGINES=$engines -GINJECT=$inject --top-module board "$@" ||
                return 1
        done
    done
}

with_iverilog() {
    iverilog -g2005 -Wall -s board -o "$work/board.vvp" "$@"
}

with_yosys() {
    yosys -q -p "read_verilog $*; hierarchy -check -top board; proc; check -assert"
}

# Prints what the tool says; true when it says nothing and succeeds.
content() {
    "$@" >"$work/log" 2>&1 && [[ ! -s $work/log ]]
}

# The same board with one connection that does not fit and one wire driven twice.
mkdir "$work/bad"
cp "$rtl"/*.v "$work/bad"
sed -i 's/\.level_o(muon_feed_level_o)/.level_o(muon_feed_level_o[3:0])/
s/^endmodule/assign event_pack_valid_o = stop_i;\nendmodule/' "$work/bad/board.v"

failed=0
for tool in verilator iverilog yosys; do
    if content with_$tool "$work"/bad/*.v "$kernels"/*.v; then
        echo "$tool: sees no fault in a board that has two"
        failed=1
    elif ! content with_$tool "$rtl"/*.v "$kernels"/*.v; then
        sed "s/^/$tool: /" "$work/log"
        failed=1
    else
        echo "$tool: $(ls "$rtl"/*.v | wc -l) files, nothing to say"
    fi
done
exit $failed
