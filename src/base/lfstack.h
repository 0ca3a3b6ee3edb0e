/* A lock-free stack of nodes that live for ever: any number of threads push and pop.
 *
 *   1. Memory of a node stays mapped and its two words stay a node's, even while it is off the stack: a late popper may
 *      still look at next. (What it read is thrown away, as its compare-and-swap then fails.)
 *   2. The head is address and tag in one word. The tag counts the node's pushes, so that a head that went away and came
 *      back (A popped, B popped, A pushed) is not taken for the old one. It has 19 bits: a popper would have to
 *      sleep through exactly a multiple of 524,288 pushes of one node to be fooled.
 *   3. Addresses have 48 bits at most (the kernel gives out more only when asked) and nodes lie on 8 bytes.
 *
 * Rejected: a 16-byte compare-and-swap, whose tag has no limit: it costs twice as much, and a call into libatomic. */
#ifndef BASE_LFSTACK_H
#define BASE_LFSTACK_H

#include "base/base.h"

struct lfnode {
	uint64_t next;    /* A: the head as it was when this was pushed */
	uint64_t pushcnt; /* the pusher only */
};

/* Zero is the empty stack. */
struct lfstack {
	uint64_t head; /* A[LF]: address << 16 | tag; written by compare-and-swap only */
};

/* All of these run on: any. Hold: nothing. Never park. */

/* Put n, which is on no stack, on top. False, and nothing done, when its address breaks rule 3. */
bool lfstack_push(struct lfstack *s, struct lfnode *n);
/* Take the top; null when the stack is empty. */
struct lfnode *lfstack_pop(struct lfstack *s);
/* Was it empty a moment ago? */
bool lfstack_empty(struct lfstack *s);

#endif
