// A signal handler on the alternate stack, without end, and with all signals blocked: the kernel ends it, as nobody may be asked.
// SAN: no-address no-thread (the sanitizer has these signals)
// STATUS: 139
// TIMEOUT: 20
// REJECT: fatal error: stack overflow
#include "t_usr1.h"

int main(void)
{
	handles(SA_ONSTACK, true);
	go(worker);
	garn_sleep(GARN_S(10));
	return 0;
}
