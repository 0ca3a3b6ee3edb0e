/* The printer for the worst moments: see print.h for what it promises. */
#include "base/print.h"

void print_init(struct printer *pr, void (*sink)(int fd, const void *p, size_t n), int fd)
{
	pr->sink = sink;
	pr->fd = fd;
	pr->n = 0;
}

void print_flush(struct printer *pr)
{
	uint32_t n = pr->n;
	pr->n = 0;
	if (n > 0)
		pr->sink(pr->fd, pr->buf, n);
}

void print_char(struct printer *pr, char c)
{
	if (pr->n == sizeof pr->buf)
		print_flush(pr);
	pr->buf[pr->n++] = c;
}

void print_mem(struct printer *pr, const void *p, size_t n)
{
	const char *s = p;
	for (size_t i = 0; i < n; i++)
		print_char(pr, s[i]);
}

void print_str(struct printer *pr, const char *s)
{
	if (s == NULL)
		s = "(null)";
	while (*s != '\0')
		print_char(pr, *s++);
}

/* How one conversion is to look. */
struct spec {
	uint32_t width;
	bool zero;  /* fill with zeroes */
	bool left;  /* fill on the right */
	bool alt;   /* 0x in front */
	int size;   /* 0 int, 1 long, 2 long long, 3 size_t */
};

static void fill(struct printer *pr, char c, uint32_t have, uint32_t want)
{
	for (; have < want; have++)
		print_char(pr, c);
}

/* The digits of v, a sign or 0x before them (head), to the width asked for. */
static void print_number(struct printer *pr, uint64_t v, uint32_t base, const char *head, const struct spec *sp)
{
	char digits[20];
	uint32_t n = 0, len = 0;
	do {
		digits[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v != 0);
	while (head[len] != '\0')
		len++;
	if (!sp->left && !sp->zero)
		fill(pr, ' ', len + n, sp->width);
	print_str(pr, head);
	if (!sp->left && sp->zero)
		fill(pr, '0', len + n, sp->width);
	for (uint32_t i = n; i > 0; i--)
		print_char(pr, digits[i - 1]);
	if (sp->left)
		fill(pr, ' ', len + n, sp->width);
}

static void print_signed(struct printer *pr, int64_t v, const struct spec *sp)
{
	print_number(pr, v < 0 ? -(uint64_t)v : (uint64_t)v, 10, v < 0 ? "-" : "", sp);
}

static void print_text(struct printer *pr, const char *s, const struct spec *sp)
{
	uint32_t len = 0;
	if (s == NULL)
		s = "(null)";
	while (s[len] != '\0')
		len++;
	if (!sp->left)
		fill(pr, ' ', len, sp->width);
	print_mem(pr, s, len);
	if (sp->left)
		fill(pr, ' ', len, sp->width);
}

void print_int(struct printer *pr, int64_t v)
{
	print_signed(pr, v, &(struct spec){0});
}

void print_uint(struct printer *pr, uint64_t v)
{
	print_number(pr, v, 10, "", &(struct spec){0});
}

void print_hex(struct printer *pr, uint64_t v)
{
	print_number(pr, v, 16, "0x", &(struct spec){0});
}

/* Read flags, width and size behind a %; returns where the conversion's letter is. */
static const char *parse_spec(const char *f, struct spec *sp)
{
	*sp = (struct spec){0};
	for (;; f++) {
		if (*f == '0')
			sp->zero = true;
		else if (*f == '-')
			sp->left = true;
		else if (*f == '#')
			sp->alt = true;
		else
			break;
	}
	for (; *f >= '0' && *f <= '9'; f++)
		if (sp->width < 200)
			sp->width = sp->width * 10 + (uint32_t)(*f - '0');
	if (*f == 'z') {
		sp->size = 3;
		f++;
	}
	for (; *f == 'l' && sp->size < 2; f++)
		sp->size++;
	return f;
}

void print_vfmt(struct printer *pr, const char *fmt, va_list ap)
{
	for (const char *f = fmt; *f != '\0'; f++) {
		struct spec sp;
		if (*f != '%') {
			print_char(pr, *f);
			continue;
		}
		const char *start = f;
		f = parse_spec(f + 1, &sp);
		switch (*f) {
		case 'd':
		case 'i':
			print_signed(pr, sp.size == 0 ? va_arg(ap, int) : sp.size == 1 ? va_arg(ap, long) : sp.size == 2 ? va_arg(ap, long long) : va_arg(ap, ptrdiff_t), &sp);
			break;
		case 'u':
		case 'x': {
			uint64_t v = sp.size == 0 ? va_arg(ap, unsigned) : sp.size == 1 ? va_arg(ap, unsigned long) : sp.size == 2 ? va_arg(ap, unsigned long long) : va_arg(ap, size_t);
			print_number(pr, v, *f == 'x' ? 16 : 10, *f == 'x' && sp.alt ? "0x" : "", &sp);
			break;
		}
		case 'p':
			print_number(pr, (uintptr_t)va_arg(ap, void *), 16, "0x", &sp);
			break;
		case 'c': {
			char c[2] = {(char)va_arg(ap, int), '\0'};
			print_text(pr, c, &sp);
			break;
		}
		case 's':
			print_text(pr, va_arg(ap, const char *), &sp);
			break;
		case '%':
			print_char(pr, '%');
			break;
		default: /* not ours: as it stands */
			print_mem(pr, start, (size_t)(f - start) + (*f != '\0'));
			if (*f == '\0')
				return;
		}
	}
}

void print_fmt(struct printer *pr, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	print_vfmt(pr, fmt, ap);
	va_end(ap);
}
