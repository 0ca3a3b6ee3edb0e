# -fsplit-stack through the tool: by every compiler and linker there is, compiled and linked at once or apart, mixed with code without it;
# what cannot work is said in one line. A program that has no such code has nothing of __morestack.
# SAN: no-address no-undefined no-thread no-hard (the tool itself has no flavours)
# TIMEOUT: 300
. "$GARN_SRC/tests/sh.inc"
: "${NM:=nm}"
garn=$GARN_O/garn
unset CXX
export GARN_STACK=256K

cat >deep.c <<'E'
#include <string.h>
long plain(long n);
long deep(long n)
{
	char b[200];
	memset(b, (int)n, sizeof b);
	return n ? plain(n - 1) + (b[199] == (char)n) : 0;
}
E
cat >plain.c <<'E'
long deep(long n);
long plain(long n) { volatile char b[300]; b[0] = 1; return deep(n) + b[0]; }
E
cat >main.c <<'E'
#include <garn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
long deep(long n);
static void work(long n, chan(long) c) { chan_send(c, deep(n)); }
static void *thread(void *p) { *(long *)p = deep(50); return 0; }
int main(int argc, char **argv)
{
	chan(long) c = chan_make(long, 0);
	long n = argc > 1 ? atol(argv[1]) : 100, t;
	pthread_t id;
	pthread_create(&id, 0, thread, &t);
	pthread_join(id, 0);
	go(work, n, c);
	printf("%ld %ld\n", chan_recv(c), t);
	return 0;
}
E
cat >variadic.c <<'E'
#include <stdarg.h>
int sum(int n, ...) { va_list ap; va_start(ap, n); int s = 0; while (n--) s += va_arg(ap, int); va_end(ap); return s; }
int main(void) { return sum(3, 1, 2, 3) != 6; }
E
sed 's/^int sum/__attribute__((no_split_stack)) &/' variadic.c >marked.c

overflow() { # PROGRAM...
	want 2 "$@" 10000000
	says err 'runtime: goroutine stack exceeds 196608-byte limit'
	says err 'deep'
}

for cc in gcc clang; do
	command -v $cc >/dev/null 2>&1 || continue
	export CC=$cc
	for ld in '' bfd gold lld; do
		[ -z "$ld" ] || command -v ld.$ld >/dev/null 2>&1 || continue
		ld=${ld:+-fuse-ld=$ld}
		want 0 "$garn" build -o prog -fsplit-stack main.c deep.c plain.c $ld
		empty err
		want 0 ./prog
		is out '200 100'
		overflow ./prog
		# apart; the flag only where it is compiled
		want 0 "$garn" build -c -fsplit-stack deep.c main.c $([ -z "$ld" ] || [ $cc = clang ] || echo -fcf-protection=none)
		want 0 "$garn" build -c plain.c
		want 0 "$garn" build -o prog main.o deep.o plain.o $ld
		want 0 ./prog
		is out '200 100'
		overflow ./prog
		# gold and lld change functions that call into code without it; a test that knows all arguments
		want 0 "$garn" build -o args "$GARN_SRC/tests/t_split_args.c" -I "$GARN_SRC/tests" -fsplit-stack -DT_SCALE=10 -w $ld
		want 0 ./args
	done
	for ld in '' lld; do
		[ -z "$ld" ] || command -v ld.$ld >/dev/null 2>&1 || continue
		want 0 "$garn" build -o prog -fsplit-stack -static -w main.c deep.c plain.c ${ld:+-fuse-ld=$ld}
		want 0 ./prog
		is out '200 100'
	done
	if command -v ld.lld >/dev/null 2>&1; then
		want 2 "$garn" build -fsplit-stack -fcf-protection -fuse-ld=lld main.c deep.c plain.c
		is err 'garn: -fuse-ld=lld takes no code made with both -fsplit-stack and -fcf-protection; leave out one of the three'
		want 2 "$garn" build -fsplit-stack -fpatchable-function-entry=4 -fuse-ld=lld main.c deep.c plain.c
		says err 'garn: gold and lld take no code made with -fsplit-stack and a flag that puts something in front of each function'
		[ "$(wc -l <err)" -eq 1 ] || no "more than a line: $(cat err)"
	fi
	want 0 "$garn" run marked.c -fsplit-stack
	want 2 "$garn" build -shared -fsplit-stack deep.c
	is err 'garn: -fsplit-stack is for programs: compile a plug-in (-shared) without it'
	CC="$cc -fsplit-stack" want 2 "$garn" build -shared deep.c
	is err 'garn: -fsplit-stack is for programs: compile a plug-in (-shared) without it'
done

if command -v gcc >/dev/null 2>&1; then
	export CC=gcc
	want 0 "$garn" run variadic.c -fsplit-stack
	want 0 "$garn" build -o args "$GARN_SRC/tests/t_split_args.c" -I "$GARN_SRC/tests" -fsplit-stack -DT_SCALE=10 -w -maccumulate-outgoing-args
	want 0 ./args
	want 2 "$garn" build -fsplit-stack -fcf-protection -fuse-ld=gold main.c deep.c plain.c
	is err 'garn: -fuse-ld=gold takes no code made with both -fsplit-stack and -fcf-protection; leave out one of the three'
	want 2 "$garn" build -fsplit-stack -pg main.c deep.c plain.c
	is err "garn: gcc's -pg does not go with -fsplit-stack: it counts only calls that find the stack full; leave out one of the two"
	# link-time optimization: the flag is wanted at both steps
	if gcc -flto -x c - -o lto </dev/null -r 2>/dev/null; then
		want 0 "$garn" build -c -fsplit-stack -flto deep.c main.c
		want 0 "$garn" build -o prog -fsplit-stack -flto main.o deep.o plain.c
		overflow ./prog
		$NM prog | grep -q __morestack || no "-flto: no __morestack"
	fi
fi
if command -v clang >/dev/null 2>&1; then
	export CC=clang
	want 2 "$garn" build -fsplit-stack variadic.c
	is err 'garn: clang compiles no variadic function with -fsplit-stack; mark those with __attribute__((no_split_stack)), or set CC=gcc'
	echo 'int main(void) { return x; }' >wrong.c
	want 1 "$garn" build -fsplit-stack wrong.c
	says err "undeclared identifier 'x'"
fi

export CC=gcc
command -v gcc >/dev/null 2>&1 || export CC=clang
want 0 "$garn" build -o without main.c deep.c plain.c
! $NM without | grep -q ' __morestack\| __wrap_pthread' || no "a program without the flag has $($NM without | grep __)"

# The shared library has no __morestack, so the linker takes libgcc's, which knows no goroutines: said at the start.
cat >embed.c <<'E'
#include <garn.h>
static int run(int argc, char **argv) { (void)argv; return argc; }
int main(int argc, char **argv) { return garn_run(run, argc, argv); }
E
want 0 "$CC" -fsplit-stack -I "$GARN_SRC/include" -o shared embed.c -L "$GARN_O" -lgarn -Wl,-rpath,"$GARN_O" -pthread
want 2 ./shared
says err "garn: libgcc's split stacks are in this program"
done_testing
