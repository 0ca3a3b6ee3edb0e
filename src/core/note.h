/* A note: one sleeper, one waker, once between clears. */
#ifndef CORE_NOTE_H
#define CORE_NOTE_H

#include "core/runtime.h"

void noteclear(struct note *n);
void notewakeup(struct note *n);
void notesleep(struct note *n);
/* True when woken, false when ns passed first. */
bool notetsleep(struct note *n, int64_t ns);

#endif
