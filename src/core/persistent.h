/* Memory for what is made in great numbers and never given back. */
#ifndef CORE_PERSISTENT_H
#define CORE_PERSISTENT_H

#include <stddef.h>

/* n bytes of zeros on a cache line of their own, n a multiple of the line; null when there is no memory.
 * Runs on: any. Holds: any lock but the leaves. Never parks. */
void *persistentalloc(size_t n);

#endif
