// go of a null function pointer dies at the go, where the mistake is, not in the new goroutine.
// EXPECT: fatal error: go: the function is a null pointer
// EXPECT: goroutine 1 [running]:
// EXPECT: main
// EXPECT: x_go_null.c:12
#include <garn.h>

int main(void)
{
	void (*volatile fn)(int) = NULL;
	void (*f)(int) = fn;
	go(f, 1);
	garn_sleep(GARN_MS(50));
	return 0;
}
