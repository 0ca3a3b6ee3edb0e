/* Which sizes of stacks there are, and which one a goroutine gets that asks for none.
 *
 * 1. Who asks, asks for bytes that can be used and gets the least order that has them. GARN_STACK alone means addresses, the
 *    guard among them: it is for who has few of these to hand out.
 * 2. stackdefault is UNSET until stackinit or the program wants it, whichever comes first, and a size from then on; the last to set
 *    it wins. So what a program says before the runtime is up stands over GARN_STACK, as what it says later does.
 * 3. It is a hint to spawns that run at the same time: relaxed, as nothing else hangs on it. */

#include "stack/stack.h"
#include "core/throw.h"
#include "garn.h"
#include <stdlib.h>
#undef errno

enum { LEAST = 16 << 10, MOST = 1 << 30, UNSET = 0xff };
_Static_assert((size_t)STACK_MIN << (STACK_ORDERS - 1) >= (size_t)MOST + STACK_GUARD, "the highest order has 1 GB to use");

uint8_t stackdefault = UNSET;

size_t stackusable(uint8_t order)
{
	return stackreserved(order) - STACK_GUARD;
}

static uint8_t atleast(size_t n)
{
	uint8_t order = 0;
	while (stackusable(order) < n)
		order++;
	return order;
}

uint8_t stackorder(size_t n)
{
	if (n > MOST)
		fatal("go_with: stack over the limit of 1 GB");
	return atleast(n);
}

/* "256K", "1M", "8388608": bytes reserved, as GARN_STACK says them; 0 when it makes no sense. */
static size_t parsesize(const char *s)
{
	char *end;
	int shift = 0;
	if (*s < '0' || *s > '9')
		return 0;
	unsigned long long n = strtoull(s, &end, 10);
	switch (*end) {
	case 'k': case 'K': shift = 10, end++; break;
	case 'm': case 'M': shift = 20, end++; break;
	case 'g': case 'G': shift = 30, end++; break;
	}
	return *end == 0 && n <= (unsigned long long)MOST >> shift ? n << shift : 0;
}

void stackenv(void)
{
	uint8_t order = STACK_USUAL;
	const char *s = getenv("GARN_STACK");
	if (load_rlx(&stackdefault) != UNSET)
		return;
	if (s && *s) {
		size_t n = parsesize(s);
		if (n < LEAST || n > MOST)
			fatal_env("GARN_STACK", s, "a size from 16K to 1G, such as 256K");
		for (order = 0; stackreserved(order) < n;)
			order++;
	}
	cas_rlx(&stackdefault, UNSET, order);
}

size_t garn_set_max_stack(size_t n)
{
	if (n != 0 && (n < LEAST || n > MOST))
		fatal("garn_set_max_stack: a stack has 16 KB to 1 GB");
	stackenv();
	return stackusable(n ? xchg_acqrel(&stackdefault, atleast(n)) : load_rlx(&stackdefault));
}
