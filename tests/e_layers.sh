# tools/layers finds what leans upward, in includes and in symbols, and the source leans nowhere.
# SAN: no-address no-undefined no-thread (the same source)
. "$GARN_SRC/tests/sh.inc"
layers="sh $GARN_SRC/tools/layers"
export NM="${NM:-nm}"

want 0 $layers "$GARN_SRC/src" "$GARN_O/obj"
empty out

mkdir -p src/base src/core src/sched src/sync src/time
build() {
	rm -rf obj
	for f in src/*/*.c; do
		o=${f#src/}
		o=obj/${o%.c}.o
		mkdir -p "${o%/*}"
		$CC -Isrc -c -o "$o" "$f"
	done
}
: >src/base/list.h
printf '#include "base/list.h"\nint in_base(void) { return 1; }\n' >src/base/list.c
printf '#include <stdio.h>\n#include "base/list.h"\n#include "garn.h"\n' >src/core/core.h
: >src/garn.h
printf '#include "core/core.h"\nint in_base(void);\nint in_core(void) { return in_base() + puts(""); }\n' >src/core/core.c
printf 'int in_core(void);\nint in_sync(void) { return in_core(); }\n' >src/sync/chan.c
printf 'int in_sync(void);\nint in_time(void) { return in_sync(); }\n' >src/time/ticker.c
rm src/garn.h
mkdir inc
: >inc/garn.h
CC="$CC -Iinc"
build
want 0 $layers src obj
empty out

# an include upward
printf '#include "base/list.h"\n#include "core/core.h"\n' >src/base/list.c
want 1 $layers src obj
says out 'base/list.c: includes "core/core.h", which is above it'
# sideways: time may use sync, sync may not use time
: >src/time/time.h
printf '#include "time/time.h"\n' >src/sync/chan.c
printf '#include "base/list.h"\n' >src/base/list.c
want 1 $layers src obj
is out 'sync/chan.c: includes "time/time.h", which is above it'
: >src/sync/chan.c
# not its own header first
printf '#include <stdio.h>\n#include "base/list.h"\n' >src/base/list.c
want 1 $layers src obj
is out 'base/list.c: includes <stdio.h> before its own header, base/list.h'
: >src/base/list.c
want 1 $layers src obj
is out 'base/list.c: does not include its own header, base/list.h'
# without the folder
printf '#include "base/list.h"\n#include "list.h"\n' >src/base/list.c
want 1 $layers src obj
is out 'base/list.c: includes "list.h" without its folder'
# a folder nobody knows
mkdir src/misc
: >src/misc/a.c
printf '#include "base/list.h"\nint in_base(void) { return 1; }\n' >src/base/list.c
want 1 $layers src obj
says out 'the folder misc has no place in the order'
rm -r src/misc

# a symbol upward, with no include to show it
printf '#include "base/list.h"\nint in_core(void);\nint in_base(void) { return in_core(); }\n' >src/base/list.c
build
want 1 $layers src obj
is out 'base/list: uses in_core of core, which is above it'
done_testing
