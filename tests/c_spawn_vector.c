// Vectors over 16 bytes travel in registers of which go knows the lower half only.
// FLAGS: -mavx -Wno-psabi
// COMPILE: c11 c23
// FAILS: go: a vector argument over 16 bytes
#include <garn.h>

typedef float v8f __attribute__((vector_size(32)));
void f(int, v8f);
void start(v8f *p);

void start(v8f *p)
{
	go(f, 1, *p);
}
