#!/bin/sh
# gdb's backtrace goes through the switches: from a function on the thread's own stack, through systemstack (a signal frame, for gdb), to the
# goroutine that called it; and in a goroutine it ends at goexit. The same from the unwinder inside the program is in t_trace_*.
# The program goes on to a second breakpoint and not to its end: gdb 13 has an internal error when a process exits while one of its threads is
# just being made, which HARD=1 makes likely.
# SAN: no-address no-thread (their own stacks are in the way of a plain look)
set -eu
. "$GARN_SRC/tests/sh.inc"
command -v gdb >/dev/null 2>&1 || { echo "skip: no gdb here"; exit 77; }
cat >prog.c <<'END'
#include <garn.h>
static volatile int n;
__attribute__((noinline)) void deep(void *arg) { n = *(int *)arg; }
__attribute__((noinline)) void worker(int x, chan(int) c) { garn_on_thread_stack(deep, &x); chan_send(c, n); }
__attribute__((noinline)) void finished(int x) { n = x; }
int main(void)
{
	chan(int) c = chan_make(int, 0);
	go(worker, 7, c);
	int got = chan_recv(c);
	chan_unref(c);
	finished(got);
	return 0;
}
END
$CC -g -O0 ${SAN:+-fsanitize=$SAN} -I"$GARN_SRC/include" prog.c -o prog -Wl,--wrap=main "$GARN_O/libgarn.a" -pthread
gdb -nx -batch -ex 'set debuginfod enabled off' -ex 'break deep' -ex run -ex bt -ex 'break finished' -ex continue -ex kill ./prog >out 2>&1 || true
for f in 'deep ' 'signal handler called' 'garn_on_thread_stack ' 'worker ' 'goexit '; do
	grep -q "^#[0-9]* .*$f" out || { echo "no frame of $f in the backtrace:"; cat out; exit 1; }
done
if grep -q 'Backtrace stopped' out; then
	echo "the backtrace did not end by itself:"
	cat out
	exit 1
fi
grep -q 'hit Breakpoint 2, finished (x=7)' out || { cat out; exit 1; }
