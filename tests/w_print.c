// LINK: base/print.c
// The signal-safe printer: what it prints is compared with the libc's printf, piece by piece and over full buffers.
#include "base/print.h"
#include "test.h"
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>

static char got[1 << 16];
static size_t ngot, calls;

static void sink(int fd, const void *p, size_t n)
{
	CHECK_EQ(fd, 42);
	CHECK(n > 0);
	CHECK(ngot + n < sizeof got);
	memcpy(got + ngot, p, n);
	ngot += n;
	got[ngot] = '\0';
	calls++;
}

static struct printer pr;

static void start(void)
{
	ngot = calls = 0;
	got[0] = '\0';
	memset(&pr, 0xa5, sizeof pr);
	print_init(&pr, sink, 42);
}

__attribute__((format(printf, 1, 2))) static void same(const char *fmt, ...)
{
	char want[2000];
	va_list ap, bp;
	va_start(ap, fmt);
	va_copy(bp, ap);
	vsnprintf(want, sizeof want, fmt, ap);
	start();
	print_vfmt(&pr, fmt, bp);
	print_flush(&pr);
	va_end(bp);
	va_end(ap);
	CHECK_STR(got, want);
}

static void conversions(void)
{
	static const int64_t v[] = {0, 1, -1, 9, 10, -10, 4095, INT_MAX, INT_MIN, INT64_MAX, INT64_MIN};
	for (size_t i = 0; i < nelem(v); i++) {
		same("%d|%i|%u|%x|%#06x", (int)v[i], (int)v[i], (unsigned)v[i], (unsigned)v[i], (unsigned)v[i] | 1);
		same("%ld|%lu|%lx|%lld|%llu|%llx|%zu|%zd", (long)v[i], (unsigned long)v[i], (unsigned long)v[i], (long long)v[i],
		     (unsigned long long)v[i], (unsigned long long)v[i], (size_t)v[i], (ssize_t)v[i]);
		same("%5d|%-5d|%05d|%25lld|%-25lld|%025lld|%3x|%-3u|", (int)v[i], (int)v[i], (int)v[i], (long long)v[i],
		     (long long)v[i], (long long)v[i], (unsigned)v[i], (unsigned)v[i]);
		same("%" PRId64 " %" PRIu64 " %" PRIx64, v[i], (uint64_t)v[i], (uint64_t)v[i]);
	}
	same("%s|%10s|%-10s|%2s|%c|%3c|%%|%p|", "abc", "abc", "abc", "abc", 'x', 'y', (void *)&pr);
	same("no conversion");
	same("%s", "");
}

static void pieces(void)
{
	start();
	print_str(&pr, "a");
	print_str(&pr, NULL);
	print_char(&pr, ' ');
	print_int(&pr, INT64_MIN);
	print_char(&pr, ' ');
	print_uint(&pr, UINT64_MAX);
	print_char(&pr, ' ');
	print_hex(&pr, 0);
	print_hex(&pr, 0xdeadbeefcafe);
	print_mem(&pr, "\0x", 2);
	CHECK_EQ(calls, 0);
	print_flush(&pr);
	CHECK_EQ(calls, 1);
	static const char want[] = "a(null) -9223372036854775808 18446744073709551615 0x00xdeadbeefcafe\0x";
	CHECK_EQ(ngot, sizeof want - 1);
	CHECK(memcmp(got, want, ngot) == 0);
	print_flush(&pr);
	CHECK_EQ(calls, 1);
}

// What is not understood is shown, and reads no argument.
static void strange(void)
{
	static const char *volatile odd[] = {"%q|", "100%", "%5", "%lZ", "%"};
	for (size_t i = 0; i < nelem(odd); i++) {
		start();
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		print_fmt(&pr, odd[i]);
#pragma GCC diagnostic pop
		print_flush(&pr);
		CHECK_STR(got, odd[i]);
	}
}

static void long_text(void)
{
	struct t_rng r = t_rng(t_seed(), 0);
	for (int round = 0; round < 200; round++) {
		static char want[1 << 15];
		size_t n = t_below(&r, sizeof want - 1);
		for (size_t i = 0; i < n; i++)
			want[i] = (char)('a' + t_below(&r, 26));
		want[n] = '\0';
		start();
		for (size_t i = 0; i < n;) {
			size_t k = 1 + t_below(&r, 700);
			k = k < n - i ? k : n - i;
			print_mem(&pr, want + i, k);
			i += k;
		}
		print_flush(&pr);
		CHECK_STR(got, want);
		CHECK_EQ(calls, (n + sizeof pr.buf - 1) / sizeof pr.buf);
	}
}

int main(void)
{
	conversions();
	pieces();
	strange();
	long_text();
	return 0;
}
