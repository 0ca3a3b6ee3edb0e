# What `garn build` makes catches frames that are larger than the guard: it compiles so that each page of them is touched on the way.
# And in a program that is linked statically a death inside malloc comes to its end.
# SAN: no-address no-thread (the sanitizer has these signals)
. "$GARN_SRC/tests/sh.inc"

cp "$GARN_SRC/tests/x_overflow_array.c" prog.c
"$GARN_O/garn" build -DKB=200 -I"$GARN_SRC/tests" -o prog prog.c >out 2>&1 || no "does not build: $(cat out)"
status=0
./prog >out 2>&1 || status=$?
[ $status -eq 2 ] || no "status $status: $(cat out)"
grep -q '^fatal error: stack overflow$' out || no "not called an overflow: $(cat out)"
grep -q '^array$' out || no "does not say where: $(cat out)"

# Linked statically, and inside malloc.
"$GARN_O/garn" build -static -w -o prog "$GARN_SRC/tests/x_overflow_malloc.c" >out 2>&1 || no "does not build: $(cat out)"
want 2 timeout 20 ./prog
says err 'fatal error: stack overflow'
says err 'created by main'
done_testing
