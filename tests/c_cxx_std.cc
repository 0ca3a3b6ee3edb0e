// Older languages are refused by name.
// COMPILE: c++14
// FAILS: C\+\+17 or newer
#include <garn.h>


