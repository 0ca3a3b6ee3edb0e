// A goroutine's name stands in its header whatever its arguments are.
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: "none" [chan receive]:
// EXPECT: "registers" [chan receive]:
// EXPECT: "six" [chan receive]:
// EXPECT: "number" [chan receive]:
// EXPECT: "large" [chan receive]:
// EXPECT: "most" [chan receive]:
#include <garn.h>

typedef long double ld;
struct large {
	char c[200];
};
static chan(int) c;

static void none(void) { chan_recv(c); }
static void registers(int a, void *b) { (void)a, (void)b, (void)chan_recv(c); }
static void six(int a, int b, int d, int e, int f, long g) { (void)a, (void)b, (void)d, (void)e, (void)f, (void)g, (void)chan_recv(c); }
static void number(double d) { (void)d, (void)chan_recv(c); }
static void large(struct large l) { (void)l, (void)chan_recv(c); }
static void most(ld a, ld b, ld d, ld e, ld f, ld g, ld h, ld i, ld j) { (void)(a + b + d + e + f + g + h + i + j), (void)chan_recv(c); }

int main(void)
{
	struct large l = { { 1 } };
	c = chan_make(int, 0);
	go_with(garn_attr(.name = "none"), none);
	go_with(garn_attr(.name = "registers"), registers, 1, (void *)&l);
	go_with(garn_attr(.name = "six"), six, 1, 2, 3, 4, 5, 6l);
	go_with(garn_attr(.name = "number"), number, 1);
	go_with(garn_attr(.name = "large"), large, l);
	go_with(garn_attr(.name = "most"), most, 1, 2, 3, 4, 5, 6, 7, 8, 9);
	return chan_recv(c);
}
