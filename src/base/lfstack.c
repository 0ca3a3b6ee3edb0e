/* The lock-free stack: see lfstack.h for its rules. */
#include "base/lfstack.h"
#include "base/atomic.h"

enum { TAG_BITS = 19, ADDR_SHIFT = 16 };

static inline uint64_t pack(struct lfnode *n, uint64_t tag)
{
	return (uint64_t)(uintptr_t)n << ADDR_SHIFT | (tag & ((1u << TAG_BITS) - 1));
}

static inline struct lfnode *unpack(uint64_t head)
{
	return (struct lfnode *)(uintptr_t)(head >> TAG_BITS << (TAG_BITS - ADDR_SHIFT));
}

bool lfstack_push(struct lfstack *s, struct lfnode *n)
{
	if (unlikely(unpack(pack(n, 0)) != n))
		return false;
	uint64_t old, new = pack(n, ++n->pushcnt);
	do {
		old = load_rlx(&s->head);
		store_rlx(&n->next, old); /* a late popper may be reading it: rule 1 */
	} while (!cas_rel(&s->head, old, new)); // rel[LF]: publishes next, and what n is part of
	return true;
}

struct lfnode *lfstack_pop(struct lfstack *s)
{
	for (;;) {
		/* Every write of head is a compare-and-swap, so whichever of them this sees, it continues the
		 * release of the push that put this node there. */
		uint64_t old = load_acq(&s->head); // acq[LF]: sees the pusher's next and the rest
		if (old == 0)
			return NULL;
		struct lfnode *n = unpack(old);
		uint64_t next = load_rlx(&n->next);
		if (cas_acq(&s->head, old, next)) // acq[LF]
			return n;
	}
}

bool lfstack_empty(struct lfstack *s)
{
	return load_rlx(&s->head) == 0;
}
