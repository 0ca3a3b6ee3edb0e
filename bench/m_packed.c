// m: the same, when their stacks are packed; Go has nothing like it, so beside what its goroutines cost anyway.
// PEER: m_parked
// ENV: GARN_PACK=100
#define ROW "m_packed"
#define PACKED 1
#include "m_parked.c"
