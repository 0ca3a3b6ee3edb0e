// For tests of packed stacks: is that to be had, and is a stack packed?
#ifndef T_PACK_H
#define T_PACK_H

#include "t_sync.h"
#include <sys/mman.h>

__attribute__((unused)) static void t_need_packing(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	if (madvise(p, 4096, 102) != 0)
		SKIP("no guard markers before Linux 6.13");
	munmap(p, 4096);
}

// p is on the stack of another goroutine, which lives: is its page gone?
__attribute__((unused)) static bool t_packed(const volatile void *p)
{
	unsigned char there = 1;
	mincore((void *)((uintptr_t)p & -(uintptr_t)4096), 4096, &there);
	return !(there & 1);
}

__attribute__((unused)) static void t_await_packed(const volatile void *p)
{
	while (!t_packed(p))
		garn_sleep(GARN_MS(20));
}

#endif
