# make install, into a staging folder and then moved to its place; programs outside the tree built with
# what pkg-config says, with a main of their own and with main as goroutine 1; make uninstall.
# SAN: no-address no-undefined no-thread no-hard (installed is what is built without)
. "$GARN_SRC/tests/sh.inc"

prefix=$PWD/prefix
case " ${TEST_FLAGS:-} " in *" -Werror "*) werror=1 ;; *) werror= ;; esac
make() { command make --no-print-directory -s -C "$GARN_SRC" O="$GARN_O" CC="$CC" WERROR=$werror PREFIX="$prefix" "$@"; }
# What is to be installed is what is being tested; it has been built, and with these flags: built anew it would be gone for a moment,
# while other tests link it.
want 0 make install DESTDIR="$PWD/stage"
mv "stage$prefix" prefix
for f in bin/garn include/garn.h lib/libgarn.a lib/libgarn.so lib/libgarn.so.0 lib/pkgconfig/garn.pc \
	lib/pkgconfig/garn-main.pc; do
	[ -e "prefix/$f" ] || no "not installed: $f"
done
for f in "$GARN_SRC"/man/*.[137]; do
	[ ! -e "$f" ] || [ -f "prefix/share/man/man${f##*.}/${f##*/}" ] || no "not installed: ${f##*/}"
done

if command -v pkg-config >/dev/null 2>&1; then
	pc() { PKG_CONFIG_PATH="$prefix/lib/pkgconfig" pkg-config "$@"; }
else
	# The same for files as plain as ours are.
	pc() {
		file=$prefix/lib/pkgconfig/$3.pc
		for line in Cflags Libs; do
			case $1$2 in *--cflags*) ;; *) [ $line = Libs ] || continue ;; esac
			case $1$2 in *--libs*) ;; *) [ $line = Cflags ] || continue ;; esac
			sed -n "s|^$line: ||p" "$file" |
				sed "s|\${includedir}|$prefix/include|g; s|\${libdir}|$prefix/lib|g"
		done
	}
	echo "(no pkg-config here: read by hand)"
fi

cat >body.h <<'E'
#include <garn.h>
#include <stdio.h>
static void child(chan(int) c, int n) { chan_send(c, n); }
static int body(int argc, char **argv)
{
	(void)argv;
	chan(int) c = chan_make(int, 0);
	go(child, c, 41 + argc);
	printf("goroutine %d got %d\n", (int)garn_goid(), chan_recv(c));
	return 3;
}
E
printf '#include "body.h"\nint main(int c, char **v) { return garn_run(body, c, v); }\n' >own.c
printf '#include "body.h"\nint main(int c, char **v) { return body(c, v); }\n' >wrapped.c

# Flags are words, and meant to be split.
want 0 $CC own.c -o own $(pc --cflags --libs garn) -Wl,-rpath,"$prefix/lib"
want 3 ./own
is out 'goroutine 1 got 42'
if command -v ldd >/dev/null 2>&1; then
	ldd ./own >out
	says out "$prefix/lib/libgarn.so.0"
fi
want 0 $CC own.c -o own_static $(pc --cflags --libs garn) -static
want 3 ./own_static
is out 'goroutine 1 got 42'
want 0 $CC own.c -o own_archive $(pc --cflags garn) "$prefix/lib/libgarn.a" -pthread
want 3 ./own_archive
is out 'goroutine 1 got 42'
want 0 $CC wrapped.c -o wrapped $(pc --cflags --libs garn-main)
want 3 ./wrapped
is out 'goroutine 1 got 42'
want 0 $CC -c wrapped.c -o wrapped.o $(pc --cflags garn-main)
want 0 $CC wrapped.o -o wrapped2 $(pc --libs garn-main)
want 3 ./wrapped2

# The installed tool looks beside itself.
want 3 prefix/bin/garn run wrapped.c
is out 'goroutine 1 got 42'
mv prefix moved
want 3 moved/bin/garn run wrapped.c
is out 'goroutine 1 got 42'
want 2 moved/bin/garn run -fsanitize=address wrapped.c
says err 'an installed garn has no library for -fsanitize=address'
mv moved prefix

want 0 make uninstall
left=$(find prefix -type f -o -type l)
[ -z "$left" ] || no "left after uninstall: $left"

# a folder of Debian's kind for libraries
want 0 make install LIBDIR="$prefix/lib/x86_64-linux-gnu"
want 3 prefix/bin/garn run wrapped.c
done_testing
