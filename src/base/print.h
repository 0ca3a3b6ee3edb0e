/* A printer for the worst moments: safe in a signal handler and on g0. No malloc, no locks, no libc state.
 *
 *   1. What is printed gathers in buf and goes to the sink in one piece, when it is full or flushed: so lines of
 *      several threads seldom mix.
 *   2. Nothing is printed by itself at the end: who starts a printer flushes it.
 *
 * base/ knows no system calls: the sink is the caller's, os_write as a rule:
 *
 *   struct printer pr;
 *   print_init(&pr, os_write, 2);
 *   print_fmt(&pr, "goroutine %llu at %#lx\n", goid, pc);
 *   print_flush(&pr);
 */
#ifndef BASE_PRINT_H
#define BASE_PRINT_H

#include "base/base.h"
#include <stdarg.h>

struct printer {
	void (*sink)(int fd, const void *p, size_t n);
	int fd;
	uint32_t n;    /* bytes in buf */
	char buf[504]; /* the whole takes 520 bytes of stack */
};

/* All of these run on: any stack with 1 KB of room, signal handlers too. Hold: nothing. Never park. */

/* Start an empty printer. */
void print_init(struct printer *pr, void (*sink)(int fd, const void *p, size_t n), int fd);
/* Hand what has gathered to the sink. */
void print_flush(struct printer *pr);
void print_char(struct printer *pr, char c);
/* Print n bytes as they are. */
void print_mem(struct printer *pr, const void *p, size_t n);
/* Print a string; null prints as (null). */
void print_str(struct printer *pr, const char *s);
void print_int(struct printer *pr, int64_t v);
void print_uint(struct printer *pr, uint64_t v);
/* Print v in base 16, with 0x in front. */
void print_hex(struct printer *pr, uint64_t v);
/* A small printf: %d %i %u %x %c %s %p %%, with l, ll and z, a width (blanks, or zeroes after a 0), - and #.
 * Anything else is printed as it stands, and its argument is not read. */
__attribute__((format(printf, 2, 3))) void print_fmt(struct printer *pr, const char *fmt, ...);
__attribute__((format(printf, 2, 0))) void print_vfmt(struct printer *pr, const char *fmt, va_list ap);

#endif
