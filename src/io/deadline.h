/* Deadlines, for the other files of io/. */
#ifndef IO_DEADLINE_H
#define IO_DEADLINE_H

#include "garn.h"
#include "poll/poll.h"

/* Set, or with when 0 clear, the deadline of the directions in which (GARN_READ | GARN_WRITE).
 * Runs on: g, foreign. Holds: nothing. Never parks. */
void deadline_set(struct polldesc *pd, int which, int64_t when);

/* No deadlines, if there are any: the file is going away, or new. */
static inline void deadline_clear(struct polldesc *pd)
{
	if (load_rlx(&pd->deadline[POLL_R].when) || load_rlx(&pd->deadline[POLL_W].when))
		deadline_set(pd, GARN_READ | GARN_WRITE, 0);
}

#endif
