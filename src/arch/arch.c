/* The words the switches share with the rest. */
#include "arch/arch.h"

__thread struct g *garn_g;
struct arch_up arch_up;
