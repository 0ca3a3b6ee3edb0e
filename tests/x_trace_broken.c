// A stack that was written over cannot be walked to its end: the trace says so, and the dump goes on with the others.
// FLAGS: -O0 -fno-omit-frame-pointer
// SAN: no-address no-thread (the sanitizer has these signals)
// EXPECT: fatal error: all goroutines are asleep - deadlock!
// EXPECT: goroutine 1 [chan receive]:
// EXPECT: main
// EXPECT: "first" [chan receive]:
// EXPECT: victim
// EXPECT: (the stack cannot be read further)
// EXPECT: created by main in goroutine 1
// EXPECT: "second" [chan receive]:
// EXPECT: victim
// EXPECT: (the stack cannot be read further)
// EXPECT: created by main in goroutine 1
// EXPECT: "third" [chan receive]:
// EXPECT: sound
// EXPECT: created by main in goroutine 1
#include <garn.h>

static void victim(chan(int) c)
{
	*(volatile uintptr_t *)__builtin_frame_address(0) = 4096; // the caller's frame pointer
	chan_recv(c);
}

static void caller(chan(int) c)
{
	victim(c);
}

static void sound(chan(int) c)
{
	chan_recv(c);
}

int main(void)
{
	chan(int) c = chan_make(int, 0);
	go_with(garn_attr(.name = "first"), caller, c);
	go_with(garn_attr(.name = "second"), caller, c);
	go_with(garn_attr(.name = "third"), sound, c);
	return chan_recv(c);
}
