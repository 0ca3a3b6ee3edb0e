/* For now the poller waits on a futex; registrations of descriptors will join it here.
 *
 * 1. breaks is 1 from pollbreak until a pollwait has seen it: a break is never lost, two may count as one. */

#include "poll/poll.h"
#include "os/os.h"

static uint32_t breaks; /* A[PB] */

void pollwait(int64_t until)
{
	while (!xchg_acqrel(&breaks, 0)) { // acq[PB]
		int64_t ns = -1;
		if (until != 0 && (ns = until - os_nanotime()) <= 0)
			return;
		os_futexsleep(&breaks, 0, ns);
	}
}

void pollbreak(void)
{
	if (!xchg_acqrel(&breaks, 1)) // rel[PB]: what the breaker wants seen was written before
		os_futexwake(&breaks, 1);
}
