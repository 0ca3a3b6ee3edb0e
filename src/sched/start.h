/* The call a new goroutine is to make, kept apart from its stack, which it gets when it first runs. */
#ifndef SCHED_START_H
#define SCHED_START_H

#include "core/runtime.h"

enum { START_ARGS = 256, START_MOST = 1024, START_KINDS = 3 };

struct start {
	uint32_t nargs;      /* G: bytes in args */
	bool copied;         /* G: the first argument is to point at the copy of args on the stack */
	struct spawnframe fr; /* G: all of it but the return address */
	char args[];         /* G: none, START_ARGS or START_MOST */
};

/* Give gp, dead, the call described by fr and nargs bytes of stack arguments. pp may be null. Runs on: any. */
void gostartcall(struct p *pp, struct g *gp, const struct spawnframe *fr, const void *args, uint32_t nargs);
/* The same for a call whose arguments are all in integer registers. Runs on: any. */
void gostartcall_regs(struct g *gp, const struct spawncall *call);
static inline bool isunborn(const struct g *gp)
{
	return gp->sched.sp == 0;
}
/* gp is about to run for the first time: give it a stack. What comes back is for gostart, at once. Null when gp->call has it all, for gostart_regs. Runs on: g0, with the P. */
struct spawnframe *startrun(struct m *mp, struct g *gp);
void startinit(void); /* before all else, once */

#endif
