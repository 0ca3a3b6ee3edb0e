// The same by the word of the language, and through a pointer.
// COMPILE: gcc:c11
// FAILS: go: a noreturn function cannot be started
#include <garn.h>

#include <stdlib.h>

_Noreturn void f(void);
void start(void);

void start(void)
{
	go_with(garn_attr(.name = "f"), f);
	go(exit, 1);
}
