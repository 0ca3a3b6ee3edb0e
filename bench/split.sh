#!/bin/sh
# What -fsplit-stack costs: a recursive Fibonacci, which is nothing but calls, with the flag and without; the best of RUNS (7) runs,
# interleaved.
#
# B=build (or O) is where libgarn.a is.
set -eu
cd "$(dirname "$0")/.."
: "${B:=${O:-build}}" "${RUNS:=7}"
mkdir -p "$B/bench"
t=$B/bench/split
cat >"$t.c" <<'C'
#include <garn.h>
#include <stdio.h>
#include <stdlib.h>
__attribute__((noinline)) static long fib(long n)
{
	__asm__ volatile("");
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}
static void work(int n, chan(double) c)
{
	int64_t t = garn_now();
	long r = fib(n);
	chan_send(c, (double)(garn_now() - t) / (3.236 * (double)r)); /* as many calls as 2 fib(n + 1) - 1 */
}
int main(void)
{
	chan(double) c = chan_make(double, 0);
	go(work, 36, c);
	printf("%.3f\n", chan_recv(c));
	return 0;
}
C
for cc in gcc clang; do
	command -v $cc >/dev/null 2>&1 || continue
	for f in '' -fsplit-stack; do
		$cc -O2 -fno-inline $f -Iinclude -o "$t$f.$cc" "$t.c" -Wl,--wrap=main "$B/libgarn.a" -pthread
	done
	: >"$t.txt"
	for i in $(seq "$RUNS"); do
		for f in '' -fsplit-stack; do
			echo "$cc${f:-} $(GARN_MAXPROCS=1 "$t$f.$cc")" >>"$t.txt"
		done
	done
	sort "$t.txt" | awk '{ if (!($1 in best) || $2 < best[$1]) best[$1] = $2 } END { for (k in best) printf "%-20s %.2f ns a call\n", k, best[k] }' | sort
done
