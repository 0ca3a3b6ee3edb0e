/* sudogs for select, which needs one a case. (A g has one of its own for plain waits.) */

#include "sync/sudog.h"
#include "core/slab.h"
#include "core/throw.h"
#include <errno.h>
#include "os/os.h"
#include "sched/retake.h"
#include "sched/san.h"

void sudoginit(void)
{
	slabinit(SLAB_SUDOG, &(struct slabkind){ .size = sizeof(struct sudog) });
}

struct sudog *acquiresudog(void)
{
	struct m *mp = getg()->m;
	struct sudog *sg = slabget(penter(mp), SLAB_SUDOG);
	if (unlikely(!sg))
		fatal_os("no memory for a wait", ENOMEM, "see " MEMORY_LIMITS);
	pleave(mp);
	sg->next = sg->prev = NULL;
	san_acquire(sg);
	return sg;
}

void releasesudog(struct sudog *sg)
{
	struct m *mp = getg()->m;
	san_release(sg);
	struct p *pp = penter(mp);
	if (likely(pp != NULL))
		slabput(pp, SLAB_SUDOG, sg);
	else
		slabfree(SLAB_SUDOG, sg);
	pleave(mp);
}
