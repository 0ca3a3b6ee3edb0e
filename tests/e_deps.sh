# What make builds again: what a changed file is part of, and nothing else. In a copy of the source.
# SAN: no-address no-undefined no-thread no-hard (the same Makefile)
. "$GARN_SRC/tests/sh.inc"
for f in Makefile src include tools cmd; do cp -R "$GARN_SRC/$f" .; done
unset MAKEFLAGS MFLAGS MAKELEVEL T P O

build() { make lib O=b CC="$CC" CFLAGS=-O0 >out 2>&1 || no "make lib: $(cat out)"; }
# built WHAT FILE...: these were compiled just now, and no others; and the library was made anew, if any were
built() {
	what=$1
	shift
	sed -n 's/^ *\(CC\|AS\) *//p' out | sort >got
	printf '%s\n' "$@" | sed '/^$/d' | sort >expected
	cmp -s got expected || no "$what: compiled $(cat got), not $(cat expected)"
	[ $# -eq 0 ] || says out 'AR    b/libgarn.a'
}
everything=$(ls src/*/*.c src/*/*.S)

build
built "from nothing" $everything
build
built "nothing changed"
touch src/io/names.c
build
built "a source file" src/io/names.c

# Headers: with those who include them, however deep.
users() { grep -l "#include \"$1\"" -r src; }
header() { # HEADER USER...
	header=$1
	shift
	touch "$header"
	build
	built "$header" "$@"
}
! users io/names.h | grep '\.h$' || no "io/names.h is no longer included by .c files only: take another header here"
header src/io/names.h $(users io/names.h)
deep=$(for f in src/*/*.c; do
	! $CC -Isrc -Iinclude -D_GNU_SOURCE -MM "$f" | grep -q ' src/sync/sema\.h' || echo "$f"
done)
[ "$(echo "$deep" | wc -l)" -gt 2 ] || no "sync/sema.h: $deep"
header src/sync/sema.h $deep
# One that has gone, together with the line that included it, is missed by nobody.
sed 's/#include "io\/names.h"//' src/io/names.c >names.c && cat src/io/names.h names.c >src/io/names.c
sed 's/#include "io\/names.h"//' src/io/dial.c >dial.c && cat src/io/names.h dial.c >src/io/dial.c
[ "$(users io/names.h | wc -l)" -eq 0 ] || no "still includes io/names.h: $(users io/names.h)"
rm src/io/names.h
build
built "a header that has gone" src/io/names.c src/io/dial.c

nm b/garn.o | grep -q lfstack || no "no lfstack: take another file here"
rm src/base/lfstack.c # nobody calls it
build
built "a file that has gone"
says out 'AR    b/libgarn.a'
! nm b/garn.o | grep lfstack || no "lfstack is still there"

make -n lib O=b CC="$CC" CFLAGS=-O1 V=1 >out
n=$(grep -c ' -O1 .* -c -o b/obj/' out) all=$(echo $everything | wc -w)
[ "$n" -eq $((all - 1)) ] || no "other flags: $n of $all compiled"
done_testing
