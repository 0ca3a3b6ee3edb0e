/* Deadlines, for the other files of io/. */
#ifndef IO_DEADLINE_H
#define IO_DEADLINE_H

#include "poll/poll.h"

/* Set, or with when 0 clear, the deadline of the directions in which (GARN_READ | GARN_WRITE).
 * Runs on: g, foreign. Holds: nothing. Never parks. */
void deadline_set(struct polldesc *pd, int which, int64_t when);

#endif
