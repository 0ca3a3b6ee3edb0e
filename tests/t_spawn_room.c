// go_with takes no more of the new stack for arguments than go does: nothing where all are in registers, and else as much.
// FLAGS: -O2
// FLAGS: -O0
#include "test.h"
#include <garn.h>

enum { AT_A_TIME = 64 }; // stacks begin a few lines lower or higher, by their addresses: among so many there are all sorts

static garn_waitgroup begun, ended;
static chan(int) gate;
static uintptr_t least; // of what lies above the first frame

static void note(void *frame)
{
	void *lo, *hi;
	garn_stack_bounds(&lo, &hi);
	uintptr_t room = (uintptr_t)hi - (uintptr_t)frame, was = __atomic_load_n(&least, __ATOMIC_RELAXED);
	while (room < was && !__atomic_compare_exchange_n(&least, &was, room, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	garn_waitgroup_done(&begun);
	chan_recv(gate);
	garn_waitgroup_done(&ended);
}
#define NOTE() note(__builtin_frame_address(0))

struct large {
	char c[150];
};
struct small {
	long v[3];
};
static void none(void) { NOTE(); }
static void pointer(void *p) { CHECK(p == &gate); NOTE(); }
static void ints(int a, long b, char c, unsigned d, bool e, void *f) { CHECK(a == 1 && b == 2 && c == 3 && d == 4 && e && f); NOTE(); }
static void number(double d) { CHECK(d == 1.5); NOTE(); }
static void seven(int a, int b, int c, int d, int e, int f, int g) { CHECK(a + b + c + d + e + f + g == 28); NOTE(); }
static void inmemory(struct small s) { CHECK(s.v[0] == 1 && s.v[2] == 3); NOTE(); }
static void large(struct large l, int n) { CHECK(l.c[149] == 9 && n == 1); NOTE(); }
static void many(long double a, long double b, long double c, long double d, long double e, long double f, long double g,
		 long double h, long double i)
{
	CHECK(a == 1 && b == 2 && c == 3 && d == 4 && e == 5 && f == 6 && g == 7 && h == 8 && i == 9);
	NOTE();
}

#define LEAST(start) __extension__({           \
	least = UINTPTR_MAX;                   \
	garn_waitgroup_add(&begun, AT_A_TIME); \
	garn_waitgroup_add(&ended, AT_A_TIME); \
	gate = chan_make(int, 0);              \
	for (int n_ = 0; n_ < AT_A_TIME; n_++) \
		start;                         \
	garn_waitgroup_wait(&begun);           \
	chan_close(gate);                      \
	garn_waitgroup_wait(&ended);           \
	chan_unref(gate);                      \
	least;                                 \
})
#define SAME(...) __extension__({                                                                    \
	uintptr_t plain_ = LEAST(go(__VA_ARGS__));                                                   \
	CHECK_EQ(LEAST(go_with(garn_attr(.name = "n"), __VA_ARGS__)), plain_);                       \
	CHECK_EQ(LEAST(go_with(garn_attr(.stack = GARN_KB(192), .pack = true), __VA_ARGS__)), plain_); \
	plain_;                                                                                      \
})

int main(void)
{
	struct large l = { .c[149] = 9 };
	struct small s = { { 1, 2, 3 } };
	uintptr_t in_registers = SAME(none);
	SAME(pointer, &gate);
	SAME(ints, 1, 2l, (char)3, 4u, (bool)true, (void *)&gate);
	SAME(ints, 1, 2, 3, 4, 1, &gate); // converted
	SAME(number, 1.5);
	SAME(number, 3 / 2.);
	SAME(seven, 1, 2, 3, 4, 5, 6, 7);
	uintptr_t in_memory = SAME(inmemory, s);
	SAME(large, l, 1);
	SAME(many, 1, 2, 3, 4, 5, 6, 7, 8, 9);
	CHECK(in_registers + 128 <= in_memory);
	return 0;
}
