// A function that never returns: what follows the go would be dropped. Only gcc can tell.
// COMPILE: gcc:c11 gcc:c23
// FAILS: go: a noreturn function cannot be started
#include <garn.h>

__attribute__((noreturn)) void f(int);
void start(void);

void start(void)
{
	go(f, 1);
}
