#!/bin/sh
# The model of packing, tests/pack.pml: it holds, and each mutation of it does not.
. "$GARN_SRC/tests/sh.inc"

command -v spin >/dev/null 2>&1 || skip "no spin here"

# errors NAME FLAGS: how many errors the model made so has, looking everywhere
errors() {
	name=$1
	shift
	mkdir -p "$name"
	(
		cd "$name"
		spin "$@" -a "$GARN_SRC/tests/pack.pml" >spin.out 2>&1
		gcc -w -O2 -DSAFETY -DNOCLAIM -o pan pan.c
	) || no "$name: does not compile: $(cat "$name/spin.out")"
	(cd "$name" && ./pan -m1000000) >out 2>&1 || no "$name: status $?"
	says_not out "max search depth too small"
	sed -n 's/.*, errors: \([0-9]*\)$/\1/p' out
}

[ "$(errors right)" = 0 ] || no "it does not hold: $(cat out)"
for wrong in NOBARRIER NOLOOK NOPINS NOHOLD NOREADONLY NOSHUT NOTWHOLE NOCAS; do
	[ "$(errors $wrong -D$wrong)" = 1 ] || no "$wrong: no error found: $(cat out)"
done

done_testing
