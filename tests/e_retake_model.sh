# The model of the retake protocol, tests/retake.pml: it holds, and each mutation of it does not.
. "$GARN_SRC/tests/sh.inc"

command -v spin >/dev/null 2>&1 || skip "no spin here"

# model NAME safe|live FLAGS: compile it to NAME/safe or NAME/live
model() {
	name=$1 what=$2 with=
	shift 2
	[ "$what" = live ] || with="-DSAFETY -DNOCLAIM"
	mkdir -p "$name"
	(
		cd "$name"
		spin "$@" -a "$GARN_SRC/tests/retake.pml" >spin.out 2>&1
		gcc -w -DNFAIR=5 $with -o "$what" pan.c
	) || no "$name: does not compile: $(cat "$name/spin.out")"
}

# check NAME PROGRAM ARGS: how many errors it finds, looking everywhere
check() {
	(cd "$1" && shift && "./$@" -m1000000) >out 2>&1 || no "$*: status $?"
	says_not out "max search depth too small"
	sed -n 's/.*, errors: \([0-9]*\)$/\1/p' out
}

model right safe
model right live
[ "$(check right safe)" = 0 ] || no "the P is used twice, or lost: $(cat out)"
for claim in live kept; do
	[ "$(check right live -a -f -N $claim)" = 0 ] || no "$claim does not hold: $(cat out)"
done

for wrong in NOBARRIER NOLOOK NOWAIT; do
	model $wrong safe -D$wrong
	[ "$(check $wrong safe)" = 1 ] || no "$wrong: no error found: $(cat out)"
done
model NOMARK live -DNOMARK
[ "$(check NOMARK live -a -f -N live)" = 1 ] || no "NOMARK: no error found: $(cat out)"

done_testing
