/* The die of HARD builds: a generator for each thread. */
#include "core/hard.h"

#ifdef GARN_HARD
bool hard_dice(uint32_t oneof)
{
	static __thread uint64_t state __attribute__((tls_model("initial-exec")));
	if (!state)
		state = os_random();
	return rand_below(&state, oneof) == 0;
}
#endif
