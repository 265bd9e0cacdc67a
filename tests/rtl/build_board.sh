#!/bin/bash
# tools/build_board refuses what it cannot use, with a message that says what is wrong, and a board
# whose Verilog misses a memory file does not open: build_board.sh KERNELS_DIR OPEN_BOARD
set -u
build=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../tools" && pwd)/build_board
kernels=$1 open_board=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0 checks=0

# refuses CODE TEXT ARGUMENTS...: exit code CODE, TEXT in the message, no board left behind.
refuses() {
    local code=$1 text=$2 got
    shift 2
    "$build" "$@" >"$work/log" 2>&1
    got=$?
    checks=$((checks + 1))
    if ((got != code)) || ! grep -qF -- "$text" "$work/log" || [[ -e $work/out/board.so ]]; then
        echo "build_board $*: exit $got (expected $code), \"$text\" expected in:"
        cat "$work/log"
        failed=1
    fi
}

# An empty folder, one that has no Verilog, and one a file of which is not of the board.
mkdir "$work/none" "$work/text" "$work/stray" "$work/syntax" "$work/ports"
touch "$work/text/readme.txt" "$work/stray/mine.v"
refuses 2 'OUT_DIR is missing'
refuses 2 '--kernels is missing' "$work/out"
refuses 2 '--kernels: a value is missing' "$work/out" --kernels
refuses 2 'recal.v: cannot be read' "$work/out" --kernels "$work/none"
refuses 2 'no such option' "$work/out" --kernels "$kernels" --fast
refuses 2 '--engines: 4 is not accepted (give 1..3)' "$work/out" --kernels "$kernels" --engines 4
refuses 2 '--engines: x is not accepted' "$work/out" --kernels "$kernels" --engines x
refuses 2 '--sync-stages: 1 is not accepted (give 2..4)' "$work/out" --kernels "$kernels" --sync-stages 1
refuses 2 'no such directory' "$work/out" --kernels "$kernels" --rtl "$work/nowhere"
refuses 2 'no .v file in it' "$work/out" --kernels "$kernels" --rtl "$work/none"
refuses 2 'no .v file in it' "$work/out" --kernels "$kernels" --rtl "$work/text"
refuses 2 'mine.v: the board has no such file' "$work/out" --kernels "$kernels" --rtl "$work/stray"
refuses 2 'cannot be made' "$work/text/readme.txt/out" --kernels "$kernels"

# Verilog that Verilator refuses: its message and the line come through.
sed 's/^endmodule/assign ;\nendmodule/' "$kernels/recal.v" >"$work/syntax/recal.v"
refuses 1 'recal.v:' "$work/out" --kernels "$kernels" --rtl "$work/syntax"
sed 's/\[15:0\] phi_o/[14:0] phi_o/' "$kernels/recal.v" >"$work/ports/recal.v"
refuses 1 'phi_o' "$work/out" --kernels "$kernels" --rtl "$work/ports"

# says TEXT COMMAND...: the command fails with TEXT in what it prints.
says() {
    local text=$1
    shift
    checks=$((checks + 1))
    if (cd "$work" && "$@") >"$work/log" 2>&1 || ! grep -qF -- "$text" "$work/log"; then
        echo "$*: did not fail, or \"$text\" expected in:"
        cat "$work/log"
        failed=1
    fi
}

# Delays, as other HLS tools write them, are accepted. A memory file that is not there shows when the board is
# opened; a $stop in mid-run ends the board, not the program.
mkdir "$work/memory"
sed 's/^endmodule/reg [7:0] rom [0:3]; initial begin #0 $readmemh("rom.mem", rom); end\n'\
'reg [3:0] n; always @(posedge clk_i) begin n <= rst_i ? 0 : n + rom[1][3:0]; if (n == 9) $stop; end\n'\
'endmodule/' \
    "$kernels/recal.v" >"$work/memory/recal.v"
if "$build" "$work/out" --kernels "$kernels" --rtl "$work/memory" --jobs 1; then
    says 'rom.mem' "$open_board" "$work/out/board.so"
    echo '0 1 2 3' >"$work/rom.mem"
    says '($stop)' "$open_board" "$work/out/board.so"
else
    failed=1
fi

echo "$checks checks"
exit $failed
