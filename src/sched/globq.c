/* The global run queue, under sched.lock: what overflows from the rings, what comes from threads without a P, who has had
 * his slice.
 *
 * It is a list of batches, each a row of pointers in order. A P that is out of work takes from the newest batch, and one in 61
 * dispatches takes from the oldest: so nobody starves, and the rest of the time a P works on what was made last, which is
 * still in its caches, and whose ancestors wait for it. A tree of a million goroutines is walked depth first, more or less,
 * where Go's list, first in first out, walks it breadth first, with all of a level alive.
 *
 * Who has used up a slice is not to run next for being the newest: such gs have a second list, taken from when
 * the first is empty, and at the one dispatch in 61 when they are older than all there.
 *
 * Batches are cut from chunks. After a burst, when the queue is found empty, the chunks go back to the kernel.
 *
 * 1. Batches are not empty; runqsize is the sum of what is in them, and may be read without the lock as a hint.
 * 2. Moving gs between queues moves pointers and touches no g. */

#include "sched/proc.h"

enum { BATCH = RUNQ / 2 + 1, CHUNK = 64 << 10, FEW = HARD ? 0 : 2 };

struct gbatch {
	struct gbatch *newer, *older; /* S */
	uint64_t age;                 /* S: the number of its making */
	uint32_t n, first;            /* S */
	struct g *gs[BATCH];          /* S */
};

struct gbatches {
	struct gbatch *newest, *oldest; /* S */
};

static struct gbatches work, late; /* late: who has had his slice */
static struct gbatch *freebatches; /* S: by newer */
static struct chunk {
	struct chunk *next;
	struct gbatch batches[];
} *chunks;                         /* S */
static uint32_t nchunks;           /* S */
static uint64_t age;               /* S: of the last batch made */

static void newchunk(void)
{
	struct chunk *c = os_mmap(CHUNK);
	if (!c)
		fatal_os("no memory for a run queue", ENOMEM, "see " MEMORY_LIMITS);
	c->next = chunks;
	chunks = c;
	nchunks++;
	for (struct gbatch *f = c->batches; (char *)(f + 1) <= (char *)c + CHUNK; f++) {
		f->newer = freebatches;
		freebatches = f;
	}
}

bool globrunqscavenge(void)
{
	lock(&sched.lock);
	struct chunk *c = sched.runqsize == 0 && nchunks > FEW ? chunks : NULL;
	if (c) {
		chunks = NULL;
		nchunks = 0;
		freebatches = NULL;
	}
	unlock(&sched.lock);
	bool any = c != NULL;
	for (struct chunk *next; c; c = next) {
		next = c->next;
		os_munmap(c, CHUNK);
	}
	return any;
}

static struct gbatch *newbatch(struct gbatches *q)
{
	if (!freebatches)
		newchunk();
	struct gbatch *b = freebatches;
	freebatches = b->newer;
	b->age = ++age;
	b->n = b->first = 0;
	b->newer = NULL;
	b->older = q->newest;
	if (q->newest)
		q->newest->newer = b;
	else
		q->oldest = b;
	q->newest = b;
	return b;
}

static void freebatch(struct gbatches *q, struct gbatch *b)
{
	if (b->older)
		b->older->newer = b->newer;
	else
		q->oldest = b->newer;
	if (b->newer)
		b->newer->older = b->older;
	else
		q->newest = b->older;
	b->newer = freebatches;
	freebatches = b;
}

void globrunqput(struct g *gp, bool hadslice)
{
	struct gbatches *q = hadslice ? &late : &work;
	struct gbatch *b = q->newest;
	if (!b || b->first + b->n == BATCH || (hadslice && b->age != age))
		b = newbatch(q);
	b->gs[b->first + b->n++] = gp;
	store_rlx(&sched.runqsize, sched.runqsize + 1);
}

void globrunqputbatch(struct gqueue *list)
{
	if (list->n == 0)
		return;
	for (uint32_t i = 0; i < list->n;) {
		struct gbatch *b = newbatch(&work);
		while (i < list->n && b->n < BATCH)
			b->gs[b->n++] = list->gs[list->first + i++];
	}
	store_rlx(&sched.runqsize, sched.runqsize + (int32_t)list->n);
}

/* A P's fair part of what there is. */
static uint32_t share(struct gbatch *b)
{
	int32_t procs = load_rlx(&sched.gomaxprocs); /* 0 once garn_run has returned */
	uint32_t n = (uint32_t)(sched.runqsize / (procs > 0 ? procs : 1) + 1);
	return n < b->n ? n : b->n;
}

struct g *globrunqget(struct p *pp, bool oldest)
{
	struct gbatches *q = !work.oldest || (oldest && late.oldest && late.oldest->age < work.oldest->age) ? &late : &work;
	struct gbatch *b = oldest || q == &late ? q->oldest : q->newest;
	if (!b)
		return NULL;
	uint32_t n = oldest ? 1 : share(b);
	struct g *gp = b->gs[b->first];
	struct gqueue spill;
	for (uint32_t i = 1; i < n; i++) /* pp's ring is empty: it all fits */
		if (runqput(&pp->runq, b->gs[b->first + i], false, &spill))
			throw("globrunqget: the ring was not empty");
	b->first += n;
	b->n -= n;
	if (b->n == 0)
		freebatch(q, b);
	store_rlx(&sched.runqsize, sched.runqsize - (int32_t)n);
	return gp;
}
