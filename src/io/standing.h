/* Registrations that stand: see standing.c. For the other files of io/. */
#ifndef IO_STANDING_H
#define IO_STANDING_H

#include "io/fd.h"

/* Is epoll to be told once of this file, or for each wait? */
static inline bool standing_may(struct polldesc *pd)
{
	return load_rlx(&pd->own) && load_rlx(&pd->kind) == FD_TCP;
}
/* Has it been told, for good? Holds: the mode's half of mu. */
static inline bool standing(struct polldesc *pd, enum pollmode mode)
{
	return load_rlx(&pd->standing) & 1 << mode;
}
/* A wait, of either sort. Holds: the mode's half of mu. Never parks. */
static inline void standing_begins(struct polldesc *pd, enum pollmode mode)
{
	store_rlx(&pd->relied.waits[mode], pd->relied.waits[mode] + 1);
}
void standing_enlist(struct polldesc *pd);
/* After standing_begins, and after pollblock has said that it waits. */
static inline void standing_waits(struct polldesc *pd)
{
	if (unlikely(!load_sc(&pd->relied.listed))) // sc[PS]: after waits was written (pollblock is the fence)
		standing_enlist(pd);
}

#endif
