/* The clock and sleep.
 *
 * A g has a timer of its own, made at its first sleep or select with a timeout and kept as long as the g, so a sleep
 * allocates nothing. Its callback wins the g's present generation (g.selectdone), as any waker of a select does. A callback of an earlier select that is still on its way has an old one, and does nothing.
 *
 * The timer is armed on g0, after the g is marked waiting: armed earlier, it could fire before there is
 * anybody to make ready. Once it is armed the g may run on another thread, so nothing of it is touched any more. */
#include "garn.h"
#include "os/os.h"
#include "sync/sudog.h"
#include "time/time.h"

/* Runs on: any, signal handlers too. Never parks. */
int64_t garn_now(void)
{
	return os_nanotime();
}

static bool arm(struct g *gp, void *when)
{
	armtimer(gp->timer, *(int64_t *)when, 0, load_rlx(&gp->selectdone));
	return true;
}

/* A thread that runs no goroutine has nothing better to do than to sleep itself. */
static void threadsleep(int64_t when)
{
	uint32_t never = 0;
	for (int64_t left; (left = when - os_nanotime()) > 0;)
		os_futexsleep(&never, 0, left);
}

/* Runs on: g, foreign. May park. */
void garn_sleep(int64_t ns)
{
	if (ns <= 0)
		return;
	struct g *gp = mustgetg();
	int64_t when = timer_deadline(os_nanotime(), ns);
	if (gp->foreign) {
		threadsleep(when);
		return;
	}
	if (gp->timer == NULL)
		gp->timer = timer_new(select_timedout, gp);
	select_next(gp);
	gopark(arm, &when, WAIT_SLEEP);
}
