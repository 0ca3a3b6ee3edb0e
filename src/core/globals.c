/* The few variables of the whole library. What each field may be touched by is said in runtime.h. */
#include "core/runtime.h"

struct sched sched;
struct m m0;
struct hooks hooks;
