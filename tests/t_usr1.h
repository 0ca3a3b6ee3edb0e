// For x_overflow_: a goroutine that sends itself a signal, whose handler goes deeper and deeper.
#ifndef T_USR1_H
#define T_USR1_H

#include "t_brink.h"
#include <signal.h>

static void handler(int sig)
{
	t_recurse(sig);
	__asm__ volatile("");
}

static void worker(void)
{
	raise(SIGUSR1);
	__asm__ volatile("");
}

// All: with all signals blocked.
static void handles(int flags, bool all)
{
	struct sigaction act = { .sa_handler = handler, .sa_flags = flags };
	if (all)
		sigfillset(&act.sa_mask);
	sigaction(SIGUSR1, &act, NULL);
}

#endif
