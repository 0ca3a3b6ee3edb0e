/* The few variables of the whole library. What each field may be touched by is said in runtime.h. */
#include "core/runtime.h"

struct sched sched;
struct m m0;
struct hooks hooks;
__thread struct g *garn_g __attribute__((tls_model("initial-exec")));
