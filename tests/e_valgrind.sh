#!/bin/sh
# Valgrind knows the stacks: a program that switches, sends, sleeps and selects runs under it without a complaint. membarrier
# and guard markers are refused there, so the fallbacks run too.
# SAN: no-address no-thread no-undefined (Valgrind cannot run a sanitizer's program)
# TIMEOUT: 200
set -eu
command -v valgrind >/dev/null 2>&1 || { echo "skip: no valgrind here"; exit 77; }
# Valgrind up to 3.19 dies of the debug information that clang writes.
strip=
case $($CC --version) in *clang*) strip=-Wl,--strip-debug ;; esac
for p in 1 2; do
	$CC -g -O1 $strip -I"$GARN_SRC/include" "$GARN_SRC/examples/sieve.c" -o sieve -Wl,--wrap=main "$GARN_O/libgarn.a" -pthread
	$CC -g -O1 $strip -I"$GARN_SRC/include" "$GARN_SRC/examples/ratelimit.c" -o rate -Wl,--wrap=main "$GARN_O/libgarn.a" -pthread
	GARN_MAXPROCS=$p valgrind -q --error-exitcode=9 --fair-sched=yes ./sieve 30 >out 2>err || { cat err; exit 1; }
	GARN_MAXPROCS=$p valgrind -q --error-exitcode=9 --fair-sched=yes ./rate >out 2>err || { cat err; exit 1; }
	if [ -s err ]; then
		cat err
		exit 1
	fi
done
