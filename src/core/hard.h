/* HARD builds make the rare common: they yield, steal and take the other branch at the throw of a die. */
#ifndef CORE_HARD_H
#define CORE_HARD_H

#include "os/os.h"

#ifdef GARN_HARD
enum { HARD = 1 };
/* True once in so many, on this thread. Runs on: any. */
bool hard_dice(uint32_t oneof);
#else
enum { HARD = 0 };
static inline bool hard_dice(uint32_t oneof)
{
	(void)oneof;
	return false;
}
#endif

/* A place where another thread may come in between. */
static inline void hard_point(void)
{
	if (hard_dice(16))
		os_yield();
}

/* A place where, now and then, a millisecond passes, and a timer with it. */
static inline void hard_pause(void)
{
	if (hard_dice(16))
		os_usleep(1100);
}

#endif
