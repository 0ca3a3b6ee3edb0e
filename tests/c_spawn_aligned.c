// An alignment that the new stack does not promise.
// FLAGS: -Wno-psabi
// COMPILE: c11 c23
// FAILS: go: an argument with an alignment over 64 bytes
#include <garn.h>

struct page {
	char c[128];
} __attribute__((aligned(128)));
void f(struct page);
void start(struct page *p);

void start(struct page *p)
{
	go(f, *p);
}
