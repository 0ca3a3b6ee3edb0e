/* The 4-ary heap: see heap.h. Entries move into a hole rather than being swapped: one copy a level. */
#include "base/heap.h"

static inline bool before(const struct heapent *a, const struct heapent *b)
{
	return a->when != b->when ? a->when < b->when : a->order < b->order;
}

/* Put e into the hole at i or above it. */
static uint32_t siftup(struct heapent *h, uint32_t i, struct heapent e)
{
	while (i > 0) {
		uint32_t parent = (i - 1) / 4;
		if (!before(&e, &h[parent]))
			break;
		h[i] = h[parent];
		i = parent;
	}
	h[i] = e;
	return i;
}

/* Put e into the hole at i or below it. 64 bits, as 4 * i + 4 passes 32 for large heaps. */
static void siftdown(struct heapent *h, uint32_t n, uint32_t i, struct heapent e)
{
	for (;;) {
		uint64_t first = 4 * (uint64_t)i + 1;
		uint64_t end = first + 4 < n ? first + 4 : n;
		if (first >= n)
			break;
		uint64_t least = first;
		for (uint64_t c = first + 1; c < end; c++)
			if (before(&h[c], &h[least]))
				least = c;
		if (!before(&h[least], &e))
			break;
		h[i] = h[least];
		i = (uint32_t)least;
	}
	h[i] = e;
}

/* Runs on: any. Never parks. */
uint32_t heap_push(struct heapent *h, uint32_t n, struct heapent e)
{
	return siftup(h, n, e);
}

/* Runs on: any. Never parks. */
void heap_pop(struct heapent *h, uint32_t n)
{
	if (n > 1)
		siftdown(h, n - 1, 0, h[n - 1]);
}

/* Runs on: any. Never parks. */
void heap_sink(struct heapent *h, uint32_t n)
{
	siftdown(h, n, 0, h[0]);
}

/* Runs on: any. Never parks. */
void heap_make(struct heapent *h, uint32_t n)
{
	if (n < 2)
		return;
	for (uint32_t i = (n - 2) / 4 + 1; i-- > 0;)
		siftdown(h, n, i, h[i]);
}

/* Runs on: any. Never parks. */
bool heap_ok(const struct heapent *h, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++)
		if (before(&h[i], &h[(i - 1) / 4]))
			return false;
	return true;
}
