/* Last words, on standard error. One writer at a time: whoever may print them (startdying) keeps the right. */
#ifndef DEBUG_OUT_H
#define DEBUG_OUT_H

#include "os/os.h"

extern struct out {
	char buf[1024];
	size_t n;
} outbuf;

static inline void out_flush(void)
{
	os_write(2, outbuf.buf, outbuf.n);
	outbuf.n = 0;
}

static inline void out(const char *s)
{
	for (; *s; s++) {
		if (outbuf.n == sizeof(outbuf.buf))
			out_flush();
		outbuf.buf[outbuf.n++] = *s;
	}
}

static inline void out_base(uint64_t v, unsigned base)
{
	char tmp[24], *p = tmp + sizeof(tmp);
	*--p = '\0';
	do
		*--p = "0123456789abcdef"[v % base];
	while ((v /= base) != 0);
	out(p);
}

static inline void out_dec(uint64_t v)
{
	out_base(v, 10);
}

static inline void out_hex(uint64_t v)
{
	out("0x");
	out_base(v, 16);
}

#endif
