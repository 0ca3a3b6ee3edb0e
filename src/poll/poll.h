/* The wait of the last idle M: until a time, or until somebody breaks it. Below the scheduler: it readies nobody. */
#ifndef POLL_POLL_H
#define POLL_POLL_H

#include "core/runtime.h"

/* Sleep until the time `until` (0: no limit) or pollbreak. At most one M at a time. May return early.
 * Runs on: g0. Holds: nothing. */
void pollwait(int64_t until);
/* End the present pollwait, or the next one if none is under way. Runs on: any. */
void pollbreak(void);

#endif
