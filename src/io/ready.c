/* Waiting until a descriptor is ready, and what kind of file it is.
 *
 * The order in which a wait is set up (as in Go's netpollblock):
 *
 *   waiter                                 closer, deadline
 *   word: NIL -> WAIT                      info |= closing, or past
 *   look at info                           look at word: WAIT -> NIL, or take the g
 *
 * One of the two sees the other (tag PI, sequentially consistent on both sides). Events need no such look: epoll keeps them. */

#include "io/fd.h"
#include "io/standing.h"
#include "sched/san.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { MANY = 8 };

void fdsetkind(struct polldesc *pd, enum fdkind kind)
{
	store_rlx(&pd->kind, (uint8_t)(kind == FD_BLOCKS ? FD_UNKNOWN : kind));
}

noinline enum fdkind fdlook(struct polldesc *pd)
{
	struct stat st;
	enum fdkind kind = FD_NOWAIT;
	int protocol;
	socklen_t len = sizeof protocol;
	if (getsockopt(pd->fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) == 0)
		kind = protocol == IPPROTO_TCP ? FD_TCP : FD_SOCKET;
	else if (fstat(pd->fd, &st) < 0)
		return FD_BLOCKS; /* the call itself will say what is wrong */
	else if (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode))
		kind = fcntl(pd->fd, F_GETFL) & O_DIRECT ? FD_DIRECT : FD_FILE;
	else if (S_ISDIR(st.st_mode))
		kind = FD_BLOCKS;
	fdsetkind(pd, kind);
	return kind;
}

enum fdkind fdkind(struct polldesc *pd)
{
	uint8_t kind = load_rlx(&pd->kind);
	return likely(kind != FD_UNKNOWN) ? (enum fdkind)kind : fdlook(pd);
}

static ino_t inode(int fd)
{
	struct stat st;
	return fstat(fd, &st) < 0 ? 0 : st.st_ino;
}

void fdkeep(struct polldesc *pd, enum pollmode mode, ssize_t r)
{
	if (r >= 0 || fderr(pd, mode) != 0)
		return;
	store_rlx(&pd->late[mode], (uint8_t)-r);
	pd->lateino[mode] = inode(pd->fd);
}

int fdlate(struct polldesc *pd, enum pollmode mode)
{
	int err = -load_rlx(&pd->late[mode]);
	store_rlx(&pd->late[mode], 0);
	return pd->lateino[mode] == inode(pd->fd) ? err : fderr(pd, mode); /* or the number is another file's */
}

/* Park until the word says so. Holds: the mode's half of mu. True when it did park. */
static bool parkfor(struct polldesc *pd, enum pollmode mode, struct g *gp)
{
	hard_yield();
	standing_begins(pd, mode);
	if (!pollblock(pd, mode)) // sc[PI]: before the look at info
		return false;
	standing_waits(pd);
	bool parks = fderr(pd, mode) == 0;
	if (parks) {
		if (unlikely(gp->foreign))
			needpoller();
		gopark(pollcommit, &pd->word[mode], WAIT_IO);
	}
	pollunblocked(pd, mode);
	return parks;
}

int fdwait(struct polldesc *pd, enum pollmode mode, uint32_t *tries)
{
	struct g *gp = mustgetg();
	int err = fderr(pd, mode);
	if (err)
		return err;
	hard_yield();
	uint32_t file = load_acq(&pd->files); // acq[FN]
	add_sc(&npollwaiters, 1); // sc[PW]: before the look at the poller
	if (!standing(pd, mode)) {
		pollprepare(pd, mode);
		err = standing_may(pd) ? pollstand(pd, mode) : pollarm(pd, mode);
	}
	if (err == 0) {
		if (parkfor(pd, mode, gp))
			*tries = 0;
		else
			++*tries;
		if (load_rlx(&pd->want) & 1 << mode)
			polldisarm(pd, mode);
		err = load_acq(&pd->files) == file ? fderr(pd, mode) : -ECANCELED; // acq[FN]: the file was closed with close(2), this is the next
	}
	add_sc(&npollwaiters, -1);
	/* Ready says epoll, and the call says not: a datagram socket whose peer is full. */
	if (unlikely(err == 0 && *tries > MANY))
		err = fdnap(pd, mode, GARN_US(50) << (*tries - MANY < 6 ? *tries - MANY : 6));
	return err;
}

int fdnap(struct polldesc *pd, enum pollmode mode, int64_t ns)
{
	for (int64_t slice; ns > 0; ns -= slice) {
		int err = fderr(pd, mode);
		if (err)
			return err;
		slice = ns < GARN_MS(5) ? ns : GARN_MS(5);
		garn_sleep(slice);
	}
	return fderr(pd, mode);
}

#if SAN_THREAD
static char all;

void iosan_acquire(void)
{
	san_acquire(&all);
}

void iosan_release(void)
{
	san_release(&all);
}
#endif
