/* garn: goroutines for C. The one installed header.
 *
 * How to read the notes on each call:
 *   parks     the calling goroutine may wait, and may go on on another thread;
 *             "no" means it stays on its thread.
 *   threads   "any": also from threads that run no goroutine, which then block as threads.
 *   before    may it be called before the runtime is up (garn_run, or main under `garn build`)? "no": it dies by name.
 *   dies      mistakes that end the process with a message and a trace (garn(7) has them all). No call returns an error;
 *             without memory for what it needs, any may die.
 *   After fork, in the child, only exec and _exit: calls that start or wait for something die by name there.
 *   In a signal handler: garn_now and garn_goid only.
 *
 * errno: a goroutine that waits may go on on another thread, whose errno lies elsewhere, and compilers
 * remember where errno was. So this header includes <errno.h> and gives errno a definition that
 * is looked up each time. Files that call into garn through other files only, and read errno after,
 * should include this header too.
 */
#ifndef GARN_H
#define GARN_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#pragma GCC visibility push(default)
#ifdef __cplusplus
extern "C" {
#endif

#define GARN_VERSION "0.1.0"

/* Where the calling thread's errno lies now; what errno stands for. parks: no. threads: any. before: yes. */
int *garn_errno_location(void);
#undef errno
#define errno (*garn_errno_location())

/* ---- Durations: nanoseconds, int64_t --------------------------------------------------------- */

#define GARN_US(n) ((int64_t)(n) * 1000)
#define GARN_MS(n) ((int64_t)(n) * 1000000)
#define GARN_S(n) ((int64_t)(n) * 1000000000)
#define GARN_KB(n) ((size_t)(n) << 10)
#define GARN_MB(n) ((size_t)(n) << 20)

/* ---- Goroutines ------------------------------------------------------------------------------- */

/* What go_with may say of the goroutine it starts. Zero fields mean the default. */
typedef struct garn_attr {
	size_t stack;     /* bytes it may use, rounded up; 16 KB to 1 GB; default: garn_set_max_stack's */
	const char *name; /* shown in traces; must outlive the goroutine */
	/* its stack may be packed while it waits for long: see GARN_PACK in garn(7). Ignored where that cannot be */
#ifdef __cplusplus
	bool pack = false; /* in C++ {8 << 20, "name"} is to leave nothing out */
#else
	bool pack;
#endif
} garn_attr;
/* The preprocessor splits a braced literal at its commas. So, for more than one field:
 * go_with(garn_attr(.stack = GARN_MB(8), .name = "parser"), fn, args...), or parentheses around the literal. */
#define garn_attr(...) (__extension__(garn_attr){ __VA_ARGS__ })

/* go(fn, args...): start fn(args...) in a new goroutine; the result is dropped. go_with(attr, fn, args...): the same with
 * attributes. See the macros below. parks: no. threads: any. before: no. dies: fn is null; attr's stack over 1 GB. */

/* Let the others run. parks: yes. threads: any (a plain thread yields to the kernel). before: yes. */
void garn_yield(void);
/* End the calling goroutine. From main: the others go on, and the process ends when all have ended,
 * in a deadlock report. threads: goroutines only. dies: elsewhere. */
__attribute__((noreturn)) void garn_goexit(void);
/* The goroutine's number: 1 for main, never used twice; 0 on a thread that runs none. parks: no. threads: any. before: yes. */
uint64_t garn_goid(void);
/* How many goroutines exist; the library's own are not counted. parks: no. threads: any. before: yes, 0. */
int garn_num_goroutines(void);
/* How things stand. The numbers are of about the same moment. */
typedef struct garn_stats {
	int64_t goroutines;        /* as garn_num_goroutines */
	int64_t threads;           /* the library's own, and of these: */
	int64_t threads_computing; /* go on without a processor, which others wanted, and compute: GARN_MAXHOGS */
	int64_t threads_asleep;    /* the same, and sleep in the kernel */
	int64_t threads_let_go;    /* ended so far, as nobody needed them */
	int64_t retakes;           /* so often a processor was taken from who kept it */
	const char *guards;        /* below stacks: "markers", "protected pages" or "none" */
	int64_t stacks_shrunk;     /* so often the unused pages of a waiting goroutine's stack were given back */
	int64_t morestack_calls;   /* so often code compiled with -fsplit-stack asked for room; and of these */
	int64_t morestack_preempts; /* gave others a turn */
	struct garn_pack_stats {
		int64_t now, ever;  /* stacks that are packed, and that were ever */
		int64_t by_running; /* put back because the goroutine went on; or because */
		int64_t by_access;  /* somebody read or wrote there */
		int64_t by_waker;   /* a value was handed to it */
		int64_t by_call;    /* a call was given memory there */
		size_t bytes;       /* memory for what is on them */
		int64_t folded;     /* blocks of 2 MB whose stacks are all packed: their page tables were given back, too */
		int64_t folds;      /* so often that was done */
	} packed;                  /* garn_attr.pack, GARN_PACK */
	struct garn_stack_stats {
		size_t bytes;       /* that may be used of a stack of this size */
		int64_t in_use;     /* by goroutines that have begun to run */
		int64_t most;       /* in use or kept near by processors, at most so far */
		int64_t kept;       /* free, and still in memory */
		int64_t given_back; /* so many free ones were given back to the system so far */
		int64_t reserved;   /* addresses for so many */
	} stacks[16];              /* by size; bytes is 0 behind the last */
} garn_stats;
/* Fill in *s. parks: no. threads: any. before: yes, mostly zeros. */
void garn_read_stats(garn_stats *s);
/* Set how many goroutines may run at the same moment (1 to 1024); the old number comes back. n < 1 only asks.
 * A goroutine that runs on a processor taken away goes on until it next waits or yields.
 * parks: no. threads: any. before: 0 comes back, and nothing is set. */
int garn_gomaxprocs(int n);
/* Set how many bytes of stack goroutines may use that are started from now on and ask for none themselves: 16 KB to 1 GB,
 * rounded up as garn_attr.stack is; what it was comes back. 0 only asks. At first: GARN_STACK, less its guard, or 192 KB. main's
 * own stack is another matter. parks: no. threads: any. before: yes; it stands over GARN_STACK. dies: n is something else. */
size_t garn_set_max_stack(size_t n);
/* Tie the goroutine to the thread it runs on, and that thread to it; calls nest. A goroutine that ends
 * while tied takes its thread with it. parks: no. threads: any; where no goroutine runs nothing happens. before: yes. */
void garn_lock_os_thread(void);
void garn_unlock_os_thread(void);
/* Run fn(arg) on the thread's own large stack, tied to the thread meanwhile, for code that inspects stack
 * bounds. fn must not call anything of garn that parks. parks: no. threads: any; a plain thread just calls fn. before: yes. */
void garn_on_thread_stack(void (*fn)(void *), void *arg);
/* The stack the caller runs on: [*lo, *hi). parks: no. threads: any. before: yes. */
void garn_stack_bounds(void **lo, void **hi);
/* Start the runtime in a program that keeps its own main, run fn(argc, argv) as goroutine 1, and
 * return what it returns; goroutines that still exist never run again. Once per process. Blocks the calling thread.
 * dies: the second time; in a goroutine; under `garn build` or garn-main, where the runtime is up already. */
int garn_run(int (*fn)(int, char **), int argc, char **argv);

/* ---- Channels --------------------------------------------------------------------------------- */

typedef struct garn_chan garn_chan;

/* The functions under the macros. elem points to an element of the size the channel was made with; to receive, null drops it.
 * parks: send and recv; the others no. threads: any. before: all but those that would wait.
 * A null channel: send and receive wait for ever, the try calls are false, close dies, len and cap are 0, ref and unref
 * do nothing. dies: send on a closed channel; close of a closed or null one; a size out of range; the last unref with
 * goroutines waiting. */
garn_chan *garn_chan_make(size_t elemsize, size_t cap);   /* room for cap elements; the one reference is the caller's */
void garn_chan_send(garn_chan *c, const void *elem);      /* waits for room, or, if cap is 0, for a receiver */
bool garn_chan_recv(garn_chan *c, void *elem);            /* waits; false, and a zero, once closed and empty */
bool garn_chan_try_send(garn_chan *c, const void *elem);  /* false where send would wait */
bool garn_chan_try_recv(garn_chan *c, void *elem);        /* false where recv would wait; true once closed */
void garn_chan_close(garn_chan *c);                       /* nothing more will be sent; what was sent can be received */
size_t garn_chan_len(garn_chan *c);                       /* elements in the buffer at this moment */
size_t garn_chan_cap(garn_chan *c);                       /* elements it has room for */
garn_chan *garn_chan_ref(garn_chan *c);                   /* one more holder; returns c */
void garn_chan_unref(garn_chan *c);                       /* one holder less; the last one frees it */

enum garn_case_kind { GARN_CASE_RECV, GARN_CASE_SEND, GARN_CASE_TIMEOUT, GARN_CASE_DEFAULT };

/* One clause of a select. */
struct garn_case {
	enum garn_case_kind kind;
	garn_chan *c;  /* recv, send */
	void *elem;    /* recv: where the value goes, null drops it; send: the value */
	bool *ok;      /* recv: whether a value came, may be null */
	int64_t ns;    /* timeout: how long to wait; <= 0 means as default does */
};

/* Wait until one of n cases can go, do it, return its index; among ready ones the choice is uniform at
 * random. With no case that can ever go it waits for ever. parks: yes. threads: any. before: only what need not wait.
 * dies: a send on a closed channel that is chosen; over 65,536 cases. */
int garn_select(struct garn_case *cases, size_t n);

/* ---- Time ------------------------------------------------------------------------------------- */

/* Monotonic nanoseconds. parks: no. threads: any. before: yes. Signal handlers: yes. */
int64_t garn_now(void);
/* Wait at least ns nanoseconds; <= 0 returns at once. parks: yes. threads: any. before: yes. */
void garn_sleep(int64_t ns);

/* A timer: zero it, then start. It must stay where it is until it has fired or was stopped.
 * parks: none of the three. threads: any. before: no, but for stop. */
typedef struct garn_timer {
	uint64_t garn_opaque[14];
} garn_timer;

/* After ns nanoseconds, run fn(arg) in a goroutine of its own. dies: t is waiting to fire already; fn is null. */
void garn_timer_start(garn_timer *t, int64_t ns, void (*fn)(void *), void *arg);
/* Stop it: true if this call kept fn from being started; false if it was started, or t not running. */
bool garn_timer_stop(garn_timer *t);
/* Start it again, ns from now, with the same fn and arg: true if it was still waiting to fire. dies: never started. */
bool garn_timer_reset(garn_timer *t, int64_t ns);

typedef struct garn_ticker {
	uint64_t garn_opaque[16];
} garn_ticker;

/* ---- Synchronization -------------------------------------------------------------------------- */

/* Zeroed memory is a valid, unlocked, empty one of each, and needs no end. None may be copied once in use.
 * parks: lock, rlock, acquire, wait and once_do; the others no. threads: any. before: all but those that would wait.
 * dies: an unlock of what is not locked (so); a waitgroup below zero, or used again too early; a semaphore over its limit; a cond that was copied. */
typedef struct garn_mutex { uint32_t garn_opaque[1]; } garn_mutex;
typedef struct garn_sem { uint64_t garn_opaque[1]; } garn_sem;
typedef struct garn_rwmutex { uint64_t garn_opaque[1]; } garn_rwmutex;
typedef struct garn_cond { uint64_t garn_opaque[6]; } garn_cond;
typedef struct garn_waitgroup { uint64_t garn_opaque[2]; } garn_waitgroup;
typedef struct garn_once { uint32_t garn_opaque[1]; } garn_once;

void garn_mutex_lock(garn_mutex *m);       /* not recursive: twice waits for ever */
void garn_mutex_unlock(garn_mutex *m);     /* by any goroutine */
bool garn_mutex_trylock(garn_mutex *m);    /* false if it is locked */

void garn_rwmutex_rlock(garn_rwmutex *rw); /* beside other readers; new ones wait behind a waiting writer */
void garn_rwmutex_runlock(garn_rwmutex *rw);
void garn_rwmutex_lock(garn_rwmutex *rw);  /* alone */
void garn_rwmutex_unlock(garn_rwmutex *rw);

void garn_cond_wait(garn_cond *c, garn_mutex *m); /* unlocks m, waits, locks m; no spurious return */
void garn_cond_signal(garn_cond *c);              /* the one that has waited longest */
void garn_cond_broadcast(garn_cond *c);           /* all that wait now */

void garn_sem_acquire(garn_sem *s); /* take a unit, of at first 0; waits for one */
bool garn_sem_try(garn_sem *s);     /* take a unit if there is one */
void garn_sem_release(garn_sem *s); /* one unit more; at most 4,294,967,295 */

void garn_waitgroup_add(garn_waitgroup *wg, int n); /* n more to wait for, or fewer; before the go, not in it */
void garn_waitgroup_done(garn_waitgroup *wg);       /* one fewer */
void garn_waitgroup_wait(garn_waitgroup *wg);       /* until there are none */

void garn_once_do(garn_once *o, void (*fn)(void)); /* the first call runs fn; all return when that is done */

/* ---- Input and output ------------------------------------------------------------------------- */

/* POSIX's calls, with garn_ before the name: the goroutine waits, its thread does not (of regular files: it may, and the others go
 * on elsewhere). Any descriptor: sockets, pipes, terminals, eventfds, files; from wherever it comes, whether O_NONBLOCK is set or
 * not. Nothing about a descriptor is changed.
 * Each returns what POSIX says, or -1 and errno, which is right on whichever thread the goroutine goes on. Never EINTR; never
 * EAGAIN, unless the flags have MSG_DONTWAIT; never SIGPIPE, but EPIPE. Besides POSIX's errors:
 *   ECANCELED  garn_close closed the descriptor meanwhile
 *   ETIMEDOUT  past the deadline (garn_set_deadline)
 *   ENOMEM, ENOSPC, EMFILE, ENFILE  it would have to wait, and the kernel refuses what is needed for that
 * Writing and sending goes on until all is written, a message is sent, or an error; an error after a part of it has that part's
 * length returned, and shows at the next call.
 * On one descriptor one goroutine reads (receives, accepts) at a time, and one writes (sends, connects): others queue
 * up. So what one call writes is in one piece. garn_pread, garn_pwrite, garn_fsync, garn_poll and calls with MSG_DONTWAIT do not
 * queue.
 * parks: all, also garn_close. threads: any. before: where they need not wait. */
struct iovec;
struct msghdr;
struct pollfd;
struct sockaddr;

ssize_t garn_read(int fd, void *buf, size_t n);
ssize_t garn_write(int fd, const void *buf, size_t n);
ssize_t garn_readv(int fd, const struct iovec *iov, int niov);
ssize_t garn_writev(int fd, const struct iovec *iov, int niov);
ssize_t garn_pread(int fd, void *buf, size_t n, off_t at);
ssize_t garn_pwrite(int fd, const void *buf, size_t n, off_t at);
int garn_fsync(int fd);
int garn_open(const char *path, int flags, ...); /* a third argument, the mode, with O_CREAT and O_TMPFILE */
/* Closes fd. Whoever waits in a call on it fails with ECANCELED, and only then is it closed: so no call of garn's gets at the
 * next file of that number. A call that is inside the kernel (a regular file's) is waited for.
 * close(2) works too, but who waits on fd is not told, and the first wait on the number's next file may notice 20 to 40 ms late. */
int garn_close(int fd);

/* unsigned int is socklen_t. */
ssize_t garn_recv(int fd, void *buf, size_t n, int flags);
ssize_t garn_recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *from, unsigned int *fromlen);
ssize_t garn_recvmsg(int fd, struct msghdr *m, int flags);
ssize_t garn_send(int fd, const void *buf, size_t n, int flags);
ssize_t garn_sendto(int fd, const void *buf, size_t n, int flags, const struct sockaddr *to, unsigned int tolen);
ssize_t garn_sendmsg(int fd, const struct msghdr *m, int flags);
/* When no descriptor is free (EMFILE, ENFILE) or memory is short, it waits, 5 ms
 * and ever longer up to a second as that happens again, tries once more, and only then fails: a server's loop does not spin. */
int garn_accept(int fd, struct sockaddr *from, unsigned int *fromlen);
/* After ETIMEDOUT and ECANCELED the kernel may still go on connecting: close the socket. */
int garn_connect(int fd, const struct sockaddr *to, unsigned int tolen);

/* unsigned long is nfds_t; timeout in milliseconds, negative for none. Deadlines do not count here. */
int garn_poll(struct pollfd *fds, unsigned long n, int timeout);

/* From `when` on (on garn_now's clock; 0: never) calls on fd that read, write or both fail with ETIMEDOUT, those that wait
 * already too; a time in the past: at once. It stays until it is set anew or fd is closed with garn_close. Calls inside the
 * kernel are not interrupted. parks: no. threads: any. before: no. */
enum { GARN_READ = 1, GARN_WRITE = 2 };
int garn_set_deadline(int fd, int which, int64_t when);

/* ---- Names, addresses, children --------------------------------------------------------------- */

/* The goroutine waits, the thread does not. parks: yes. threads: any. before: no. `when` is a time on garn_now's clock, 0 for none. */
struct addrinfo;

/* As getaddrinfo, by libc's own rules (nsswitch.conf); the result goes to freeaddrinfo. fails: EAI_..., as there; EAI_SYSTEM and errno
 * ETIMEDOUT: no answer at `when`; EAI_SYSTEM and EAGAIN, ENOMEM: no thread to ask. */
int garn_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res);
int garn_getaddrinfo_until(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res, int64_t when);
/* Connect to an address, listen on one: a descriptor, non-blocking, closed by exec. network: "tcp" "tcp4" "tcp6" "udp" "udp4"
 * "udp6" with "host:port", "[::1]:80", ":8080" (this machine; listen: all addresses), the port a number or a service's name; "unix"
 * "unixgram" "unixpacket" with a path, or "@name". Dial tries each address of a name in turn. fails: -1, and errno:
 * EPROTONOSUPPORT no such network; EINVAL an address that makes no sense, no such service; ENOENT no such host; EAGAIN no answer about it
 * now; EAFNOSUPPORT an address of another family; ENAMETOOLONG; ETIMEDOUT; else as socket, connect, bind, listen. */
int garn_dial(const char *network, const char *address);
int garn_dial_until(const char *network, const char *address, int64_t when);
int garn_listen(const char *network, const char *address);
/* As waitpid, without EINTR. fails: as there; EAGAIN, ENOMEM: no thread for it. */
int garn_waitpid(int pid, int *status, int options);

/* ---- Under the macros ------------------------------------------------------------------------- */

/* The entry points of `go`: called with fn's own prototype, fn in the static chain register. They differ in how much of
 * the stack-passed arguments they copy: none (_REGS: and nothing from vector registers), 128, 256 bytes, or 1024 (arguments might be converted to wider types). For each there
 * is one behind GARN_SPAWN_WITH whose static chain points to a struct garn_spawn_with. Not to be called by hand. They are reached through a table, as
 * the address of a function in a shared object may be that of a stub of the linker's, which on its first use loses the static
 * chain register (-no-pie, lazy binding). */
enum { GARN_SPAWN_REGS, GARN_SPAWN_128, GARN_SPAWN_256, GARN_SPAWN_1024, GARN_SPAWN_WITH, GARN_SPAWNS = 2 * GARN_SPAWN_WITH };
extern void (*const garn_spawn_stubs[GARN_SPAWNS])(void);
struct garn_spawn_with {
	void *fn;
	const garn_attr *attr;
};
/* Start thunk(copy of size bytes at data) in a new goroutine; at most 256 bytes, 16-aligned copy. attr may be null.
 * parks: no. threads: any. before: no. dies: over 256 bytes; as go_with. */
void garn_spawn_copy(const garn_attr *attr, void (*thunk)(void *), const void *data, size_t size);

#ifdef __cplusplus
}
#endif
#pragma GCC visibility pop

#ifndef __cplusplus

/* chan(T) is a pointer to a function returning T: so types agree by structure across files,
 * calling it (never really) gives T back, and mixing element types is diagnosed. */
#define garn_chan_of(T) __typeof__(__typeof__(T) (*)(garn_chan *))
#define garn_elem_(c) __typeof__((c)((garn_chan *)0))
#define garn_raw_(c) (__extension__(garn_chan *)(c))

#define garn_cat__(a, b) a##b
#define garn_cat_(a, b) garn_cat__(a, b)
#define garn_name_ garn_cat_(garn_v_, __COUNTER__)

#define garn_make(T, cap) (__extension__(garn_chan_of(T))garn_chan_make(sizeof(__typeof__(T)), (cap)))
#define garn_send_chan(c, ...) \
	__extension__(garn_chan_send(garn_raw_(c), (garn_elem_(c)[1]){ __VA_ARGS__ }))
#define garn_try_send(c, ...) \
	__extension__(garn_chan_try_send(garn_raw_(c), (garn_elem_(c)[1]){ __VA_ARGS__ }))
#define garn_recv__(c, v) \
	__extension__({ garn_elem_(c) v; (void)garn_chan_recv(garn_raw_(c), &v); v; })
#define garn_recv_chan(c) garn_recv__(c, garn_name_)
#define garn_dst_(c, p) (1 ? (p) : (garn_elem_(c) *)0)
#define garn_recv_ok(c, p) __extension__(garn_chan_recv(garn_raw_(c), garn_dst_(c, p)))
#define garn_try_recv(c, p) __extension__(garn_chan_try_recv(garn_raw_(c), garn_dst_(c, p)))
#define garn_close_chan(c) garn_chan_close(garn_raw_(c))
#define garn_len(c) garn_chan_len(garn_raw_(c))
#define garn_cap(c) garn_chan_cap(garn_raw_(c))
#define garn_ref(c) (__extension__(__typeof__(c))garn_chan_ref(garn_raw_(c)))
#define garn_unref(c) garn_chan_unref(garn_raw_(c))

#define garn_case_recv_2(c, p) { GARN_CASE_RECV, garn_raw_(c), garn_dst_(c, p), (bool *)0, 0 }
#define garn_case_recv_3(c, p, okp) { GARN_CASE_RECV, garn_raw_(c), garn_dst_(c, p), (okp), 0 }
#define garn_pick3_(a, b, c, x, ...) x
#define garn_case_recv(...) \
	garn_pick3_(__VA_ARGS__, garn_case_recv_3, garn_case_recv_2, garn_case_recv_1, 0)(__VA_ARGS__)
#define garn_case_send(c, ...) \
	{ GARN_CASE_SEND, garn_raw_(c), (garn_elem_(c)[1]){ __VA_ARGS__ }, (bool *)0, 0 }
#define garn_case_timeout(after) { GARN_CASE_TIMEOUT, (garn_chan *)0, (void *)0, (bool *)0, (after) }
#define garn_case_default { GARN_CASE_DEFAULT, (garn_chan *)0, (void *)0, (bool *)0, 0 }
/* The array's length is asked of the same literal, unevaluated. */
#define garn_select_cases(...)                                                     \
	__extension__(garn_select((struct garn_case[]){ __VA_ARGS__ },             \
	                          sizeof((struct garn_case[]){ __VA_ARGS__ }) / sizeof(struct garn_case)))

/* lock and unlock where nobody waits, written out: one locked instruction for the two. What it leans on (src/sync/mutex.c) is not
 * for anyone else. */
#pragma GCC visibility push(default)
extern uint32_t garn_mutex_waiters_[256];
void garn_mutex_wake_(garn_mutex *m);
#pragma GCC visibility pop
#define garn_mutex_root_(m) ((uint64_t)(uintptr_t)(m) * UINT64_C(0x9e3779b97f4a7c15) >> 56)

static inline void garn_mutex_lock_(garn_mutex *m)
{
	uint32_t unlocked = 0;
	if (__builtin_expect(!__atomic_compare_exchange_n(m->garn_opaque, &unlocked, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED), 0))
		garn_mutex_lock(m);
}

static inline void garn_mutex_unlock_(garn_mutex *m)
{
	uint32_t *waiters = &garn_mutex_waiters_[garn_mutex_root_(m)];
	if (__builtin_expect((__atomic_load_n(m->garn_opaque, __ATOMIC_RELAXED) ^ 1) | __atomic_load_n(waiters, __ATOMIC_RELAXED), 0)) {
		garn_mutex_unlock(m);
		return;
	}
	__atomic_store_n(m->garn_opaque, 0, __ATOMIC_RELEASE);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (__builtin_expect(__atomic_load_n(waiters, __ATOMIC_RELAXED) != 0, 0))
		garn_mutex_wake_(m);
}
#ifndef GARN_HARD
#define garn_mutex_lock(m) garn_mutex_lock_(m)
#define garn_mutex_unlock(m) garn_mutex_unlock_(m)
#endif

#pragma GCC visibility push(default)
/* A channel that gets one value, the time, after ns (zero or less: at once). It is the caller's to unref; the last unref stops the
 * timer, so dropping it before its time leaves nothing behind. parks: no. threads: any. before: no. */
garn_chan_of(int64_t) garn_after(int64_t ns);
/* Every ns a value, the time, on the channel returned; ticks nobody took are dropped. The channel is the
 * ticker's, good until garn_ticker_stop; take a reference to keep it longer. parks: no. threads: any. before: no.
 * dies: k is running already; ns is not over 0; the channel loses its last reference before the stop. */
garn_chan_of(int64_t) garn_ticker_start(garn_ticker *k, int64_t ns);
/* No more ticks: nothing comes on the channel any more, and it is not closed. Of one that is not running: nothing.
 * parks: no. threads: any. before: yes. */
void garn_ticker_stop(garn_ticker *k);

/* Signals as values: each sig that comes to the process is sent on the channel returned, to every channel if there are more
 * for it, and does nothing else any more. A channel has room for one, a real-time signal's for 64; what finds it full is dropped.
 * The channel is good until garn_notify_stop; take a reference to keep it longer. While there is one,
 * goroutines that wait for ever are no deadlock. parks: yes. threads: any. before: no.
 * fails: null, and errno: EINVAL for what cannot be caught, for SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT, and for no signal; EAGAIN,
 * ENOMEM: no thread for it. dies: the channel loses its last reference before the stop. */
garn_chan_of(int) garn_notify(int sig);
/* Nothing more is sent on it, and it is not closed; with the last channel for a signal, that does again what it did before.
 * No signal is lost: what came before is on the channel if there was room. Null: nothing happens.
 * parks: yes. threads: any. before: yes, null. dies: not a channel of garn_notify, or stopped already. */
void garn_notify_stop(garn_chan_of(int) c);
#pragma GCC visibility pop

/* go(fn, args...): one real call with fn's own prototype, so that the compiler checks and converts the
 * arguments, of a stub that copies them into a new goroutine. What cannot be carried is refused here:
 * a result returned through memory, arguments past 256 bytes, vectors over 16 bytes, noreturn functions (gcc). */
#if defined(__has_builtin)
#if __has_builtin(__builtin_has_attribute)
#define garn_noreturn_(fn) __builtin_has_attribute(fn, noreturn)
#endif
#endif
#if !defined(garn_noreturn_) && defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 9
#define garn_noreturn_(fn) __builtin_has_attribute(fn, noreturn)
#endif
#ifndef garn_noreturn_
#define garn_noreturn_(fn) 0
#endif

/* Of a type: is it void? And an expression, not evaluated, of that type, or int where it is void. */
#define garn_isvoid_(T) __builtin_types_compatible_p(T, void)
#define garn_novoid_(T) __builtin_choose_expr(garn_isvoid_(T), 0, *(T *)0)

/* Bytes an argument may take on the stack, as an upper bound, and as a plain count for the limit. The comma
 * makes arrays pointers. 32: an int may be converted to long double _Complex. */
#define garn_size_(a) sizeof(__typeof__(((void)0, (a))))
#define garn_align_(a) __alignof__(__typeof__(((void)0, (a))))
#define garn_pad_(a) (garn_align_(a) > 16 ? garn_align_(a) - 16u : 0u)
#define garn_bound_(a) ((garn_size_(a) <= 32 ? 32u : ((garn_size_(a) + 15u) & ~(size_t)15)) + garn_pad_(a))
#define garn_slots_(a) (((garn_size_(a) + 7u) & ~(size_t)7) + garn_pad_(a))
#define garn_isover_(a) (garn_align_(a) > 64)
/* Vectors have no class of their own in these compilers: neither scalar, pointer nor aggregate. */
#define garn_isvec_(a) \
	(garn_size_(a) > 16 && __builtin_classify_type(((void)0, (a))) != 12 && \
	 __builtin_classify_type(((void)0, (a))) != 13 && __builtin_classify_type(((void)0, (a))) != 9)

/* garn_map_(m, args...): m(a) + m(b) + ..., 0 for none. Up to 32 arguments. */
#define garn_nth_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21, \
                  a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32, a33, n, ...) n
#define garn_nargs_(...)                                                                                          \
	garn_nth_(__VA_ARGS__, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, \
	          11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0)
#define garn_map1_(m, a) m(a)
#define garn_map2_(m, a, ...) m(a) + garn_map1_(m, __VA_ARGS__)
#define garn_map3_(m, a, ...) m(a) + garn_map2_(m, __VA_ARGS__)
#define garn_map4_(m, a, ...) m(a) + garn_map3_(m, __VA_ARGS__)
#define garn_map5_(m, a, ...) m(a) + garn_map4_(m, __VA_ARGS__)
#define garn_map6_(m, a, ...) m(a) + garn_map5_(m, __VA_ARGS__)
#define garn_map7_(m, a, ...) m(a) + garn_map6_(m, __VA_ARGS__)
#define garn_map8_(m, a, ...) m(a) + garn_map7_(m, __VA_ARGS__)
#define garn_map9_(m, a, ...) m(a) + garn_map8_(m, __VA_ARGS__)
#define garn_map10_(m, a, ...) m(a) + garn_map9_(m, __VA_ARGS__)
#define garn_map11_(m, a, ...) m(a) + garn_map10_(m, __VA_ARGS__)
#define garn_map12_(m, a, ...) m(a) + garn_map11_(m, __VA_ARGS__)
#define garn_map13_(m, a, ...) m(a) + garn_map12_(m, __VA_ARGS__)
#define garn_map14_(m, a, ...) m(a) + garn_map13_(m, __VA_ARGS__)
#define garn_map15_(m, a, ...) m(a) + garn_map14_(m, __VA_ARGS__)
#define garn_map16_(m, a, ...) m(a) + garn_map15_(m, __VA_ARGS__)
#define garn_map17_(m, a, ...) m(a) + garn_map16_(m, __VA_ARGS__)
#define garn_map18_(m, a, ...) m(a) + garn_map17_(m, __VA_ARGS__)
#define garn_map19_(m, a, ...) m(a) + garn_map18_(m, __VA_ARGS__)
#define garn_map20_(m, a, ...) m(a) + garn_map19_(m, __VA_ARGS__)
#define garn_map21_(m, a, ...) m(a) + garn_map20_(m, __VA_ARGS__)
#define garn_map22_(m, a, ...) m(a) + garn_map21_(m, __VA_ARGS__)
#define garn_map23_(m, a, ...) m(a) + garn_map22_(m, __VA_ARGS__)
#define garn_map24_(m, a, ...) m(a) + garn_map23_(m, __VA_ARGS__)
#define garn_map25_(m, a, ...) m(a) + garn_map24_(m, __VA_ARGS__)
#define garn_map26_(m, a, ...) m(a) + garn_map25_(m, __VA_ARGS__)
#define garn_map27_(m, a, ...) m(a) + garn_map26_(m, __VA_ARGS__)
#define garn_map28_(m, a, ...) m(a) + garn_map27_(m, __VA_ARGS__)
#define garn_map29_(m, a, ...) m(a) + garn_map28_(m, __VA_ARGS__)
#define garn_map30_(m, a, ...) m(a) + garn_map29_(m, __VA_ARGS__)
#define garn_map31_(m, a, ...) m(a) + garn_map30_(m, __VA_ARGS__)
#define garn_map32_(m, a, ...) m(a) + garn_map31_(m, __VA_ARGS__)
#define garn_map_(m, ...) garn_cat_(garn_cat_(garn_map, garn_nargs_(0, __VA_ARGS__)), _)(m, __VA_ARGS__)

/* The stub under fn's own type; its address is laundered, or LTO sees through it and drops the chain. The plain call comes
 * first, in a type, and only there: what the compiler has to say of the user's arguments it says of fn, and not ten times. */
#define garn_spawn___(stub, chain, fn, call, callstub, p, r, T)                                              \
	__extension__({                                                                                    \
		typedef __typeof__(call) T;                                                                \
		_Static_assert(!garn_noreturn_(fn), "go: a noreturn function cannot be started: "          \
		               "the compiler would drop what follows");                                    \
		_Static_assert(sizeof(garn_novoid_(T)) <= 16,                                              \
		               "go: the result of this function is returned through memory (over 16 bytes)"); \
		__typeof__(&*(fn)) p = (__typeof__(&*(fn)))garn_spawn_stubs[stub];                         \
		__asm__("" : "+r"(p));                                                                     \
		/* In a variable: gcc 12 dies on a call or a condition inside the chain's expression. */   \
		void *garn_cat_(p, c) = (chain);                                                           \
		__builtin_choose_expr(garn_isvoid_(T),                                                     \
			__builtin_call_with_static_chain(callstub, garn_cat_(p, c)),                                 \
			({ __typeof__(garn_novoid_(T)) r = __builtin_choose_expr(garn_isvoid_(T), 0,       \
				__builtin_call_with_static_chain(callstub, garn_cat_(p, c))); (void)r; }));          \
		__asm__ volatile("");                                                                      \
	})
#define garn_spawn__(stub, chain, fn, call, callstub, p, r) \
	garn_spawn___(stub, chain, fn, call, callstub, p, r, garn_cat_(r, t))
#define garn_limits_(...)                                                                                  \
	_Static_assert((garn_map_(garn_slots_, __VA_ARGS__)) <= 256, "go: arguments over 256 bytes");      \
	_Static_assert((garn_map_(garn_isvec_, __VA_ARGS__)) == 0, "go: a vector argument over 16 bytes"); \
	_Static_assert((garn_map_(garn_isover_, __VA_ARGS__)) == 0, "go: an argument with an alignment over 64 bytes")
/* Are all arguments going to be in integer registers? At most six, all pointers, which nothing turns into numbers; or
 * pointers and integers that have the very types of fn's parameters, so that nothing is converted. */
#define garn_class_(a) __builtin_classify_type(((void)0, (a)))
#define garn_notptr_(a) (garn_class_(a) != 5)
#define garn_notint_(a) (garn_size_(a) > 8 || (garn_notptr_(a) && (garn_class_(a) < 1 || garn_class_(a) > 4)))
#define garn_T_(a) __typeof__(((void)0, (a)))
#define garn_types1_(a) garn_T_(a)
#define garn_types2_(a, ...) garn_T_(a), garn_types1_(__VA_ARGS__)
#define garn_types3_(a, ...) garn_T_(a), garn_types2_(__VA_ARGS__)
#define garn_types4_(a, ...) garn_T_(a), garn_types3_(__VA_ARGS__)
#define garn_types5_(a, ...) garn_T_(a), garn_types4_(__VA_ARGS__)
#define garn_types6_(a, ...) garn_T_(a), garn_types5_(__VA_ARGS__)
#define garn_types7_(...) void
#define garn_typesof_(...)                                                                         \
	garn_nth_(0, __VA_ARGS__, garn_types7_, garn_types7_, garn_types7_, garn_types7_, garn_types7_, garn_types7_, garn_types7_, \
	          garn_types7_, garn_types7_, garn_types7_, garn_types7_, garn_types7_, garn_types7_, garn_types7_, \
	          garn_types7_, garn_types7_, garn_types7_, garn_types7_, garn_types7_, garn_types7_, garn_types7_, \
	          garn_types7_, garn_types7_, garn_types7_, garn_types7_, garn_types7_, garn_types6_, garn_types5_, \
	          garn_types4_, garn_types3_, garn_types2_, garn_types1_, 0, 0)(__VA_ARGS__)
#define garn_regs_(fn, call, ...)                                                                           \
	((garn_map_(garn_notint_, __VA_ARGS__)) == 0 && garn_nargs_(0, __VA_ARGS__) <= 6 &&               \
	 ((garn_map_(garn_notptr_, __VA_ARGS__)) == 0 ||                                                   \
	  __builtin_types_compatible_p(__typeof__(*(fn)), __typeof__(call)(garn_typesof_(__VA_ARGS__)))))
/* 1024: 32 arguments that all grow to 32 bytes. */
#define garn_stub_(fn, call, ...) \
	(garn_regs_(fn, call, __VA_ARGS__) ? GARN_SPAWN_REGS : \
	 (garn_map_(garn_bound_, __VA_ARGS__)) <= 128 ? GARN_SPAWN_128 : \
	 (garn_map_(garn_bound_, __VA_ARGS__)) <= 256 ? GARN_SPAWN_256 : GARN_SPAWN_1024)
#define garn_fnaddr_(fn) ((void *)(uintptr_t)(fn))

#define garn_go0__(p, r, fn) garn_spawn__(GARN_SPAWN_REGS, garn_fnaddr_(fn), fn, (fn)(), p(), p, r)
#define garn_goN__(p, r, fn, ...)                                                                          \
	__extension__({                                                                                    \
		garn_limits_(__VA_ARGS__);                                                                 \
		garn_spawn__(garn_stub_(fn, (fn)(__VA_ARGS__), __VA_ARGS__), garn_fnaddr_(fn), fn, (fn)(__VA_ARGS__), \
		             p(__VA_ARGS__), p, r);                                                        \
	})
#define garn_go_0_(fn) garn_go0__(garn_name_, garn_name_, fn)
#define garn_go_1_(fn, ...) garn_goN__(garn_name_, garn_name_, fn, __VA_ARGS__)
#define garn_some_(...)                                                                                           \
	garn_nth_(__VA_ARGS__, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, \
	          1, 1, 0, 0)
#define garn_go(...) garn_cat_(garn_cat_(garn_go_, garn_some_(__VA_ARGS__)), _)(__VA_ARGS__)

#define garn_gw__(s, w, at, fn, spawn)                                                                     \
	__extension__({                                                                                    \
		const garn_attr w = at;                                                                    \
		const struct garn_spawn_with s = { garn_fnaddr_(fn), &w };                                 \
		spawn;                                                                                     \
	})
#define garn_gw0__(p, r, s, w, at, fn)                                                                     \
	garn_gw__(s, w, at, fn, garn_spawn__(GARN_SPAWN_WITH + GARN_SPAWN_REGS, (void *)(uintptr_t)&s, fn, (fn)(), p(), p, r))
#define garn_gwN__(p, r, s, w, at, fn, ...)                                                                \
	__extension__({                                                                                    \
		garn_limits_(__VA_ARGS__);                                                                 \
		garn_gw__(s, w, at, fn, garn_spawn__(GARN_SPAWN_WITH + garn_stub_(fn, (fn)(__VA_ARGS__), __VA_ARGS__), \
		                                     (void *)(uintptr_t)&s, fn, (fn)(__VA_ARGS__), p(__VA_ARGS__), p, r)); \
	})
#define garn_go_with_0_(at, fn) garn_gw0__(garn_name_, garn_name_, garn_name_, garn_name_, at, fn)
#define garn_go_with_1_(at, fn, ...) \
	garn_gwN__(garn_name_, garn_name_, garn_name_, garn_name_, at, fn, __VA_ARGS__)
#define garn_go_with(at, ...) garn_cat_(garn_cat_(garn_go_with_, garn_some_(__VA_ARGS__)), _)(at, __VA_ARGS__)

#else
#include "garn_cxx.h"
#endif

/* ---- Short names ------------------------------------------------------------------------------ */

#if !defined(GARN_NO_SHORT_NAMES) && !defined(__cplusplus) /* those of C++ are in garn_cxx.h */
#define go(...) garn_go(__VA_ARGS__)
#define go_with(...) garn_go_with(__VA_ARGS__)
#define chan(T) garn_chan_of(T)
#define chan_make(T, cap) garn_make(T, cap)
#define chan_send(c, ...) garn_send_chan(c, __VA_ARGS__)
#define chan_recv(c) garn_recv_chan(c)
#define chan_recv_ok(c, p) garn_recv_ok(c, p)
#define chan_try_send(c, ...) garn_try_send(c, __VA_ARGS__)
#define chan_try_recv(c, p) garn_try_recv(c, p)
#define chan_close(c) garn_close_chan(c)
#define chan_len(c) garn_len(c)
#define chan_cap(c) garn_cap(c)
#define chan_ref(c) garn_ref(c)
#define chan_unref(c) garn_unref(c)
#define chan_select(...) garn_select_cases(__VA_ARGS__)
#define on_recv(...) garn_case_recv(__VA_ARGS__)
#define on_send(c, ...) garn_case_send(c, __VA_ARGS__)
#define on_timeout(ns) garn_case_timeout(ns)
#define on_default garn_case_default
#endif

#endif /* GARN_H */
