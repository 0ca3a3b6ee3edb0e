/* Parts of an array of buffers, for calls that wrote a part. */
#ifndef IO_RW_H
#define IO_RW_H

#include <stddef.h>

struct iovec;
enum { IOV_WINDOW = 16 };
/* What comes after the first skip bytes of v: at most IOV_WINDOW pieces into out; how many comes back. */
int iov_rest(const struct iovec *v, int n, size_t skip, struct iovec *out);
size_t iov_total(const struct iovec *v, int n);

#endif
