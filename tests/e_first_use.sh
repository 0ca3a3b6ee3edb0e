# ./garn in a fresh checkout builds the library, says so in one line, and from then on is quiet. And a
# sanitizer's flavour of the library is built when it is first asked for.
# SAN: no-address no-undefined no-thread no-hard (a build of its own)
# TIMEOUT: 600
. "$GARN_SRC/tests/sh.inc"

mkdir 'check out'
for f in Makefile garn src include cmd tools; do cp -R "$GARN_SRC/$f" 'check out'; done
mkdir elsewhere
cd elsewhere
garn='../check out/garn'
printf '#include <garn.h>\nint main(void) { garn_yield(); return 9; }\n' >nine.c
want 9 "$garn" run nine.c
is err 'garn: building the library (only now)'
empty out
want 9 "$garn" run nine.c
empty err
ln -s "$garn" link
want 9 ./link run nine.c
empty err

# the source changes
sleep 0.01
touch "../check out/src/rt0/wrap_main.c"
want 9 "$garn" run nine.c
is err 'garn: the source has changed: building the library again'
want 9 "$garn" run nine.c
empty err

# it does not build
echo '#error not today' >>"../check out/src/rt0/wrap_main.c"
want 2 "$garn" run nine.c
says err 'not today'
says err 'garn: the library could not be built'
cp "$GARN_SRC/src/rt0/wrap_main.c" "../check out/src/rt0"

# an error that only the sanitizer sees
printf '#include <garn.h>\n#include <stdlib.h>\nint main(void) { char *volatile p = malloc(4); free(p); return p[1]; }\n' >bad.c
printf 'int main(void) { return 0; }\n' >try.c
if $CC -fsanitize=address try.c -o try 2>/dev/null && ./try; then
	want 1 "$garn" run -fsanitize=address -g bad.c
	says err 'heap-use-after-free'
	says err 'building the library for -fsanitize=address'
	want 9 "$garn" run -fsanitize=address,undefined nine.c
	empty err
fi
done_testing
