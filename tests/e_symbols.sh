# No symbol without the prefix garn_ leaves the library. __wrap_main, __wrap_pthread_create and the __morestack family do, as
# archive members of their own. What the program would see is what nm shows here.
. "$GARN_SRC/tests/sh.inc"
: "${NM:=nm}"

# The sanitizers' own symbols are meant to be shared between objects.
strange() { grep -vE '^(garn_|__odr_asan|__asan_|___asan_|__tsan_|asan\.|tsan\.)' || true; }

$NM -g --defined-only "$GARN_O/libgarn.a" >all
grep -q ' T garn_run$' all || no "no garn_run in libgarn.a"
awk '/:$/ { member = $1 } NF == 3 { print member, $3 }' all >members
left=$(sed -n 's/^garn\.o: //p' members | strange)
[ -z "$left" ] || no "libgarn.a lets out: $left"
left=$(sed '/^garn\.o:/d' members | grep -vE '^wrap_main\.o: __wrap_main$|^wrap_thread\.o: __wrap_pthread_create$|^morestack\.o: __morestack(_non_split|_large_model|_allocate_stack_space)?$' | sed 's/^[^ ]* //' | strange)
[ -z "$left" ] || no "members of their own let out: $left"

$NM -D --defined-only "$GARN_O/libgarn.so" | sed 's/.* //; s/@.*//' >dynamic
grep -qx garn_run dynamic || no "libgarn.so does not show garn_run"
left=$(strange <dynamic)
[ -z "$left" ] || no "libgarn.so lets out: $left"

# All that compilers may want of split stacks is there.
for f in __morestack __morestack_non_split __morestack_large_model __morestack_allocate_stack_space; do
	grep -qx "morestack\.o: $f" members || no "no $f in libgarn.a"
done

# Of the main wrapper nothing is wanted by who does not ask for it.
! $NM -u "$GARN_O/garn.o" | grep -q '__real_\|__morestack' || no "the merged object wants $($NM -u "$GARN_O/garn.o" | grep '__real_\|__morestack')"

if command -v readelf >/dev/null 2>&1; then
	readelf -lWd "$GARN_O/libgarn.so" >elf
	grep -q 'SONAME.*libgarn\.so\.0' elf || no "libgarn.so has no soname"
	grep -q 'NODELETE' elf || no "libgarn.so can be unloaded"
	! grep 'GNU_STACK' elf | grep -q 'RWE' || no "libgarn.so wants an executable stack"
	! grep -q TEXTREL elf || no "libgarn.so has text relocations"
	for o in $(find "$GARN_O/obj" -name '*.o'); do
		readelf -SW "$o" | grep -q 'note.GNU-stack' || no "${o#"$GARN_O"/} has no .note.GNU-stack"
	done
fi
done_testing
