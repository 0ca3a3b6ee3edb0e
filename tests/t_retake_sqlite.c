// A slow query in SQLite, which calls nothing of garn's for its whole length: four at once, in memory, beside a ticker. Loaded at run
// time, so that nothing but the library need be there.
// LIBS: -ldl
#include "t_retake.h"
#include <dlfcn.h>

enum { QUERIES = 4 };
static int (*sql_open)(const char *, void **);
static int (*sql_exec)(void *, const char *, int (*)(void *, int, char **, char **), void *, char **);
static int (*sql_close)(void *);
static garn_waitgroup wg;

static void *find(void *lib, const char *name)
{
	void *p = dlsym(lib, name);
	CHECK(p != NULL);
	return p;
}

static int row(void *sum, int n, char **v, char **names)
{
	(void)names;
	CHECK_EQ(n, 1);
	*(long long *)sum += atoll(v[0]);
	return 0;
}

// Numbers, mixed up, sorted, and every second one added.
static void query(void)
{
	static const char text[] =
		"with recursive n(i) as (select 1 union all select i + 1 from n where i < %d) "
		"select i from n order by (i * 7919) %% 104729, i";
	char q[300];
	long long sum = 0, n = T_SCALED(100000);
	void *db;
	snprintf(q, sizeof q, text, (int)n);
	CHECK_EQ(sql_open(":memory:", &db), 0);
	do {
		sum = 0;
		CHECK_EQ(sql_exec(db, q, row, &sum, NULL), 0);
		CHECK_EQ(sum, n * (n + 1) / 2);
	} while (!GET(over));
	CHECK_EQ(sql_close(db), 0);
	garn_waitgroup_done(&wg);
}

int main(void)
{
	void *lib = dlopen("libsqlite3.so.0", RTLD_NOW);
	if (!lib)
		SKIP("no libsqlite3 here");
	*(void **)&sql_open = find(lib, "sqlite3_open");
	*(void **)&sql_exec = find(lib, "sqlite3_exec");
	*(void **)&sql_close = find(lib, "sqlite3_close");
	garn_waitgroup_add(&wg, QUERIES);
	go(t_ticking);
	for (int i = 0; i < QUERIES; i++)
		go(query);
	t_ticks(TICKS);
	SET(over, 1);
	garn_waitgroup_wait(&wg);
	return 0;
}
