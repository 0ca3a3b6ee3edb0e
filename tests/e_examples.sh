#!/bin/sh
# The examples: each is run by `garn run`, and at 1, 2 and 8 Ps, and prints what examples/expected/NAME.txt says.
# wordcount must besides agree with its own plain count, on nasty files and on real folders.
# TIMEOUT: 600
# ALONE
#
# CC is honoured; with SAN the examples are built with that sanitizer, with HARD against that library. Skynet is smaller
# then: a million goroutines are the plain build's business.
set -u

src=${GARN_SRC:-$(cd "$(dirname "$0")/.." && pwd)}
lib=${GARN_O:-$src/build}/libgarn.a
export CC="${CC:-gcc}" LC_ALL=C
: "${SAN:=}" "${HARD:=}" "${GARN_TIMEOUT_SCALE:=1}"
unset GARN_MAXPROCS GARN_STACK || true
limit=$((60 * GARN_TIMEOUT_SCALE))
failed=0 skipped=

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp" || exit 1

libs() { # libs NAME: what it is linked with
	[ "$1" != dbload ] || echo -lsqlite3
}

# The words of CC, and the flags, are meant to be split.
# shellcheck disable=SC2046,SC2086
compile() { # compile NAME: the program is ./NAME
	if [ "$1" = embed ] || [ -n "$HARD" ]; then # with a main of its own; or a library that `garn build` does not know
		[ "$1" = embed ] && wrap= || wrap=-Wl,--wrap=main
		$CC -O2 -g -Wall -Wextra -Werror ${SAN:+-fsanitize=$SAN} -I "$src/include" -o "$1" \
			"$src/examples/$1.c" $wrap "$lib" -pthread $(libs "$1")
	else
		"$src/garn" build -o "$1" -Wall -Wextra -Werror ${SAN:+-fsanitize=$SAN} "$src/examples/$1.c" $(libs "$1")
	fi
}

# same NAME WHAT EXPECTED GOT: complains with a diff unless the files are equal
same() {
	if ! cmp -s "$3" "$4"; then
		echo "$1: $2: not what was expected:"
		diff "$3" "$4" | head -n 40
		[ ! -s err ] || { echo "standard error:" && head -n 40 err; }
		good=no
	fi
}

# status NAME WHAT EXPECTED GOT
status() {
	if [ "$3" -ne "$4" ]; then
		echo "$1: $2: exit status $4, expected $3"
		[ ! -s err ] || head -n 40 err
		good=no
	fi
}

verdict() { # verdict NAME
	if [ $good = yes ]; then echo "$1: ok"; else echo "$1: FAILED" && failed=1; fi
}

# example NAME EXPECTED ARGS...
# shellcheck disable=SC2046
example() {
	name=$1 expected=$2 good=yes
	shift 2
	if ! compile "$name"; then
		good=no
	else
		for p in 1 2 8; do
			GARN_MAXPROCS=$p timeout $limit "./$name" "$@" >out 2>err </dev/null
			status "$name" "$p Ps" 0 $?
			same "$name" "$p Ps" "$expected" out
		done
		if [ "$name" != embed ] && [ -z "$SAN$HARD" ]; then
			timeout $limit "$src/garn" run "$src/examples/$name.c" $(libs "$name") -- "$@" >out 2>err </dev/null
			status "$name" "garn run" 0 $?
			same "$name" "garn run" "$expected" out
		fi
	fi
}

# agree STATUS ARGS...: at 1, 2 and 8 Ps, the pipeline prints and complains as the plain count does
agree() {
	want=$1
	shift
	timeout $limit ./wordcount --plain --top 1000000 "$@" >plain 2>err </dev/null
	status wordcount "--plain $*" "$want" $?
	sort err >plain.err
	for p in 1 2 8; do
		GARN_MAXPROCS=$p timeout $limit ./wordcount --top 1000000 "$@" >out 2>err </dev/null
		status wordcount "$p Ps, $*" "$want" $?
		same wordcount "$p Ps, $*" plain out
		sort err >out.err
		same wordcount "$p Ps, the complaints about $*" plain.err out.err
	done
}

# Files that a careless counter stumbles over, in ./nasty.
nasty() {
	mkdir -p nasty/deep/er/still nasty/bare
	: >nasty/empty
	printf 'no newline at the end' >nasty/tail
	printf '\n\n\n' >nasty/lines
	cp wordcount nasty/binary
	awk 'BEGIN { for (i = 0; i < 60000; i++) printf "w%d straddles-blocks\t", i % 977 }' >nasty/long-line
	awk 'BEGIN { for (i = 0; i < 30000; i++) printf "hugeword" }' >nasty/deep/one-word
	awk 'BEGIN { printf "Z"; for (i = 1; i < 65536; i++) printf "z" }' >nasty/deep/exactly-a-block
	awk 'BEGIN { for (i = 0; i < 65535; i++) printf "y"; printf " after" }' >nasty/deep/er/block-and-a-word
	awk 'BEGIN { for (i = 0; i < 65536; i++) printf " "; printf "after" }' >nasty/deep/er/blanks
	printf 'gr\303\274n, GR\303\274N, broken \303 \377\376 utf8\n' >nasty/deep/er/still/utf8
	ln -s .. nasty/deep/loop
	ln -s nowhere nasty/dangling
	mkfifo nasty/fifo
}

wordcounts() {
	nasty
	agree 0 nasty
	agree 0 nasty/empty
	agree 0 nasty/deep/one-word nasty/tail nasty/deep nasty/deep/one-word
	agree 0 nasty/bare
	agree 0 "$src/include" "$src/src" "$src/examples"
	if [ -d /usr/include ] && [ -z "$SAN$HARD" ]; then agree 0 /usr/include; fi

	agree 1 nasty/tail missing nasty/dangling nasty/lines
	grep -q '^wordcount: missing: No such file or directory$' err || {
		echo "wordcount: a missing file: no errno text" && cat err
		good=no
	}
	if [ "$(id -u)" -ne 0 ]; then
		echo secret >nasty/secret && chmod 0 nasty/secret
		agree 1 nasty
	fi

	printf 'one two two' | timeout $limit ./wordcount 2>err | tail -n 2 >out
	printf '           2  two\n           1  one\n' >piped
	same wordcount "standard input" piped out
	if [ -w /dev/full ]; then
		timeout $limit ./wordcount nasty/tail >/dev/full 2>err
		status wordcount "a full disk" 1 $?
	fi
}

for name in sieve skynet philosophers ratelimit pthreads embed echo tcpproxy chat portscan dbload wordcount; do
	expected=$src/examples/expected/$name.txt
	case $name in
	wordcount)
		example wordcount "$expected" "$src/examples/sample.txt"
		[ $good = yes ] && wordcounts
		;;
	skynet)
		if [ -n "$SAN$HARD" ]; then
			echo "1000 leaves, sum 499500: right" >small
			example skynet "$PWD/small" 1000
		else
			example skynet "$expected"
		fi
		;;
	dbload)
		# shellcheck disable=SC2086
		if ! echo '#include <sqlite3.h>' | $CC -E -o /dev/null - 2>/dev/null; then
			skipped="dbload needs sqlite3.h (Debian: libsqlite3-dev); the other examples are right"
			continue
		fi
		example dbload "$expected"
		;;
	*) example "$name" "$expected" ;;
	esac
	verdict "$name"
done
if [ $failed = 0 ] && [ -n "$skipped" ]; then
	echo "skip: $skipped"
	exit 77
fi
exit $failed
