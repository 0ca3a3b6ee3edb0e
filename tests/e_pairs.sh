# tools/pairs finds atomics' tags without a partner, and the source has none.
. "$GARN_SRC/tests/sh.inc"
pairs="sh $GARN_SRC/tools/pairs"

want 0 $pairs "$GARN_SRC/src"
empty out

mkdir good lone sc code
cat >good/a.c <<'E'
	store_rel(&p->tail, t); // rel[AA1]: publishes the slot
	/* acqrel[BB] and acqrel[BB] again */
	// sc[CC]: our store before our load
	// rel[XX] only explains
E
cat >good/b.h <<'E'
 * acq[AA1] sees it
	// sc[CC]: theirs
E
want 0 $pairs good
empty out

echo 'x(); // rel[LONE]: nobody listens' >lone/a.c
want 1 $pairs lone
is out 'lone/a.c:1: rel[LONE] has no partner'
echo 'y(); // acq[LONE]' >lone/b.c
want 0 $pairs lone
rm lone/a.c
want 1 $pairs lone
is out 'lone/b.c:1: acq[LONE] has no partner'

echo '/* sc[ONE] */' >sc/a.c
want 1 $pairs sc
is out 'sc/a.c:1: sc[ONE] has no partner'

# Code that looks like a tag is none.
echo 'x = rel[N];' >code/a.c
want 0 $pairs code
done_testing
