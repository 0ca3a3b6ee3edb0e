// Ordinary calls draw no warning, at any level of checking: results that must be used, void functions, functions without
// arguments or with many, results of all kinds, qualified and strange arguments.
// COMPILE: c11 gnu11 c23
// FLAGS: -Wconversion -Wsign-conversion -Wunused -Wcast-qual -Wcast-align -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wunreachable-code -Wnull-dereference
// FLAGS: -D_FORTIFY_SOURCE=3 -fstack-protector-strong
// FLAGS: -O0 -Wuninitialized
// FLAGS: -O3 -fPIC -Wno-long-long
// FLAGS: -Os -funsigned-char
#define _GNU_SOURCE 1
#include <garn.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct pair {
	int a;
	double b;
};
struct three {
	char c[3];
};
struct incomplete;

void none(void);
int intresult(void);
_Bool boolresult(void);
struct pair pairresult(int);
long double ldresult(int);
double _Complex cxresult(void);
struct incomplete *ptrresult(struct incomplete *);
void (*fnresult(int))(int);
__attribute__((warn_unused_result)) int needed(int);
__attribute__((warn_unused_result)) struct pair neededpair(void);
__attribute__((nonnull)) void nonnullfn(const char *);
void takes(char, short, unsigned char, float, _Bool, size_t, struct pair, struct three, const char *, void (*)(void), const struct incomplete *);
void arrays(int n, const char m[2][3], int v[static 1], char *const argv[]);
void all(int n, struct pair p, const struct pair *cp, volatile int *vp, struct incomplete *ip, char *const argv[], void (*fp)(int), char **restrict rp);

void all(int n, struct pair p, const struct pair *cp, volatile int *vp, struct incomplete *ip, char *const argv[], void (*fp)(int), char **restrict rp)
{
	static const char m[2][3] = { "ab", "cd" };
	int v[1] = { n };
	const struct three t = { { 1, 2, 3 } };
	register int reg = n;
	struct { unsigned f : 5; } bits = { 3 };
	garn_attr at = { 0 };

	go(none);
	go(&none);
	go(intresult);
	go(boolresult);
	go(pairresult, n);
	go(pairresult, reg);
	go(pairresult, (int)bits.f);
	go(ldresult, *vp);
	go(cxresult);
	go(ptrresult, ip);
	go(fnresult, n);
	go(fp, n);
	go(*fp, n);
	go(needed, 3);
	go(neededpair);
	go(nonnullfn, "text");
	go(takes, 'a', 1, 2, 3.5f, 1, 5, p, t, "six", none, ip);
	go(takes, 'a', 1, 2, 3.5f, 1, sizeof(p), *cp, t, "six", &none, NULL);
	go(arrays, n, m, v, argv);
	go(puts, *rp);
	go(printf, "%d %f %s\n", 1, 2.5, "three");
	go(memcpy, &p, cp, sizeof(p));
	go(write, 1, "text\n", 5);
	go(read, 0, v, sizeof(v));
	go(free, NULL);
	go(malloc, 5);
	go(system, "true");
	go(garn_sleep, GARN_MS(1));
	go(garn_yield);
	go_with(at, none);
	go_with(at, needed, 3);
	go_with(*&at, takes, 'a', 1, 2, 3.5f, 1, 5, p, t, "six", none, ip);
	go_with(garn_attr(.name = "named"), write, 1, "text\n", 5);
	go_with(((garn_attr){ .name = "named", .stack = GARN_MB(1) }), neededpair);
	go_with((garn_attr){ .name = "named" }, none);
	if (n)
		go(none);
	else
		go(needed, 1);
	for (int i = 0; i < n; i++, go(none))
		go(needed, i);
	go(none), go(none);
	{
		chan(int) c = chan_make(int, 0);
		chan(struct pair) cs = chan_make(struct pair, 1);
		go(garn_chan_unref, garn_chan_ref((garn_chan *)c));
		chan_send(cs, p);
		chan_unref(cs);
	}
}
