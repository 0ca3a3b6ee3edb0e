// libc's greediest on a stack of the default size, and on one of 16 KB, which is rounded up to 64: printf, qsort, getaddrinfo, regular
// expressions, glob, the user database. What they answer is checked, as a stack that is too short would show in that first.
// TIMEOUT: 120
#include "test.h"

#include <garn.h>
#include <glob.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <regex.h>
#include <sys/socket.h>

static garn_waitgroup wg;

static void prints(void)
{
	char b[2000], *end;
	FILE *f = fopen("/dev/null", "w");
	CHECK(f);
	CHECK_EQ(setvbuf(f, NULL, _IONBF, 0), 0); // then fprintf has a buffer on the stack
	CHECK_EQ(fprintf(f, "%s %d %.300f\n", "one", 2, 1e300), 609);
	CHECK_EQ(fclose(f), 0);
	CHECK_EQ(snprintf(b, sizeof b, "%.*f", 1000, 1. / 3), 1002);
	CHECK(strtod(b, &end) == 1. / 3 && *end == '\0');
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a < *(const int *)b ? -1 : *(const int *)a > *(const int *)b;
}

static void sorts(void)
{
	enum { N = 50000 };
	static const size_t ns[] = { 2, 200, N };
	struct t_rng r = t_rng(1, 1);
	int *v = malloc(N * sizeof *v);
	CHECK(v);
	for (int k = 0; k < 3; k++) {
		for (size_t i = 0; i < ns[k]; i++)
			v[i] = (int)t_rand(&r);
		qsort(v, ns[k], sizeof *v, compare);
		for (size_t i = 1; i < ns[k]; i++)
			CHECK(v[i - 1] <= v[i]);
	}
	free(v);
}

static void looksup(void)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_family = AF_INET }, *ai;
	CHECK_EQ(getaddrinfo("127.0.0.1", "80", &hints, &ai), 0);
	CHECK_EQ(((struct sockaddr_in *)(void *)ai->ai_addr)->sin_port, htons(80));
	freeaddrinfo(ai);
	if (getaddrinfo("localhost", NULL, &hints, &ai) == 0) // /etc/hosts may be empty
		freeaddrinfo(ai);
	struct passwd pw, *found;
	char b[2000];
	CHECK(getpwuid_r(getuid(), &pw, b, sizeof b, &found) == 0);
}

static void matches(void)
{
	regex_t r;
	regmatch_t m[4];
	CHECK_EQ(regcomp(&r, "^([a-z]+)[0-9]*(foo|bar(baz)?)+$", REG_EXTENDED), 0);
	CHECK_EQ(regexec(&r, "abc123foobarbazfoo", 4, m, 0), 0);
	CHECK_EQ(m[1].rm_eo, 3);
	CHECK_EQ(m[2].rm_so, 15);
	CHECK_EQ(regexec(&r, "abc123foobarbazfo", 4, m, 0), REG_NOMATCH);
	regfree(&r);
	CHECK_EQ(regcomp(&r, "\\(a*\\)b\\1", 0), 0);
	CHECK_EQ(regexec(&r, "xxaaabaaaxx", 0, m, 0), 0);
	regfree(&r);
	glob_t g;
	CHECK_EQ(glob("/proc/self/s*", 0, NULL, &g), 0);
	CHECK(g.gl_pathc >= 3);
	globfree(&g);
}

static void all(void)
{
	for (int i = 0; i < 3; i++) {
		prints();
		garn_yield();
		sorts();
		garn_yield();
		looksup();
		garn_yield();
		matches();
	}
	garn_waitgroup_done(&wg);
}

int main(void)
{
	garn_waitgroup_add(&wg, 24);
	for (int i = 0; i < 8; i++) {
		go(all);
		go_with(garn_attr(.stack = GARN_KB(16)), all);
		size_t was = garn_set_max_stack(GARN_KB(16));
		go(all);
		garn_set_max_stack(was);
	}
	garn_waitgroup_wait(&wg);
	return 0;
}
