# The test runner itself: what passes, what fails and how, what it prints, and that it never says yes
# to nothing. In a small tree of its own.
# SAN: no-address no-undefined no-thread no-hard (the same script)
. "$GARN_SRC/tests/sh.inc"

mkdir -p tree/tests tree/include tree/src/base tree/build
cp "$GARN_SRC/tests/run" "$GARN_SRC/tests/test.h" tree/tests
: >empty.c
$CC -c empty.c -o empty.o
ar rcs tree/build/libgarn.a empty.o
unset T P V SAN HARD GARN_TIMEOUT_SCALE TEST_FLAGS
run() { (cd tree && O=build JOBS=2 sh tests/run check); }
last() { tail -n 1 out; }
t() { printf '%s\n' "$2" >"tree/tests/$1"; }
only() { rm -f tree/tests/?_*; }

# nothing at all is no success
want 1 run
[ "$(last)" = '0 passed, 0 failed' ] || no "no tests: $(last)"

t t_ok.c '// FLAGS: -O0
// FLAGS: -O3
// EMBED
#include "test.h"
int main(void) { CHECK(1); CHECK_EQ(1 + 1, 2); CHECK_STR("a", "a"); return 0; }'
t w_box.c '// LINK: base/two.c
#include "test.h"
int two(void);
int main(void) { CHECK_EQ(two(), 2); return 0; }'
echo 'int two(void); int two(void) { return 2; }' >tree/src/base/two.c
t x_dies.c '// EXPECT: first
// EXPECT: second
// REJECT: third
// PROCS: 1 4
// EMBED
#include "test.h"
int main(void) { fprintf(stderr, "first %s\nsecond\n", getenv("GARN_MAXPROCS")); return 2; }'
t c_yes.c 'int x;'
t c_no.c '// FAILS: undeclared
int f(void) { return y; }'
t e_script.sh 'exit 0'
t t_skips.c '// PROCS: 1
// EMBED
#include "test.h"
int main(void) { SKIP("no moon tonight"); }'
t t_env.c '// EMBED
// ENV: FOO=bar BAR=foo
// ARGS: x y
#include "test.h"
int main(int c, char **v) { CHECK_STR(getenv("FOO"), "bar"); CHECK_EQ(c, 3); CHECK_STR(v[2], "y"); return 0; }'
want 0 run
says out 'skipped t_skips.c: no moon tonight'
case $(last) in
*' passed, 0 failed, 1 skipped') ;;
*', 0 failed, '*) ;; # a compiler is missing here
*) no "all good: $(last)" ;;
esac
cp tree/build/tests/results all
[ "$(grep -c 't_ok -O' all)" -eq 6 ] || no "t_ok: not two flags at three processors: $(cat all)"
[ "$(grep -c 'x_dies procs' all)" -eq 2 ] || no "x_dies: not at 1 and 4: $(cat all)"

# each kind of failure
fails() { # TEXT...: the one test there is fails and says so
	want 1 run
	for text; do says out "$text"; done
	case $(last) in *', 1 failed') ;; *) no "not one failure: $(last)" ;; esac
}
only
t t_bad.c '// PROCS: 1
// EMBED
#include "test.h"
int main(void) { t_seed(); CHECK_EQ(1 + 1, 3); return 0; }'
fails 'FAIL t_bad procs=1: exit status 1' 'check failed: 1 + 1 == 3: 2 (0x2) and 3 (0x3)' 'again: GARN_SEED='
GARN_SEED=77 fails 'seed 77'
only
t t_hangs.c '// PROCS: 1
// TIMEOUT: 1
// EMBED
#include "test.h"
int main(void) { puts("so far"); fflush(stdout); for (;;) pause(); }'
fails 'FAIL t_hangs procs=1: not done after 1 s' 'so far'
only
t t_crash.c '// PROCS: 1
// EMBED
#include "test.h"
int main(void) { abort(); }'
fails 'FAIL t_crash procs=1: exit status 134'
only
t t_syntax.c 'int main(void) { return }'
fails 'FAIL t_syntax: does not compile'
only
t x_order.c '// EXPECT: second
// EXPECT: first
// PROCS: 1
// EMBED
#include "test.h"
int main(void) { fprintf(stderr, "first\nsecond\n"); return 2; }'
fails 'did not say: first'
only
t x_rejected.c '// REJECT: second
// PROCS: 1
// EMBED
#include "test.h"
int main(void) { fprintf(stderr, "first\nsecond\n"); return 2; }'
fails 'said: second'
only
t x_lives.c '// PROCS: 1
// EMBED
int main(void) { return 0; }'
fails 'exit status 0, not 2'
only
t c_compiles.c '// COMPILE: gcc:c11 clang:c11
// FAILS: anything
int x;'
want 1 run
says out 'compiles, and must not'
only
t e_bad.sh 'echo oops; exit 1'
fails 'FAIL e_bad: exit status 1' 'oops' 'again: make check T=e_bad'
only
t t_seg.c '// EMBED
int main(void) { return 0; }'
t t_other.c '// EMBED
int main(void) { return 1; }'
T=t_seg want 0 run
[ "$(last)" = '3 passed, 0 failed' ] || no "T=t_seg: $(last)"
P='2 3' T='t_s*' want 0 run
[ "$(last)" = '2 passed, 0 failed' ] || no "P: $(last)"
T=t_nothing want 1 run
says out "no test is called 't_nothing'"
[ "$(last)" = '0 passed, 0 failed' ] || no "T=t_nothing: $(last)"

# flavours
only
t t_choosy.c '// SAN: no-thread no-hard (much too slow)
// EMBED
int main(void) { return 0; }'
SAN=thread want 1 run
says out 'skipped t_choosy.c: much too slow'
HARD=1 want 1 run
says out 'skipped t_choosy.c: much too slow'
SAN=undefined want 0 run
done_testing
