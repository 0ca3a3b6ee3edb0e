// Blocks of 2 MB all stacks of which are packed: their page tables go, and they come back whole, whoever asks first: who runs there, who reads a variable, who
// reads and writes below what lives there, where all is zero. Of each size; also when the kernel refuses to map a block anew: then it stays. What was one
// mapping is one again.
// FLAGS:
// FLAGS: -DREFUSED
// ENV: GARN_PACK=20
// SAN: no-address no-thread (nothing is packed under them)
#include "t_seccomp.h"

#include "t_pack.h"

enum { BLOCKS = T_SCALED(64) > 8 ? T_SCALED(64) : 8, MOST = BLOCKS * 16, WORDS = 40, BELOW = 45000 };
#ifdef REFUSED
enum { REFUSE = 1 };
#else
enum { REFUSE = 0 };
#endif

static const struct size {
	size_t stack;
	int perblock;
} sizes[] = { { 60 << 10, 16 }, { 190 << 10, 8 }, { 900 << 10, 2 }, { 1900 << 10, 1 }, { 7 << 20, 1 } };

static struct {
	volatile uint64_t *at;
	garn_sem go;
} them[MOST];
static uint32_t running, ended;

static uint64_t pattern(int n, int i)
{
	return ((uint64_t)n << 32) + (uint64_t)i * 7 + 1;
}

static void whole(int n)
{
	for (int i = 0; i < WORDS; i++)
		CHECK_EQ(them[n].at[i], pattern(n, i));
}

static void waits(int n)
{
	volatile uint64_t mine[WORDS];
	for (int i = 0; i < WORDS; i++)
		mine[i] = pattern(n, i);
	them[n].at = mine;
	ADD(running, 1);
	garn_sem_acquire(&them[n].go);
	whole(n);
	ADD(ended, 1);
}

static int64_t folded(void)
{
	garn_stats s;
	garn_read_stats(&s);
	return s.packed.folded;
}

// Of the addresses from their first to their last.
static int mappings(int count)
{
	uintptr_t lo = UINTPTR_MAX, hi = 0, from, to;
	char line[4096];
	int n = 0;
	FILE *f = fopen("/proc/self/maps", "r");
	CHECK(f != NULL);
	for (int i = 0; i < count; i++) {
		lo = (uintptr_t)them[i].at < lo ? (uintptr_t)them[i].at : lo;
		hi = (uintptr_t)them[i].at > hi ? (uintptr_t)them[i].at : hi;
	}
	while (fgets(line, sizeof line, f))
		n += sscanf(line, "%lx-%lx", &from, &to) == 2 && to > lo && from < hi;
	fclose(f);
	return n;
}

// Others, in the middle of the block, are not woken by it.
static void touch(int n, int perblock)
{
	volatile char *below = (volatile char *)them[n].at - BELOW;
	int64_t before = folded();
	int other = n ^ 1;
	switch (n / perblock % 3) {
	case 0:
		whole(n);
		CHECK(perblock == 1 || t_packed(them[other].at));
		break;
	case 1:
		CHECK_EQ(*below, 0);
		*below = 9;
		CHECK_EQ(*below, 9);
		CHECK(t_packed(them[n].at));
		break;
	default:
		garn_sem_release(&them[n].go);
	}
	CHECK(REFUSE || n / perblock % 3 == 2 || folded() <= before);
}

static void all(const struct size *s)
{
	int n = BLOCKS * s->perblock;
	garn_stats before, now;
	garn_read_stats(&before);
	SET(running, 0);
	SET(ended, 0);
	for (int i = 0; i < n; i++)
		go_with(garn_attr(.stack = s->stack), waits, i);
	t_await(&running, (uint32_t)n);
	int maps = mappings(n);
	for (int i = 0; i < n; i++)
		t_await_packed(them[i].at);
	// The first and the last block may have others' stacks, too.
	for (int tries = 0; !REFUSE && folded() < BLOCKS - 2; tries++) {
		CHECK(tries < 1000);
		garn_sleep(GARN_MS(10));
	}
	garn_read_stats(&now);
	CHECK(REFUSE ? now.packed.folds == before.packed.folds : now.packed.folds >= before.packed.folds + BLOCKS - 2);
	int step = s->perblock > 1 ? s->perblock / 2 + 1 : 1;
	uint32_t woken = 0;
	for (int i = 0; i < n; i += step) {
		woken += i / s->perblock % 3 == 2;
		touch(i, s->perblock);
	}
	t_await(&ended, woken);
	// All that still wait are back; who ended is where he was, but in HARD builds, where his stack is unmapped.
	for (int i = 0; i < n; i++)
		if (i % step || i / s->perblock % 3 != 2)
			whole(i);
	CHECK_EQ(folded(), 0);
#ifndef GARN_HARD
	CHECK(mappings(n) <= maps);
#else
	(void)maps;
#endif
	for (int i = 0; i < n; i++)
		garn_sem_release(&them[i].go);
	t_await(&ended, (uint32_t)n);
	for (int i = 0; i < n; i++)
		while (garn_sem_try(&them[i].go))
			;
}

int main(void)
{
	t_need_packing();
	if (REFUSE) {
		go(waits, 0);
		t_await(&running, 1);
		t_await_packed(them[0].at); // all that is needed is mapped now
		t_refuse_flag(SYS_mmap, MAP_FIXED);
		garn_sem_release(&them[0].go);
		t_await(&ended, 1);
		all(&sizes[1]);
		return 0;
	}
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		all(&sizes[i]);
	return 0;
}
