/* The table of waiters: 256 roots, each a lock and a search tree of the addresses somebody waits for.
 *
 * 1. A sudog in the tree is the first waiter of its address; the others hang on it by waitlink, in order; waittail is the last.
 * 2. The tree is keyed by a mixed address, so that it is balanced by chance and no rotation is needed: the depth for n
 *    addresses is about 2 ln n whatever the addresses are. (Go: a treap with random priorities.)
 * 3. goready is called after the root's lock is released. */

#include "sync/sema.h"
#include "sched/sched.h"

struct semaroot semaroots[SEMAROOTS];

/* A bijection that spreads neighbours far apart. */
static inline uint64_t mix(const void *addr)
{
	uint64_t x = (uint64_t)(uintptr_t)addr;
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdull;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ull;
	return x ^ x >> 33;
}

/* The place in the tree where addr is, or would be. */
static struct sudog **find(struct semaroot *root, const void *addr)
{
	uint64_t key = mix(addr);
	struct sudog **pp = &root->tree;
	while (*pp && (*pp)->elem != addr)
		pp = key < mix((*pp)->elem) ? &(*pp)->next : &(*pp)->prev;
	return pp;
}

/* sg takes old's place in the tree. */
static void replace(struct sudog **at, struct sudog *sg)
{
	struct sudog *old = *at;
	sg->next = old->next;
	sg->prev = old->prev;
	*at = sg;
	old->next = old->prev = NULL;
}

void sema_enqueue(struct semaroot *root, const void *addr, struct sudog *sg, bool first)
{
	struct sudog **at = find(root, addr), *head = *at;
	sg->elem = (void *)(uintptr_t)addr;
	sg->waitlink = NULL;
	sg->waittail = sg;
	if (!head) {
		sg->next = sg->prev = NULL;
		*at = sg;
	} else if (first) {
		sg->waitlink = head;
		sg->waittail = head->waittail;
		replace(at, sg);
	} else {
		head->waittail->waitlink = sg;
		head->waittail = sg;
	}
}

/* Take the node at *at out of the tree: with two subtrees, the leftmost of the right one takes its place. */
static void removenode(struct sudog **at)
{
	struct sudog *sg = *at;
	if (!sg->next) {
		*at = sg->prev;
	} else if (!sg->prev) {
		*at = sg->next;
	} else {
		struct sudog **l = &sg->prev;
		while ((*l)->next)
			l = &(*l)->next;
		struct sudog *up = *l;
		*l = up->prev;
		replace(at, up);
	}
	sg->next = sg->prev = NULL;
}

struct sudog *sema_dequeue(struct semaroot *root, const void *addr, bool *more)
{
	struct sudog **at = find(root, addr), *sg = *at;
	*more = false;
	if (!sg)
		return NULL;
	struct sudog *second = sg->waitlink;
	if (second) {
		*more = true;
		second->waittail = sg->waittail;
		replace(at, second);
	} else {
		removenode(at);
	}
	sg->waitlink = sg->waittail = NULL;
	return sg;
}

struct sudog *sema_first(struct semaroot *root, const void *addr)
{
	return *find(root, addr);
}

bool sema_park(struct semaroot *root, const void *addr, uint32_t kind, int64_t since, bool first, enum waitreason why)
{
	struct g *gp = mustgetg();
	struct sudog *sg = &gp->sudog;
	sg->g = gp;
	sg->isselect = false;
	sg->success = false;
	sg->ticket = kind;
	sg->acquiretime = since;
	sema_enqueue(root, addr, sg, first);
	gopark(parkunlock, &root->lock, why);
	return sg->success;
}

struct g *sema_dequeueall(struct semaroot *root, const void *addr)
{
	struct g *list = NULL, **end = &list;
	bool more = true;
	while (more) {
		struct sudog *sg = sema_dequeue(root, addr, &more);
		if (!sg)
			break;
		sg->success = true;
		sg->g->schedlink = NULL;
		*end = sg->g;
		end = &sg->g->schedlink;
	}
	return list;
}

void sema_readyall(struct g *list)
{
	while (list) {
		struct g *gp = list;
		list = gp->schedlink;
		goready(gp);
	}
}
