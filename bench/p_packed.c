// p: the same, when their stacks are packed; Go has nothing like it, so beside what its connections cost anyway.
// PEER: p_idle
// ENV: GARN_PACK=100
#define ROW "p_packed"
#define PACKED 1
#include "p_idle.c"
