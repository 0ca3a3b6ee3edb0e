// A database library in goroutines: sixty-four of them run queries through plain SQLite.
//
//   ./garn run -O2 examples/dbload.c -lsqlite3                        64 goroutines, 50000 rows
//   ./garn run -O2 examples/dbload.c -lsqlite3 -- 200 100000          so many goroutines and rows, and timings
//
// (It needs SQLite's header: on Debian, apt install libsqlite3-dev.)
//
// SQLite knows nothing of goroutines. It computes for as long as a query takes, reads files, and where another connection has
// locked the database it sleeps and tries again, with the whole thread. Nothing here says so to garn, nor needs to.
//
// What to look at: the ticker. With GARN_MAXPROCS=1 one goroutine at a time may run, and the queries are long; but who keeps
// the processor too long, or sleeps, goes on without it on his thread, and the ticker ticks on. Each goroutine has a connection
// of its own, so that they need no lock for it: what one does to a file behind another's back is SQLite's business.
#if !__has_include(<sqlite3.h>)
#error "sqlite3.h is missing: install SQLite's development files (Debian: apt install libsqlite3-dev)"
#endif
#include <garn.h>
#include <sqlite3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { QUERIES = 4 };

static char folder[] = "/tmp/garn-dbload-XXXXXX", path[sizeof folder + 4];

static void die(const char *what, const char *why)
{
	fprintf(stderr, "dbload: %s: %s\n", what, why);
	exit(1);
}

static void clean_up(void)
{
	unlink(path);
	rmdir(folder);
}

static sqlite3 *connect_db(void)
{
	sqlite3 *db;
	if (sqlite3_open(path, &db) != SQLITE_OK)
		die(path, sqlite3_errmsg(db));
	sqlite3_busy_timeout(db, 60 * 1000);
	return db;
}

static void execute(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		die(sql, sqlite3_errmsg(db));
}

// The one number that a query with one parameter gives.
static long query(sqlite3 *db, const char *sql, int parameter)
{
	sqlite3_stmt *s;
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		die(sql, sqlite3_errmsg(db));
	if (sqlite3_bind_parameter_count(s) > 0)
		sqlite3_bind_int(s, 1, parameter);
	if (sqlite3_step(s) != SQLITE_ROW)
		die(sql, sqlite3_errmsg(db));
	long n = (long)sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

// Asks for the multiples of some numbers, each of which takes SQLite a look at every row, and writes down the sums.
static void worker(int id, garn_waitgroup *working)
{
	sqlite3 *db = connect_db();
	char sql[80];
	long sum = 0;
	for (int i = 0; i < QUERIES; i++)
		sum += query(db, "SELECT coalesce(sum(n), 0) FROM numbers WHERE n % ?1 = 0", QUERIES * id + i + 1);
	snprintf(sql, sizeof sql, "INSERT INTO found VALUES (%d, %ld)", id, sum);
	execute(db, sql);
	sqlite3_close(db);
	garn_waitgroup_done(working);
}

struct ticks {
	int n;
	int64_t longest; // between two of them
};

static void ticking(chan(int) stop, chan(struct ticks) result)
{
	garn_ticker ticker = {0};
	chan(int64_t) ticks = garn_ticker_start(&ticker, GARN_MS(2));
	struct ticks t = {0};
	int64_t last = garn_now();
	while (chan_select(on_recv(ticks, NULL), on_recv(stop, NULL)) == 0) {
		int64_t now = garn_now();
		t.longest = now - last > t.longest ? now - last : t.longest;
		t.n++;
		last = now;
	}
	garn_ticker_stop(&ticker);
	chan_send(result, t);
}

// What the workers should find, without a database.
static long expected(int workers, int rows)
{
	long sum = 0;
	for (int d = 1; d <= workers * QUERIES; d++) {
		long k = rows / d;
		sum += d * (k * (k + 1) / 2);
	}
	return sum;
}

int main(int argc, char **argv)
{
	int workers = argc > 1 ? atoi(argv[1]) : 64, rows = argc > 2 ? atoi(argv[2]) : 50000;
	char sql[160];
	if (mkdtemp(folder) == NULL)
		die(folder, strerror(errno));
	snprintf(path, sizeof path, "%s/db", folder);
	atexit(clean_up);

	sqlite3 *db = connect_db();
	execute(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
	execute(db, "CREATE TABLE numbers (n INTEGER); CREATE TABLE found (worker INTEGER, sum INTEGER)");
	snprintf(sql, sizeof sql, "WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < %d) "
	         "INSERT INTO numbers SELECT n FROM up", rows);
	execute(db, sql);

	chan(int) stop = chan_make(int, 0);
	chan(struct ticks) result = chan_make(struct ticks, 0);
	garn_waitgroup working = {0};
	int64_t start = garn_now();
	go(ticking, stop, result);
	garn_waitgroup_add(&working, workers);
	for (int i = 0; i < workers; i++)
		go(worker, i, &working);
	garn_waitgroup_wait(&working);
	double seconds = (double)(garn_now() - start) * 1e-9;
	chan_close(stop);
	struct ticks t = chan_recv(result);

	long found = query(db, "SELECT count(*) FROM found", 0), sum = query(db, "SELECT sum(sum) FROM found", 0);
	bool right = found == workers && sum == expected(workers, rows);
	sqlite3_close(db);
	printf("%ld workers wrote their sums, together %ld: %s\n", found, sum, right ? "right" : "WRONG");
	printf("the ticker %s meanwhile\n", t.n >= 10 ? "ticked" : "DID NOT TICK");
	if (argc > 1)
		printf("%.2f s, %.0f queries a second; %d ticks, %.1f ms between two of them at most\n", seconds,
		       (double)workers * QUERIES / seconds, t.n, (double)t.longest * 1e-6);
	chan_unref(stop);
	chan_unref(result);
	return right ? 0 : 1;
}
