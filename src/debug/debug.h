/* What a program sees of itself when it dies: traces with names and lines, every goroutine's state, faults.
 *
 * debug/ reads what the other folders own and changes nothing there. The folders below reach it
 * through hooks, which debuginit sets. */
#ifndef DEBUG_DEBUG_H
#define DEBUG_DEBUG_H

#include "base/print.h"
#include "core/runtime.h"
#include <signal.h>

/* How much is printed: GARN_TRACEBACK. */
enum tracelevel {
	TRACE_NONE,   /* the message alone */
	TRACE_SINGLE, /* the goroutine at fault */
	TRACE_ALL,    /* and then the others */
	TRACE_SYSTEM, /* and the library's own frames and goroutines */
};
/* Runs on: any. */
enum tracelevel tracelevel(void);

/* Set the hooks, take the fatal signals. Runs on: the first thread, once, in schedinit. */
void debuginit(void);

/* A function call as the source has it: one machine frame is several when calls were inlined. */
struct frame {
	uintptr_t pc;       /* an address inside the call, not behind it */
	const char *func;   /* null: unknown */
	const char *file;   /* null: unknown */
	int line;
	uintptr_t entry;    /* where func begins; 0: unknown, or inlined here */
	const char *module; /* the file that was mapped there; "" when none */
	uintptr_t offset;   /* of pc, as addr2line wants it */
	bool ours;          /* the library's, not the program's */
};
enum { INLINE_MAX = 16 };

/* Who is at pc, innermost first: 1 to INLINE_MAX frames in f, their number comes back. Names live for ever.
 * Runs on: any stack with 16 KB of room, one thread at a time. Never parks. */
int symbolize(uintptr_t pc, struct frame f[INLINE_MAX]);
/* Is it a function of garn.h, by its name? */
bool ispublic(const struct frame *f);

/* The addresses of a stack: the innermost, the outermost, and how many there were. */
enum { TRACE_INNER = 96, TRACE_OUTER = 64, TRACE_WALK = 4 << 20 };
struct pcs {
	uintptr_t inner[TRACE_INNER];
	uintptr_t outer[TRACE_OUTER]; /* a ring */
	size_t n;
	bool fault;  /* I: the stack begins where a signal arrived: what lies inside that is left out */
	bool broken; /* the walk met an address that cannot be read */
};

/* Runs on: the first thread, once. */
void traceinit(void);
/* Walk the caller's own stack; of g0 under systemstack, the goroutine's as well. Runs on: any. Never parks. */
void collect(struct pcs *pcs);
/* Walk the stack of a goroutine that does not run. Runs on: any. Never parks. */
void collect_on(struct g *gp, struct pcs *pcs);
/* Print what was collected, and who made gp, which may be null. Runs on: as symbolize. */
void traceprint(struct printer *pr, struct g *gp, const struct pcs *pcs);

/* hooks.traceback: print the trace of gp, or of the caller when gp is null or the caller. Runs on: any. Never parks. */
void traceback(struct g *gp);
/* hooks.tracebackothers: print all goroutines but me, by number. Null: all of them, whatever the level. Runs on: any. */
void tracebackothers(struct g *me);
/* Print the caller under the header of what it is (goroutine, scheduler, plain thread). Runs on: as symbolize. */
void traceself(const struct pcs *pcs);
/* hooks.deadlock: print "fatal error: msg" and every goroutine, and end with status 2. Runs on: any. */
__attribute__((noreturn)) void deadlockreport(const char *msg);

/* What gp does, in a word or a few. Runs on: any. Never parks. */
const char *statusname(struct g *gp);
/* Is gp one of the program's, and alive? Or, at TRACE_SYSTEM, of anybody's. Runs on: any. Never parks. */
bool isshown(struct g *gp);

/* Read GARN_DEBUG; dies when it makes no sense. Runs on: the first thread, once. */
void debugenv(void);
/* Print what stacks there are. Runs on: any stack with 4 KB of room. Never parks. */
void census(void);
/* hooks.schedtrace: print how the scheduler stands. Runs on: any stack with 2 KB of room. Never parks. */
void schedtrace(void);

/* hooks.overflow: a function of gp found no room for its frame. Runs on: g0, of gp's thread. Never returns. */
void overflow(struct g *gp);
/* Take the signals that mean a program error. Runs on: the first thread, once. */
void faultinit(void);
/* Let faults come to the calling thread, and give it a stack for signal handlers, until it ends. Runs on: any, once a thread. */
void sigaltinit(void);
/* Run fn(arg); false when it touched memory that is not there. May be nested. Only for the thread that is dying, and
 * fn must hold nothing that matters. Runs on: any. */
bool guarded(void (*fn)(void *), void *arg);

#endif
