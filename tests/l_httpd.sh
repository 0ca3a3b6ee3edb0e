# Load: examples/httpd.c under wrk with 100 connections for a minute, while other clients come and are killed: no errors, and neither
# memory nor descriptors grow. Then with few descriptors; then a graceful end under load.
# TIMEOUT: 30
# SAN: no-thread (wrk wants more than it gets done)
. "$GARN_SRC/tests/sh.inc"
command -v wrk >/dev/null 2>&1 || skip "no wrk (Debian: wrk)"
printf '#include <http_parser.h>\n' | $CC -E -o /dev/null - 2>/dev/null || skip "no http_parser.h (Debian: libhttp-parser-dev)"
: "${SECONDS_OF_LOAD:=60}"
# The words of CC and TEST_FLAGS are meant to be split.
# shellcheck disable=SC2086
want 0 $CC $TEST_FLAGS -I "$GARN_SRC/include" -o httpd "$GARN_SRC/examples/httpd.c" -Wl,--wrap=main "$GARN_O/libgarn.a" -lhttp_parser -pthread
# shellcheck disable=SC2086
want 0 $CC -std=gnu11 -O2 -g -o client -I "$GARN_SRC/tests" "$GARN_SRC/tests/httpd_client.c"
done_testing
mkdir folder
echo index >folder/index.html
head -c 5000000 /dev/zero >folder/big
trap 'kill -9 $server 2>/dev/null || :' EXIT

start() { # CONNECTIONS
	rm -f said
	GARN_MAXPROCS=${P:-2} ./httpd 0 folder 60 "$1" >said 2>complaints &
	server=$!
	until grep -q port said 2>/dev/null; do sleep 0.1; done
	port=$(sed 's/.* //' said)
}
stop() { # WHEN: it has to end well
	status=0
	kill -TERM $server
	wait $server || status=$?
	[ $status -eq 0 ] || no "$1: status $status: $(cat complaints)"
	[ ! -s complaints ] || no "$1: it complained: $(cat complaints)"
}
kb() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' /proc/$server/status; }
# Until nothing is open but the listener: neither sockets nor files to be sent. (What garn makes for itself is made when it is needed.)
settled() {
	for _ in $(seq 600); do
		[ "$(ls -l /proc/$server/fd | grep -c -e 'socket:' -e 'folder/')" -ne 1 ] || return 0
		sleep 0.1
	done
	no "still open: $(ls -l /proc/$server/fd)"
}
load() { # SECONDS FILE
	wrk -t 2 -c 100 -d "$1" --timeout 60 --latency "http://127.0.0.1:$port/hello" >"$2" 2>&1 || no "wrk: $(cat "$2")"
}
clean() { # FILE: no errors
	says "$1" 'Requests/sec:'
	says_not "$1" 'Socket errors'
	says_not "$1" 'Non-2xx'
}

# What is made once, by the first connection, file, crowd, is there before anything is counted. Later memory still grows a little, as each
# connection's buffer and each stack is used to its depth once; a leak would be more: 32 bytes a request are over 30 MB.
start 150
./client mob "$port" 3 >mob 2>&1 || no "the mob: $(cat mob)"
load 2 first
settled
./client mob "$port" "$SECONDS_OF_LOAD" >mob 2>&1 &
mob=$!
load "$SECONDS_OF_LOAD" long &
wrk=$!
sleep $((SECONDS_OF_LOAD / 6))
before=$(kb)
sleep $((SECONDS_OF_LOAD * 2 / 3))
after=$(kb)
wait $wrk
wait $mob || no "the mob: $(cat mob)"
clean long
[ "$after" -le $((before + before / 10 + 4000)) ] || no "resident memory grew from $before kB to $after kB"
settled
stop "after the load"
echo "$(sed -n 's/Requests.sec: */requests a second: /p' long), $(sed -n 's/^ *99% */99 % within /p' long); $before kB resident, then $after kB; $(tail -n 1 mob)"

# Few descriptors: some connections wait for long, and none fails.
hard=$(ulimit -H -n)
ulimit -S -n 60
start 1000
ulimit -S -n "$hard"
./client mob "$port" 8 >mob 2>&1 &
load 8 few
clean few
wait $! || no "the mob: $(cat mob)"
settled
load 2 again
clean again
stop "with few descriptors"

# The end under load: what is asked in time is answered well.
start 1000
load 6 end &
sleep 2
stop "under load"
wait $!
says_not end 'Non-2xx'
done_testing
