// The lock-free stack: order with one thread; with many, no node is lost, doubled or seen half written.
// Sizes: 8 threads, 64 nodes, 400,000 rounds each; then 2 nodes, which make a head that comes back (ABA) common. Each
// for five seconds at most: beside other busy programs every yield may cost a slice of theirs.
// The stack is compiled into this file, so that a thread can be made to linger where it hurts: behind each look at
// the head or a node, with the change still to come.
#include "base/lfstack.h"
#include "base/atomic.h"
#include "test.h"
#include <pthread.h>
#include <sched.h>

static __thread uint32_t looks, linger;
#undef load_rlx
#define load_rlx(p) \
	__extension__({ \
		__typeof__(*(p)) value_ = __atomic_load_n((p), __ATOMIC_RELAXED); \
		if (linger != 0 && ++looks % linger == 0) \
			sched_yield(); \
		value_; \
	})
#include "base/lfstack.c"

enum { THREADS = 8, NODES = 64, ROUNDS = T_SCALED(400000) };

struct item {
	uint64_t before; // before and after are the node's: a node at another offset than 0
	struct lfnode node;
	uint64_t owner; // thread + 1 that holds it, 0 on the stack; plain: ownership passes with the push
	uint64_t passes;
} items[NODES];

static struct lfstack stack;
static uint64_t passes[THREADS];
static uint64_t misses; // pops that found nothing
static int64_t stop;    // when the time is over

static struct item *pop(void)
{
	struct lfnode *n = lfstack_pop(&stack);
	return n != NULL ? container_of(n, struct item, node) : NULL;
}

static void one_thread(void)
{
	CHECK(lfstack_empty(&stack));
	CHECK(lfstack_pop(&stack) == NULL);
	for (int i = 0; i < NODES; i++) {
		CHECK(lfstack_push(&stack, &items[i].node));
		CHECK(!lfstack_empty(&stack));
	}
	for (int i = NODES - 1; i >= 0; i--)
		CHECK(pop() == &items[i]);
	CHECK(lfstack_empty(&stack));
	CHECK(pop() == NULL);
	// the tag wraps
	for (uint32_t i = 0; i < (1u << 19) + 3; i++) {
		CHECK(lfstack_push(&stack, &items[1].node));
		CHECK(pop() == &items[1]);
	}
	// an address that does not fit is refused, not bent
	CHECK(!lfstack_push(&stack, (struct lfnode *)((char *)&items[0].node + 4)));
	CHECK(lfstack_empty(&stack));
}

static void *hammer(void *arg)
{
	uint64_t me = (uintptr_t)arg, none = 0;
	struct t_rng r = t_rng(t_seed(), me);
	struct item *mine[3];
	linger = 5 + (uint32_t)me;
	for (int round = 0; round < ROUNDS && (round % 64 != 0 || t_now() < stop); round++) {
		size_t n = 0, want = 1 + t_below(&r, 3);
		for (; n < want; n++) {
			mine[n] = pop();
			if (mine[n] == NULL)
				break;
			CHECK_EQ(mine[n]->owner, 0);
			mine[n]->owner = me + 1;
		}
		none += n < want;
		for (size_t i = 0; i < n; i++) { // the first popped goes back first: heads come back
			CHECK_EQ(mine[i]->owner, me + 1);
			mine[i]->owner = 0;
			mine[i]->passes++;
			passes[me]++;
			CHECK(lfstack_push(&stack, &mine[i]->node));
		}
	}
	add_rlx(&misses, none);
	return NULL;
}

static void many_threads(int nodes)
{
	pthread_t t[THREADS];
	uint64_t in = 0, out = 0;
	bool seen[NODES] = {false};
	memset(passes, 0, sizeof passes);
	memset(items, 0, sizeof items);
	misses = 0;
	stop = t_now() + 5000000000;
	for (int i = 0; i < nodes; i++)
		CHECK(lfstack_push(&stack, &items[i].node));
	for (uintptr_t i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, hammer, (void *)i), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(t[i], NULL);
		in += passes[i];
	}
	int n = 0;
	for (struct item *it; (it = pop()) != NULL; n++) {
		CHECK(!seen[it - items]);
		seen[it - items] = true;
		out += it->passes;
		CHECK_EQ(it->owner, 0);
		CHECK_EQ(it->before, 0);
		CHECK(n <= nodes);
	}
	CHECK_EQ(n, nodes);
	CHECK_EQ(in, out);
	printf("%d nodes: %llu passes, %llu found it empty\n", nodes, (unsigned long long)in, (unsigned long long)misses);
}

int main(void)
{
	t_seed(); // once, before there are threads
	one_thread();
	many_threads(NODES);
	many_threads(2);
	many_threads(3);
	return 0;
}
