# examples/httpd.c, at 1, 2 and 8 Ps: what each request is answered, however it is cut or pipelined; clients that are slow, silent,
# half closed, killed; a full table of descriptors; the ends by SIGTERM and SIGINT. The cases are in httpd_client.c.
. "$GARN_SRC/tests/sh.inc"
src=$GARN_SRC/examples/httpd.c
garn=$GARN_SRC/garn

if ! printf '#include <http_parser.h>\n' | $CC -E -o /dev/null - 2>/dev/null; then
	want 1 "$garn" build -o httpd "$src" -lhttp_parser
	says err 'apt-get install libhttp-parser-dev'
	done_testing
	skip "no http_parser.h (Debian: libhttp-parser-dev)"
fi
# The words of CC and TEST_FLAGS are meant to be split.
# shellcheck disable=SC2086
want 0 $CC $TEST_FLAGS -Wshadow -I "$GARN_SRC/include" -o httpd "$src" -Wl,--wrap=main "$GARN_O/libgarn.a" -lhttp_parser -pthread
# shellcheck disable=SC2086
want 0 $CC -std=gnu11 -O2 -g -Wall -Wextra -Werror -I "$GARN_SRC/tests" -o client "$GARN_SRC/tests/httpd_client.c"
done_testing

for p in ${P:-1 2 8}; do
	mkdir "$p"
	cd "$p"
	want 0 env GARN_MAXPROCS="$p" ../client cases ../httpd folder
	cd ..
done

# As its head says; and what it says of mistakes.
if [ -z "$SAN$HARD" ]; then
	want 2 "$garn" run "$src" -lhttp_parser -- 8080
	is err 'usage: httpd PORT FOLDER [SECONDS [CONNECTIONS]]'
fi
want 1 ./httpd 0 nowhere
is err 'httpd: nowhere: No such file or directory'
want 1 ./httpd nonsense .
is err 'httpd: nonsense: Invalid argument'
done_testing
