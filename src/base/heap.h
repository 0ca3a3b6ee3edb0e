/* A 4-ary min-heap in an array the caller owns. Pure: no memory of its own, no locks.
 *
 *   1. h[(i-1)/4] does not come after h[i], for 0 < i < n: so h[0] is the first.
 *   2. First is the smaller `when`, and among equals the smaller `order`: with rising orders, equals leave as they came.
 *
 * Four children lie in two cache lines and the tree is half as deep as a binary one: more comparisons, fewer
 * misses. Entries carry their key, so that ordering them never touches the items. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include "base/base.h"

struct heapent {
	int64_t when;
	uint64_t order;
	void *item;
	uint32_t tag; /* the caller's */
};

/* All of these run on: any. Hold: whatever protects the array. Never park. */

/* Add e behind the n entries; there is room. Returns where it came to lie: 0 when it is the first now. */
uint32_t heap_push(struct heapent *h, uint32_t n, struct heapent e);
/* Remove h[0] of n > 0 entries; n - 1 stay. */
void heap_pop(struct heapent *h, uint32_t n);
/* h[0] was changed to come later than it did: put it where it belongs. */
void heap_sink(struct heapent *h, uint32_t n);
/* Make a heap of n entries in any order. */
void heap_make(struct heapent *h, uint32_t n);
/* Does rule 1 hold? For tests and asserts. */
bool heap_ok(const struct heapent *h, uint32_t n);

#endif
