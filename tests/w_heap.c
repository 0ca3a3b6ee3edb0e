// The 4-ary heap alone: what comes out is sorted by when, equals in the order of their numbers; whatever the
// size, the order of arrival and the operations between.
// LINK: base/heap.c
#include "base/heap.h"
#include "test.h"

enum { N = 3000 };

static struct heapent h[N], model[N];

static int compare(const void *a, const void *b)
{
	const struct heapent *x = a, *y = b;
	if (x->when != y->when)
		return x->when < y->when ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static struct heapent entry(struct t_rng *r, uint64_t order, uint64_t spread)
{
	return (struct heapent){ (int64_t)t_below(r, spread) - (int64_t)(spread / 2), order,
				 (void *)(uintptr_t)(order * 3), (uint32_t)order };
}

static void same(struct heapent a, struct heapent b)
{
	CHECK_EQ(a.when, b.when);
	CHECK_EQ(a.order, b.order);
	CHECK(a.item == b.item);
	CHECK_EQ(a.tag, b.tag);
}

// Take all n out and compare with the sorted model.
static void drain(uint32_t n)
{
	qsort(model, n, sizeof *model, compare);
	for (uint32_t i = 0; i < n; i++) {
		same(h[0], model[i]);
		heap_pop(h, n - i);
		CHECK(heap_ok(h, n - i - 1));
	}
}

static void pushed(struct t_rng *r, uint32_t n, uint64_t spread)
{
	for (uint32_t i = 0; i < n; i++) {
		model[i] = entry(r, i, spread);
		bool first = i == 0;
		if (!first)
			first = compare(&model[i], &h[0]) < 0;
		uint32_t at = heap_push(h, i, model[i]);
		CHECK(at <= i);
		same(h[at], model[i]);
		CHECK_EQ(at == 0, first);
		CHECK(heap_ok(h, i + 1));
	}
	drain(n);
}

static void made(struct t_rng *r, uint32_t n, uint64_t spread)
{
	for (uint32_t i = 0; i < n; i++)
		h[i] = model[i] = entry(r, i, spread);
	heap_make(h, n);
	CHECK(heap_ok(h, n));
	drain(n);
}

// The head put off again and again, as by periodic timers, with others coming and going.
static void mixed(struct t_rng *r, int steps)
{
	uint32_t n = 0;
	uint64_t order = 0;
	for (int i = 0; i < steps; i++) {
		uint64_t what = t_below(r, 8);
		if (what < 4 && n < N) {
			struct heapent e = entry(r, order++, 1000);
			e.when += i;
			heap_push(h, n, e);
			model[n++] = e;
		} else if (n > 0) {
			uint32_t least = 0;
			for (uint32_t k = 1; k < n; k++)
				if (compare(&model[k], &model[least]) < 0)
					least = k;
			same(h[0], model[least]);
			if (what == 4) {
				h[0].when += (int64_t)t_below(r, 500);
				h[0].order = order++;
				model[least] = h[0];
				heap_sink(h, n);
			} else {
				heap_pop(h, n--);
				model[least] = model[n];
			}
		}
		CHECK(heap_ok(h, n));
	}
	drain(n);
}

// heap_ok must see each single pair that is the wrong way round.
static void oks(void)
{
	for (uint32_t n = 2; n < 30; n++)
		for (uint32_t bad = 1; bad < n; bad++) {
			for (uint32_t i = 0; i < n; i++)
				h[i] = (struct heapent){ .when = 10 + i, .order = i };
			CHECK(heap_ok(h, n));
			h[bad].when = 9 + (bad - 1) / 4;
			CHECK(!heap_ok(h, n));
			h[bad] = h[(bad - 1) / 4];
			CHECK(heap_ok(h, n)); // equal in all: neither is first
			h[bad].order++;
			CHECK(heap_ok(h, n));
			if (bad > 4) { // its parent's number is not 0
				h[bad].order -= 2;
				CHECK(!heap_ok(h, n));
			}
		}
	CHECK(heap_ok(h, 0));
	CHECK(heap_ok(h, 1));
}

int main(void)
{
	struct t_rng r = t_rng(t_seed(), 0);
	oks();
	for (uint32_t n = 0; n < 40; n++) {
		pushed(&r, n, 5);
		pushed(&r, n, 1000000);
		made(&r, n, 5);
		made(&r, n, 1000000);
	}
	uint32_t big = N / T_SCALE;
	pushed(&r, big, 1); // all equal: first in, first out
	pushed(&r, big, 50);
	pushed(&r, big, UINT64_C(1) << 62);
	made(&r, big, 1);
	made(&r, big, 50);
	made(&r, big, UINT64_C(1) << 62);
	mixed(&r, T_SCALED(100000));
	return 0;
}
