#!/usr/bin/env bash
# convert and show from outside: files_test.sh PROGRAM, from the project's root.
set -euo pipefail
program=$1
# shellcheck source=tests/cli/check.sh
. tests/cli/check.sh

convert=("$program" convert) show=("$program" show)

# A capture of two BX on four links: a muon of 5 GeV at eta 0.109, then none.
{
    printf 'Board small\n Quad/Chan :    q00c0      q00c1      q00c2      q00c3\n'
    printf '      Link :     00         01         02         03\n'
    for frame in 0 1 2 3 4 5 6 7 8 9 10 11 12; do
        word=1v00000000
        [ "$frame" = 2 ] && word=1v05602c37
        [ "$frame" = 3 ] && word=1v00000248
        printf 'Frame %04d : %s 1v00000000 0v00000000 1v00000000\n' "$frame" "$word"
    done
} >"$work/capture.txt"

expect 0 'mp7\) -> .*: 13 rows of 1 board' "${convert[@]}" "$work/capture.txt" "$work/again.txt"
holds 'an MP7 file is written again as it was' cmp "$work/capture.txt" "$work/again.txt"
expect 0 'pT 5.0 GeV  eta  0.109 ' "${show[@]}" "$work/capture.txt"
expect 0 'by lane:  0: 1  1: 0' "${show[@]}" "$work/capture.txt"
expect 0 '"pt_gev":5.0,"pt_overflow":false,"eta":0.108750' "${show[@]}" "$work/capture.txt" --json
expect 0 '^0 muons' "${show[@]}" "$work/capture.txt" --link 3
expect 0 'orbit 9 BX 3563$' "${show[@]}" "$work/capture.txt" --first-orbit 9 --bx-offset 3563
expect 0 ': 2 BX of 2 orbits' "${convert[@]}" "$work/capture.txt" "$work/edge" --to dma2022 --first-orbit 9 --bx-offset 3563
expect 0 'orbits \(9\.\.10' "${show[@]}" "$work/edge"
expect 0 'pT 5.0 GeV' "${show[@]}" "$work/edge" --orbit 9
expect 0 ' 0 BX' "${show[@]}" "$work/edge" --orbit 9 --bx 0-3000

# Compressed on the way out and in, through a pipe too.
for suffix in gz bz2 zst; do
    expect 0 '' "${convert[@]}" -q "$work/capture.txt" "$work/c.txt.$suffix" --to emp1
    expect 0 '' "${convert[@]}" -q "$work/c.txt.$suffix" "$work/back.txt" --to mp7
    holds "$suffix gives back what went in" cmp "$work/capture.txt" "$work/back.txt"
    holds "$suffix is smaller" test "$(stat -c %s "$work/c.txt.$suffix")" -lt "$(stat -c %s "$work/back.txt")"
    head -c 100 "$work/c.txt.$suffix" >"$work/cut.$suffix"
    expect 2 'compressed data are damaged or cut off' "${show[@]}" "$work/cut.$suffix" --from emp1
done
# Files packed in parts and put together are one file.
expect 0 '' "${convert[@]}" -q "$work/capture.txt" "$work/one.dat" --to host8
for suffix in gz bz2 zst; do
    "${convert[@]}" -q "$work/one.dat" "$work/part1.$suffix"
    "${convert[@]}" -q "$work/capture.txt" "$work/part2.$suffix" --to host8 --first-orbit 2
    cat "$work/part1.$suffix" "$work/part2.$suffix" >"$work/both.$suffix"
    expect 0 '^2 orbits \(1\.\.2' "${show[@]}" "$work/both.$suffix"
    printf 'x' >>"$work/both.$suffix"
    expect 2 'compressed data are damaged or cut off' "${show[@]}" "$work/both.$suffix"
done
expect 0 'emp1, EMP v1' bash -c 'cat "$1" | "$0" show -' "$program" "$work/c.txt.gz"
expect 0 '^Board small' bash -c '"$0" convert -q "$1" - --to mp7 | cat' "$program" "$work/c.txt.zst"

# What cannot be held is told, or refused.
expect 0 'lost: 1 muons: the lane and slot' "${convert[@]}" "$work/capture.txt" "$work/h" --to host8
expect 0 'lost: 1 BX without muons' "${convert[@]}" "$work/capture.txt" "$work/h" --to host8
expect 0 'eta  0.109' "${show[@]}" "$work/h"
rm "$work/h"
expect 2 'host8 cannot hold muons: the lane' "${convert[@]}" "$work/capture.txt" "$work/h" --to host8 --lossless
holds 'nothing is left behind' test ! -e "$work/h"

# Numbers from 0 or 1 at the border.
expect 0 '' "${convert[@]}" -q "$work/capture.txt" "$work/f.raw" --to frd --run 5 --ls 3 --bx-offset 17
expect 0 'orbit 1 BX 17$' "${show[@]}" "$work/f.raw"
expect 0 'orbit 1 BX 18$' "${show[@]}" "$work/f.raw" --in-base 0
expect 0 '' "${convert[@]}" -q "$work/f.raw" "$work/f0.raw" --out-base 0
expect 0 'orbit 1 BX 17$' "${show[@]}" "$work/f0.raw" --in-base 0
expect 0 '' bash -c '"$0" convert -q "$1" - --to frd --run 5 --ls 3 --bx-offset 17 | cmp - "$2"' "$program" "$work/capture.txt" "$work/f.raw"

# What is wrong, with its place.
sed '8s/1v00000248/1v0000024x/; 8s/Frame/Frame/' "$work/capture.txt" | sed '7s/1v/2v/' >"$work/bad.txt"
expect 2 'bad.txt:7: frame 3: link 0: "2v00000248" \(give words such as' "${convert[@]}" "$work/bad.txt" "$work/x"
expect 2 'bad.txt:7: frame 3' "${show[@]}" "$work/bad.txt"
holds 'nothing is left behind' test ! -e "$work/x"
expect 1 '1 errors, gone on after each' "${convert[@]}" "$work/bad.txt" "$work/x" --recover
holds 'what was good is kept' test "$(grep -c Frame "$work/x")" = 3
head -c 700 "$work/edge" >"$work/cut"
expect 2 'cut: byte 672: the frame is cut off \(28 of 32' "${show[@]}" "$work/cut"
expect 1 'errors, gone on after each' "${show[@]}" "$work/cut" --recover
: >"$work/empty"
expect 2 'empty: is empty' "${show[@]}" "$work/empty"
head -c 5000 /dev/zero | tr '\0' x >"$work/garbage"
expect 2 'in no format that is known \(give --from one of frd, ' "${show[@]}" "$work/garbage"
expect 2 'garbage:1: ' "${show[@]}" "$work/garbage" --from emp2
expect 2 'garbage: byte 0: no "RAW_0002"' "${show[@]}" "$work/garbage" --from frd
expect 2 'tests: is a directory' "${show[@]}" tests
expect 2 'no/such: No such file' "${show[@]}" no/such
expect 2 'cannot be made: No such file' "${convert[@]}" "$work/capture.txt" no/such/file
expect 2 'no output file' "${convert[@]}" "$work/capture.txt"
expect 2 'no file \(give one\)' "${show[@]}"
expect 2 'mp8: unknown \(did you mean mp7\? give frd, ' "${convert[@]}" a b --to mp8
expect 2 'no range \(give N or N-M, 0\.\.3563\)' "${show[@]}" "$work/edge" --bx 5000
expect 2 'give link numbers 0\.\.999' "${show[@]}" "$work/capture.txt" --links 0,x
expect 2 'has no link 9' "${show[@]}" "$work/capture.txt" --links 9
if [ -w /dev/full ]; then
    expect 2 'No space left on device' "${convert[@]}" "$work/capture.txt" /dev/full
    expect 2 'No space left on device' bash -c '"$0" show "$1" >/dev/full' "$program" "$work/capture.txt"
fi

# A run replayed from its own records, in any format that keeps all words: the same content everywhere.
run=("$program" run scenarios/pp_fill.cfg --quiet --orbits 2 --engine default=model)
contents() { grep '"content_digest"' "$1/summary.json"; }
expect 0 'pp_fill: pass' "${run[@]}" --records --out "$work/first"
for format in records dma2018 dma2021 dma2022 mp7 emp1 emp2 apx; do
    expect 0 '' "${convert[@]}" -q "$work/first/records.txt" "$work/replay.zst" --to "$format"
    expect 0 'pp_fill: pass' "${run[@]}" --set stimulus.source=file --input "$work/replay.zst" --out "$work/second"
    same "the content of a replay from $format" "$(contents "$work/second")" "$(contents "$work/first")"
done
# Formats of muons keep the muons, test vectors the final ones.
for format in host8 host12 frd ugt; do
    options=()
    [ "$format" != frd ] || options=(--run 1 --ls 1)
    expect 0 '' "${convert[@]}" -q "$work/first/records.txt" "$work/replay" --to "$format" "${options[@]}"
    expect 0 'pp_fill: pass' "${run[@]}" --set stimulus.source=file --input "$work/replay" --out "$work/second"
    [ "$format" != ugt ] || continue
    same "the muons of a replay from $format" "$(grep -m 1 '"muons"' "$work/second/summary.json")" \
        "$(grep -m 1 '"muons"' "$work/first/summary.json")"
done
expect 0 'pp_fill: pass' "${run[@]}" --input "$work/replay.zst" --set stimulus.source=file --set stimulus.file.repeat=true \
    --orbits 5 --out "$work/second"
expect 0 '^5 orbits|^[0-9]* orbits \(1\.\.5' "${show[@]}" "$work/second/scout_GMT_000001_000000.dat"
expect 2 'cut: byte 672: the frame is cut off' "${run[@]}" --set stimulus.source=file --input "$work/cut" --out "$work/third"
expect 0 'errors in the file, gone on after each' "${run[@]}" --set stimulus.source=file --set stimulus.file.recover=true \
    --input "$work/cut" --out "$work/third"
expect 2 'is not read, stimulus.source is "generator"' "${run[@]}" --set "stimulus.file.name=$work/edge"
expect 2 'in no format that is known' "${run[@]}" --set stimulus.source=file --input "$work/garbage" --out "$work/third"

# A file whose end is missing: strict makes nothing of it, recover keeps what came before.
expect 0 '' "${convert[@]}" -q "$work/first/records.txt" "$work/whole.gz" --to dma2018
head -c 20000 "$work/whole.gz" >"$work/part.gz"
expect 2 'part.gz: byte [0-9]+: the compressed data are damaged or cut off' "${convert[@]}" "$work/part.gz" "$work/kept.dat"
holds 'nothing is left behind' test ! -e "$work/kept.dat"
expect 1 '1 errors, gone on after each' "${convert[@]}" "$work/part.gz" "$work/kept.dat" --recover
holds 'what came before the end is kept' test "$(stat -c %s "$work/kept.dat")" -gt 100000

# What a board recorded against what it should have: a capture, its replay through the chain, and a muon changed.
compare=("$program" compare)
replay=("${run[@]}" --set stimulus.source=file --input "$work/first/records.txt" --out "$work/second"
    --set output.dma=true --set event_pack.corrections=none)
expect 0 'pp_fill: pass' "${replay[@]}"
expect 0 '^[0-9]{3} BX compared, 0 muons and [0-9]+ words in them: 0 differences' \
    "${compare[@]}" "$work/second/dma.dat" "$work/first/records.txt" --ignore-empty
expect 0 '^[0-9]{3} BX compared, [0-9]{3} muons and 0 words in them: 0 differences' \
    "${compare[@]}" "$work/first/scout_GMT_000001_000000.dat" "$work/second/dma.dat"
expect 1 'orbit 1 BX 0: only in the second file' "${compare[@]}" "$work/second/dma.dat" "$work/first/records.txt"
cp "$work/second/dma.dat" "$work/changed.dat"
printf '\001' | dd of="$work/changed.dat" bs=1 seek=$((32 + 64)) conv=notrunc 2>/dev/null
expect 1 '^orbit 1 BX [0-9]+ lane 0 A low: [0-9a-f]{8}, in the second file [0-9a-f]{6}01$' \
    "${compare[@]}" "$work/second/dma.dat" "$work/changed.dat"
expect 0 '' "${convert[@]}" -q "$work/changed.dat" "$work/changed.h12" --to host12
expect 1 '^orbit 1 BX [0-9]+ muon 1 of [0-9]: [0-9a-f]{16} \(pT code' "${compare[@]}" "$work/second/dma.dat" "$work/changed.h12"
# The records of the frames that the board sends are that stream too.
expect 0 'pp_fill: pass' "${replay[@]}" --records --set event_pack.corrections=appended
for boundary in event_pack cdc_dma dma; do
    expect 0 '' "${convert[@]}" -q "$work/second/records.txt" "$work/frames.dat" --to dma2022 --boundary "$boundary"
    holds "the frames of $boundary are the stream" cmp "$work/second/dma.dat" "$work/frames.dat"
done
sed '/^dma .* payload /{x;s/^/x/;/^x\{8\}$/{x;s/ payload / pyaload /;x;};x;}' "$work/second/records.txt" >"$work/bad_frame.txt"
expect 2 'bad_frame.txt:[0-9]+: no record' "${show[@]}" "$work/bad_frame.txt" --boundary dma
expect 0 'pp_fill: pass' "${replay[@]}" --set run.first_orbit=500
expect 1 'nothing was compared' "${compare[@]}" "$work/changed.dat" "$work/second/dma.dat"
expect 1 ' 1 differences' "${compare[@]}" "$work/changed.dat" "$work/second/dma.dat" --align-orbits
expect 2 'two files are needed' "${compare[@]}" "$work/changed.dat"
# The shipped scenario does it from what a board gave out: the same stream again, and what was changed is found.
again=("$program" run scenarios/replay.cfg --quiet --orbits 2 --engine default=model --out "$work/third")
expect 0 'replay: pass' "${again[@]}" --input "$work/second/dma.dat"
expect 0 '^[0-9]{3} BX compared, 0 muons and [0-9]+ words in them: 0 differences' \
    "${compare[@]}" "$work/second/dma.dat" "$work/third/dma.dat" --align-orbits
expect 1 ' 1 differences' "${compare[@]}" "$work/changed.dat" "$work/third/dma.dat" --align-orbits

# The second decoder.
expect 0 '^[0-9]{5,} checks, 0 failures' python3 tests/cli/formats_check.py "$program"

# Published files, where they are: written again byte for byte, and a capture's muons.
data=${BXACT_SHARED_DATA:-../shared/data}
for file in "$data"/ugmt/*.txt "$data"/emp/*.txt "$data"/ugt/*.txt; do
    [ -e "$file" ] || continue
    expect 0 '' "${convert[@]}" -q --lossless "$file" "$work/copy"
    holds "$file is written again as it was" cmp "$file" "$work/copy"
done
if [ -e "$data/ugmt/TT_TuneCUETP8M1_13TeV_out.txt" ]; then
    expect 0 ': 161 BX of 1 orbits' "${convert[@]}" "$data/ugmt/TT_TuneCUETP8M1_13TeV_out.txt" "$work/tt" --to host8
    expect 0 '^205 muons' "${show[@]}" "$work/tt"
    expect 0 '^307 muons' "${show[@]}" "$data/ugmt/JPsiToMuMu_Pt20to120_EtaPhiRestricted_out.txt"
fi
finish
