/* How files are read. For the other files of io/. */
#ifndef IO_FILE_H
#define IO_FILE_H

#include "io/fd.h"

struct iovec;

/* readv, or with at >= 0 preadv, of a file of kind FD_FILE or FD_DIRECT: what came, -EINTR for once more, -EAGAIN when it is another kind of
 * file, or -errno. Runs on: g, foreign. Holds: the read half of mu, or a reference. May park. */
ssize_t file_readv(struct polldesc *pd, enum fdkind kind, const struct iovec *v, int n, off_t at);

#endif
