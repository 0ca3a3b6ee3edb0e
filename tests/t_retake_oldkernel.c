// t_retake_sleepers where the kernel has no close_range: who sleeps is found out all the same.
// SAN: no-address no-thread (the filter is set for their threads as well)
#include "t_seccomp.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

__attribute__((constructor)) static void refuse(void)
{
	t_refuse(SYS_close_range);
}

#include "t_retake_sleepers.c"
