// A mutex is not recursive: locking it twice is a deadlock, shown as one.
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [sync.Mutex.Lock]:
// EXPECT: twice
// EXPECT: x_dead_mutex_self.c:14
// EXPECT: main
#include <garn.h>

static garn_mutex m;

__attribute__((noinline)) static void twice(void)
{
	garn_mutex_lock(&m);
	garn_mutex_lock(&m);
	garn_mutex_unlock(&m);
}

int main(void)
{
	twice();
	return 0;
}
