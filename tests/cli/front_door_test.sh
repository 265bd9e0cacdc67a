#!/usr/bin/env bash
# The script ./bxact against stand-ins for apt-get, cmake, ninja and ctest: what it installs and builds.
# Needs no network and changes nothing outside its own folder. front_door_test.sh, from the project's root.
set -euo pipefail
# shellcheck source=tests/cli/check.sh
. tests/cli/check.sh

root=$work/project fakes=$work/fakes log=$work/log
mkdir -p "$root/tools" "$fakes"
cp bxact "$root/"
printf '# comment\nalpha\nbeta # why\n\ngamma\n' >"$root/tools/packages.txt"

fake() { # NAME, body on stdin: logs its call, then does the body
    { printf '#!/bin/bash\necho "%s $*" >>"%s"\n' "$1" "$log"; cat; } >"$fakes/$1"
    chmod +x "$fakes/$1"
}

fake dpkg-query <<<'for p in $(cat "$STATE/installed"); do echo "installed $p"; done; exit 1'
fake id <<<'cat "$STATE/uid"'
fake sudo <<'BODY'
[ -e "$STATE/sudo_works" ] || exit 1
[ "$1" = -n ] && shift
[ "$1" = true ] || exec "$@"
BODY
fake apt-get <<'BODY'
echo "frontend=$DEBIAN_FRONTEND" >>"$STATE/apt_env"
case "$*" in
*update*) touch "$STATE/updated" ;;
*install*)
    [ ! -e "$STATE/needs_update" ] || [ -e "$STATE/updated" ] || exit 100
    [ ! -e "$STATE/apt_broken" ] || { echo 'E: no such mirror'; exit 100; }
    for p; do case $p in alpha | beta | gamma) echo "$p" >>"$STATE/installed" ;; esac; done
    ;;
esac
BODY
fake cmake <<'BODY'
[ ! -e "$STATE/cmake_broken" ] || { echo 'CMake Error: no compiler'; exit 1; }
while [ $# -gt 0 ]; do case $1 in -S) src=$2 ;; -B) out=$2 ;; esac; shift; done
touch "$out/build.ninja"
echo "CMAKE_HOME_DIRECTORY:INTERNAL=$src" >"$out/CMakeCache.txt"
BODY
fake ninja <<'BODY'
out=$2
case "$*" in
*-n*) [ ! -e "$STATE/fresh" ] || { echo 'ninja: no work to do.'; exit; }; echo '[1/2] CC x.o' ;;
*)
    [ ! -e "$STATE/slow" ] || sleep 1
    echo '[1/2] CC x.o'
    [ ! -e "$STATE/ninja_broken" ] || { echo 'FAILED: x.o'; echo 'x.c:1: error: no such thing'; exit 1; }
    mkdir -p "$out/bin"
    cat >"$out/bin/bxact" <<'PROGRAM'
#!/bin/bash
if [ "$2" = --needs ]; then
    [ "$3" != bad.cfg ] || { echo 'bad.cfg: is empty' >&2; exit 2; }
    echo board_student_1; exit
fi
echo "program in $PWD: $*"
[ "$2" != bad.cfg ] || exit 2
PROGRAM
    chmod +x "$out/bin/bxact"
    touch "$STATE/fresh"
    ;;
esac
BODY
fake ctest <<'BODY'
verdict='100% tests passed, 0 tests failed'
[ ! -e "$STATE/tests_fail" ] || verdict='71% tests passed, 2 tests failed'
echo "$verdict out of 7"
echo
echo 'Total Test time (real) =   1.00 sec'
[ ! -e "$STATE/tests_fail" ] || exit 8
BODY

fresh_state() { # UID PACKAGE...
    rm -rf "$work/state" "$root/build" "$log"
    mkdir "$work/state"
    echo "$1" >"$work/state/uid"
    shift
    printf '%s\n' "$@" >"$work/state/installed"
    : >"$log"
}

cat >"$work/door" <<BODY
#!/bin/bash
unset BXACT_BUILD
export STATE=$work/state PATH=$fakes:$PATH
exec "$root/bxact" "\$@"
BODY
chmod +x "$work/door"
door=$work/door
called() { grep -cE -e "$1" "$log" || true; }

# All is there: configure and build once, then nothing but the question what is stale.
fresh_state 0 alpha beta gamma
expect 0 "^program in $PWD: run x.cfg --orbits 5\$" "$door" run x.cfg --orbits 5
same 'apt-get is not called' "$(called '^apt-get')" 0
same 'configured once' "$(called '^cmake')" 1
same 'the program is built, then what the scenario needs' \
    "$(called '^ninja -C .*/build (bxact|board_student_1)$')" 1
: >"$log"
expect 0 '^program in /: run a b$' bash -c 'cd / && "$0" run a b' "$door"
same 'a second call configures nothing' "$(called '^cmake')" 0
same 'a second call builds nothing' "$(called '^ninja .*build (bxact|board_student_1)$')" 0
expect 0 '^program in .*: keys$' "$door" keys

# A bad scenario: the program's own message and status.
expect 2 'program in .*: run bad.cfg' "$door" run bad.cfg

# Missing packages.
fresh_state 0 beta
expect 0 'installing 2 Debian packages: alpha gamma' "$door" run x.cfg
same 'only what is missing' "$(called '^apt-get .* install --no-install-recommends alpha gamma$')" 1
same 'asks nothing' "$(sort -u "$work/state/apt_env")" 'frontend=noninteractive'

fresh_state 0 beta
touch "$work/state/needs_update"
expect 0 '^program' "$door" run x.cfg
holds 'old lists are updated' test "$(called '^apt-get .* update$')" -ge 1

fresh_state 0 beta
touch "$work/state/apt_broken"
expect 2 'E: no such mirror' "$door" run x.cfg
holds 'and how to do it by hand is said' grep -q 'sudo apt-get install alpha gamma' "$work/out"

fresh_state 1000 gamma
expect 2 'these Debian packages are missing: alpha beta' "$door" run x.cfg
holds 'the command to type is named' grep -q 'install them with: sudo apt-get install alpha beta' "$work/out"
same 'apt-get is not called without rights' "$(called '^apt-get')" 0

fresh_state 1000 gamma
touch "$work/state/sudo_works"
expect 0 '^program' "$door" run x.cfg
same 'sudo is asked without a password' "$(called '^sudo -n env .*apt-get .*install')" 1

# What fails is shown.
fresh_state 0 alpha beta gamma
touch "$work/state/ninja_broken"
expect 2 'x.c:1: error: no such thing' "$door" run x.cfg
fresh_state 0 alpha beta gamma
touch "$work/state/cmake_broken"
expect 2 'CMake Error: no compiler' "$door" run x.cfg

# A project that was moved is configured anew.
fresh_state 0 alpha beta gamma
expect 0 '' "$door" setup
sed -i 's,=.*,=/elsewhere,' "$root/build/CMakeCache.txt"
expect 0 'has moved' "$door" setup
same 'configured twice' "$(called '^cmake')" 2

# Two at once: the second waits and then has nothing to build.
fresh_state 0 alpha beta gamma
touch "$work/state/slow"
"$door" setup >/dev/null 2>&1 &
for _ in $(seq 50); do [ "$(called '^ninja')" -ge 2 ] && break; sleep 0.05; done
expect 0 'waiting for another bxact' "$door" setup
wait
same 'built once' "$(called '^ninja -C .*/build$')" 1

# Tests: ctest's closing line ends it, its verdict is ours.
fresh_state 0 alpha beta gamma
expect 0 '' "$door" test -R muon
same 'the closing line is the last one' \
    "$(tail -n 1 "$work/out")" '100% tests passed, 0 tests failed out of 7'
same 'options go to ctest' \
    "$(called '^ctest .*--output-on-failure --output-junit .*/build/junit.xml -j2 -R muon$')" 1
same 'all is built' "$(called '^ninja -C .*/build$')" 1
touch "$work/state/tests_fail"
expect 1 '^71% tests passed' "$door" test

# Nowhere to build.
expect 2 'cannot be written' \
    env STATE="$work/state" PATH="$fakes:$PATH" BXACT_BUILD=/proc/build "$root/bxact" run x.cfg
expect 0 'the one front door' "$door"
expect 0 'the one front door' "$door" --help

if command -v shellcheck >/dev/null; then
    expect 0 '' shellcheck -S warning bxact .ci/run tests/cli/*.sh
fi
finish
