#!/bin/sh
# Instructions a unit, counted by valgrind's callgrind at one P: a cost that repeats where times drift.
#
#   bench/icount.sh            the rows below
#   ROWS="a c" bench/icount.sh some of them, by letter or by name
#
# B=build (or O) is where libgarn.a is; CC=cc CFLAGS=-O2. Each program runs at two sizes, and the
# difference is divided, so that start and end cancel out. What it cannot see: locked instructions, cache
# misses and system calls cost more than one, and under valgrind garn may take its fallbacks.
set -u
cd "$(dirname "$0")/.." || exit 1

: "${B:=${O:-build}}" "${CC:=cc}" "${CFLAGS:=-O2}" "${ROWS:=}"
if ! command -v valgrind >/dev/null 2>&1; then
	echo "bench/icount.sh: valgrind is not installed"
	exit 0
fi
if [ ! -f "$B/libgarn.a" ]; then
	echo "bench/icount.sh: $B/libgarn.a is missing: run make first" >&2
	exit 1
fi
mkdir -p "$B/bench" || exit 1
log=$B/bench/icount.log
failed=0

# count PROGRAM SIZE: the instructions of one run
count() {
	GARN_MAXPROCS=1 timeout 300 valgrind --tool=callgrind --callgrind-out-file=/dev/null "$1" "$2" >/dev/null 2>"$log" || return 1
	sed -n 's/^==[0-9]*== Collected : *//p' "$log"
}

# row NAME WHAT SMALL LARGE UNITS: UNITS is how many more units the large run has than the small one
row() {
	if [ -n "$ROWS" ]; then
		for r in $ROWS; do
			case $1 in "$r" | "$r"_* | "$r"[0-9]_*) break ;; esac
			r=
		done
		[ -n "$r" ] || return 0
	fi
	# CC and CFLAGS may hold several words.
	# shellcheck disable=SC2086
	$CC $CFLAGS -Iinclude -o "$B/bench/$1" "bench/$1.c" -Wl,--wrap=main "$B/libgarn.a" -pthread || exit 1
	if small=$(count "$B/bench/$1" "$3") && large=$(count "$B/bench/$1" "$4"); then
		echo "$1 $5 $small $large" | awk -v what="$2" '{ printf "%-13s %8.1f instructions %s\n", $1, ($4 - $3) / $2, what }'
	else
		echo "$1 failed:" && tail -n 20 "$log"
		failed=1
	fi
}

row a_yield 'a switch' 10000 60000 100000
row b1_spawn 'a start and join' 10000 60000 50000
row b2_million 'a goroutine' 2000 12000 10000
row c_pingpong 'a round trip' 10000 60000 50000
row d1_buffered 'an item' 20000 120000 100000
row d2_buffered4 'an item' 20000 120000 100000
row e_select 'an item' 10000 60000 50000
row f1_mutex 'a lock and unlock' 10000 110000 100000
row f2_mutex100 'a lock and unlock' 10000 110000 100000
row g_skynet 'a leaf' 1000 10000 9000
row h_fib 'a goroutine' 12 16 2728
exit $failed
