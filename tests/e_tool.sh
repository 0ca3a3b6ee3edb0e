# The tool: garn run, garn build, what it passes on and what it says when something is wrong.
# SAN: no-address no-undefined no-thread no-hard (the tool itself has no flavours)
. "$GARN_SRC/tests/sh.inc"
garn=$GARN_O/garn
export TMPDIR="$PWD/tmp dir" # with a space; and it must be empty in the end
mkdir "$TMPDIR"
unset CXX # the one that goes with CC

cat >hello.c <<'E'
#include <garn.h>
#include <stdio.h>
static void child(chan(int) c, int n) { chan_send(c, n); }
int main(void)
{
	chan(int) c = chan_make(int, 0);
	go(child, c, 42);
	printf("goroutine %d got %d\n", (int)garn_goid(), chan_recv(c));
	return 0;
}
E
cat >args.c <<'E'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		printf("[%s]", argv[i]);
	puts("");
	return argc > 1 ? atoi(argv[1]) : 0;
}
E

# ---- running
want 0 "$garn" run hello.c
is out 'goroutine 1 got 42'
empty err
want 0 "$garn" run hello.c -O0 -Wall -Wextra -Werror
is out 'goroutine 1 got 42'
want 0 "$garn" run -std=c11 -fno-pie -no-pie hello.c
is out 'goroutine 1 got 42'
want 0 "$garn" run args.c -- 0 'b c' '' -O9 -- '*'
is out '[0][b c][][-O9][--][*]'
want 7 "$garn" run args.c -- 7
want 0 "$garn" run args.c --
# no file of ours is left, neither after success nor after failure
[ -z "$(ls -A "$TMPDIR")" ] || no "left behind: $(ls "$TMPDIR")"

# names with spaces, folders, leading dots
mkdir 'a folder'
cp hello.c 'a folder/my file.c'
want 0 "$garn" run 'a folder/my file.c'
is out 'goroutine 1 got 42'
want 0 "$garn" build 'a folder/my file.c'
want 0 './my file'
is out 'goroutine 1 got 42'

# standard input, output and error are the program's
cat >io.c <<'E'
#include <stdio.h>
int main(void)
{
	char line[64];
	while (fgets(line, sizeof line, stdin) != NULL)
		printf("got %s", line);
	fprintf(stderr, "to stderr\n");
	return 3;
}
E
status=0
printf 'a\nb\n' | "$garn" run io.c >out 2>err || status=$?
[ $status -eq 3 ] || no "status $status, not 3"
is out 'got a
got b'
is err 'to stderr'

# it ends as the program ended
cat >die.c <<'E'
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	(void)argc;
	kill(getpid(), atoi(argv[1]));
	pause();
	return 0;
}
E
want 143 "$garn" run die.c -- 15
want 137 "$garn" run die.c -- 9
[ -z "$(ls -A "$TMPDIR")" ] || no "left behind: $(ls "$TMPDIR")"

# a signal for the tool reaches the program, which may live on
cat >term.c <<'E'
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
static volatile sig_atomic_t got;
static void on(int s) { got = s; }
int main(void)
{
	signal(SIGTERM, on);
	signal(SIGUSR1, on);
	puts("ready");
	fflush(stdout);
	while (!got)
		usleep(1000);
	printf("signal %d\n", (int)got);
	return 5;
}
E
for sig in TERM USR1; do
	rm -f out # or the last round's would do for "ready"
	"$garn" run term.c >out 2>err &
	pid=$!
	n=0
	while ! grep -qs ready out && [ $n -lt 1000 ]; do sleep 0.05; n=$((n + 1)); done
	kill -$sig $pid
	status=0
	wait $pid || status=$?
	[ $status -eq 5 ] || no "after SIG$sig: status $status, not 5: $(cat out err)"
	says out "signal $(kill -l $sig 2>/dev/null || echo)"
done
[ -z "$(ls -A "$TMPDIR")" ] || no "left behind: $(ls "$TMPDIR")"

# ---- building
want 0 "$garn" build hello.c
want 0 ./hello
is out 'goroutine 1 got 42'
want 0 "$garn" build -o 'out file' hello.c
want 0 './out file'
want 0 "$garn" build -oglued hello.c
want 0 ./glued
want 0 "$garn" build -o static -static hello.c
want 0 ./static
is out 'goroutine 1 got 42'
printf 'int main(void) { return 0; }\n' >nothing.c
if $CC -flto nothing.c -o nothing 2>/dev/null; then # clang needs a linker that knows its objects
	want 0 "$garn" build -o lto -flto hello.c
	want 0 ./lto
	is out 'goroutine 1 got 42'
fi

# several files, objects, archives, -l after what needs it, in the user's order
printf 'double root(double); int other(void);\n#include <stdio.h>\nint main(void) { printf("%%d %%d\\n", other(), (int)root(16)); }\n' >x.c
printf 'int other(void); int other(void) { return VALUE; }\n' >y.c
printf '#include <math.h>\ndouble root(double); double root(double d) { volatile double e = d; return sqrt(e); }\n' >z.c
want 0 "$garn" build -o xyz x.c -DVALUE=6 y.c z.c -lm
want 0 ./xyz
is out '6 4'
want 0 "$garn" build -c -DVALUE=7 y.c
[ -f y.o ] || no "garn build -c y.c left no y.o"
want 0 "$garn" build -c z.c -o zz.o
ar rcs libzz.a zz.o
want 0 "$garn" run x.c y.o -L. -lzz -lm
is out '7 4'
want 0 "$garn" run x.c y.o libzz.a -lm
is out '7 4'
want 0 "$garn" build -E -DVALUE=8 y.c
says out 'return 8'
want 0 "$garn" build -S -DVALUE=8 -o y.s y.c
want 0 "$garn" run x.c y.s libzz.a -lm
is out '8 4'
# a word after an option is no file: VALUE=9 need not exist
want 0 "$garn" run -D VALUE=9 x.c y.c z.c -lm
is out '9 4'
# a plug-in finds the library in the program
printf '#include <garn.h>\nint plug(void); int plug(void) { garn_yield(); return (int)garn_goid(); }\n' >plug.c
printf '#include <garn.h>\n#include <dlfcn.h>\n#include <stdio.h>\nint main(void)\n{\n\tint (*f)(void);\n\tvoid *h = dlopen("./plug.so", RTLD_NOW);\n\tif (h == NULL) { puts(dlerror()); return 1; }\n\t*(void **)&f = dlsym(h, "plug");\n\tgarn_yield();\n\treturn f() - 1;\n}\n' >host.c
want 0 "$garn" build -shared -o plug.so plug.c
want 0 "$garn" run -rdynamic host.c -ldl

# C++, and C among it
cxx=$(echo "$CC" | sed -e 's/clang/clang++/;t' -e 's/gcc/g++/')
if command -v "${cxx%% *}" >/dev/null 2>&1; then
	cat >p.cc <<'E'
#include <garn.h>
#include <cstdio>
extern "C" int other(void);
static void child(chan(int) c, int n) { chan_send(c, n); }
int main()
{
	auto c = chan_make(int, 0);
	go(child, c, other());
	std::printf("C++ got %d\n", chan_recv(c));
}
E
	printf 'int other(void); int other(void) { int class = 3; return class; }\n' >class.c
	# Beside C files clang takes no -std of C++, and old ones take C++ for C++14.
	case $CC in
	*clang*) old=$(echo __cplusplus | $CC -x c++ -E -P -) ;;
	*) old=201703L ;;
	esac
	if [ "${old%L}" -ge 201703 ]; then
		want 0 "$garn" run p.cc class.c
		is out 'C++ got 3'
	fi
fi

# CC with words in it
printf '#!/bin/sh\necho "$1" >>cc.log\nexec "$@"\n' >wrapper
chmod +x wrapper
CC="./wrapper $CC" want 0 "$garn" run args.c
is cc.log "${CC%% *}"

# ---- mistakes
want 2 "$garn" run
is err 'garn: no source file given; garn help says how'
want 2 "$garn" run -O2
want 2 "$garn" run nowhere.c
is err 'garn: no such file: nowhere.c'
want 2 "$garn" run hello.c 7
is err 'garn: no such file: 7 (what is meant for the program stands behind --)'
echo '# hello' >hello.md
want 2 "$garn" run hello.md
is err 'garn: hello.md is neither C nor C++'
cp hello.c hello.txt
want 0 "$garn" run -x c hello.txt
# A mistake in a go is shown where it is, in a few lines, and first by its own name.
cat >mistake.c <<'E'
#include <garn.h>
static void two(int a, int b) { (void)a, (void)b; }
int main(void)
{
	go(twe, 1, 2);
	go(two, 1);
}
E
want 1 "$garn" build mistake.c
says err 'twe'
says err 'too few arguments to function'
grep 'error:' err | head -n 1 | grep -q '^mistake.c:5:.*twe' || no "the first complaint is not of twe in line 5: $(cat err)"
most=60
case $($CC --version) in *clang*) most=100 ;; esac # it says the same of every place the macro has the name in, gcc once
[ "$(wc -l <err)" -lt "$most" ] || no "two mistakes, $(wc -l <err) lines"
empty out
want 2 "$garn" run 'a folder'
is err 'garn: a folder is a directory; name its files'
CC=no-such-compiler want 2 "$garn" run hello.c
is err 'garn: compiler not found: no-such-compiler'
(
	unset CC
	PATH=$PWD/empty
	export PATH
	status=0
	"$garn" run hello.c >out 2>err || status=$?
	echo $status >status
)
is status 2
is err 'garn: no C compiler found: neither gcc nor clang nor cc; install one, or set CC'
# the compiler's message and status, nothing around them
printf 'int main(void) { return nothing; }\n' >wrong.c
want 1 "$garn" run wrong.c
says err "wrong.c:1:"
says_not err 'garn:'
empty out
want 1 "$garn" build wrong.c
[ ! -e wrong ] || no "a failed build left a file"
want 2 "$garn" run -o x hello.c
says err 'garn run leaves no file behind'
want 2 "$garn" run -c hello.c
says err '-c makes no program to run'
want 2 "$garn" build hello.c -o
is err 'garn: -o needs the name of a file'
want 2 "$garn" build hello.c -- a
says err '-- is for garn run'
want 2 "$garn" biuld hello.c
is err 'garn: unknown command biuld; did you mean garn build?'
want 2 "$garn" hello.c
is err 'garn: unknown command hello.c; to run that file: garn run hello.c'
want 2 "$garn" frobnicate
is err 'garn: unknown command frobnicate; garn help lists them'
want 2 "$garn"
says err 'garn run FILE.c'
want 0 "$garn" help
says out 'garn run FILE.c'
want 0 "$garn" --help
want 0 "$garn" run --help
says out 'garn run FILE.c'
want 0 "$garn" build -h
want 0 "$garn" --version
says out 'garn 0.'

[ -z "$(ls -A "$TMPDIR")" ] || no "left behind: $(ls "$TMPDIR")"
done_testing
