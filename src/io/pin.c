/* The slow halves: the process has goroutines that may be packed. */

#include "io/pin.h"

enum { IOV_MOST = 1024 }; /* more the kernel refuses, and so they may be anything */

static void pin1(const void *p)
{
	if (p)
		hold(p);
}

static void unpin1(const void *p)
{
	if (p)
		letgo(p);
}

void pin_each(const void *p, const void *q)
{
	pin1(p);
	pin1(q);
}

void unpin_each(const void *p, const void *q)
{
	unpin1(p);
	unpin1(q);
}

void pin_all(const struct iovec *v, int n)
{
	pin1(v);
	for (int i = 0; i < n && n <= IOV_MOST; i++)
		pin1(v[i].iov_base);
}

void unpin_all(const struct iovec *v, int n)
{
	for (int i = 0; i < n && n <= IOV_MOST; i++)
		unpin1(v[i].iov_base);
	unpin1(v);
}

/* recvmsg may have changed the lengths in m, but no pointer. */
void pin_parts(const struct msghdr *m)
{
	pin_each(m, m->msg_name);
	pin1(m->msg_control);
	if (m->msg_iovlen <= IOV_MOST)
		pin_all(m->msg_iov, (int)m->msg_iovlen);
}

void unpin_parts(const struct msghdr *m)
{
	if (m->msg_iovlen <= IOV_MOST)
		unpin_all(m->msg_iov, (int)m->msg_iovlen);
	unpin1(m->msg_control);
	unpin_each(m, m->msg_name);
}
