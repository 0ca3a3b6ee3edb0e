/* Reads of files that have to wait for the disk, by io_uring. For the other files of io/. */
#ifndef IO_RING_H
#define IO_RING_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/uio.h>

/* Read as preadv does (at -1: as readv), while the goroutine waits; what preadv returns, or -errno, into *r. False: there is
 * no io_uring. Runs on: g, foreign. Holds: no runtime lock. Parks. */
bool ring_readv(int fd, const struct iovec *v, int n, off_t at, ssize_t *r);
/* Are there such reads at the moment? Runs on: any. */
bool ring_busy(void);

#endif
