// s_sync where the kernel refuses membarrier from the beginning: everybody pays for full fences.
// SAN: no-address no-thread (the filter is set for their threads as well)
#include "t_seccomp.h"

__attribute__((constructor)) static void refuse(void)
{
	t_refuse(SYS_membarrier);
}

#include "s_sync.c"
