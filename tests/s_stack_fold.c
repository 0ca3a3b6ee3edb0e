// The same as s_stack_pack with two stacks to each block of 2 MB, which are all packed, and so folded, much more often.
// ENV: GARN_PACK=2 GARN_STACK=1M
// SAN: no-address no-thread (nothing is packed under them)
#include "s_stack_pack.c"
