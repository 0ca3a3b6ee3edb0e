# The model of the retake protocol, tests/retake.pml: it holds, and each mutation of it does not.
. "$GARN_SRC/tests/sh.inc"

command -v spin >/dev/null 2>&1 || { echo "skip: no spin here"; exit 77; }

# model NAME FLAGS: compile it to ./NAME
model() {
	name=$1
	shift
	mkdir -p "$name"
	(cd "$name" && spin "$@" -a "$GARN_SRC/tests/retake.pml" >/dev/null && gcc -O2 -DNFAIR=5 -DMEMLIM=2000 -w -o pan pan.c)
}

# finds an error?
errors() { sed -n 's/.*errors: \([0-9]*\).*/\1/p' out | tail -n 1; }
