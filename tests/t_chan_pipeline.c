// Deep pipelines that must give right numbers: a sieve with a goroutine for each prime, and power series whose terms
// are rational numbers that stream through channels.
#include "t_sync.h"

enum { PRIMES = T_SCALED(400) + 100, TERMS = 10 };

// ---- sieve ------------------------------------------------------------------------------------------

static void count_up(chan(int) out, chan(int) stop)
{
	for (int i = 2; chan_select(on_send(out, i), on_recv(stop, NULL)) == 0; i++)
		;
	chan_close(out);
	chan_unref(out);
	chan_unref(stop);
}

static void filter(chan(int) in, chan(int) out, int prime)
{
	int v;
	while (chan_recv_ok(in, &v))
		if (v % prime != 0)
			chan_send(out, v);
	chan_close(out);
	chan_unref(in);
	chan_unref(out);
}

static bool isprime(int n)
{
	for (int i = 2; i * i <= n; i++)
		if (n % i == 0)
			return false;
	return true;
}

static void sieve(int cap)
{
	chan(int) c = chan_make(int, cap), stop = chan_make(int, 0);
	int before = garn_num_goroutines(), expect = 1, v;
	go(count_up, chan_ref(c), chan_ref(stop));
	for (int i = 0; i < PRIMES; i++) {
		int p = chan_recv(c);
		do
			expect++;
		while (!isprime(expect));
		CHECK_EQ(p, expect);
		chan(int) next = chan_make(int, cap);
		go(filter, c, chan_ref(next), p);
		c = next;
	}
	chan_close(stop);
	while (chan_recv_ok(c, &v))
		;
	chan_unref(c);
	for (int i = 0; garn_num_goroutines() > before; i++)
		t_rest(i);
	chan_unref(stop);
}

// ---- power series -----------------------------------------------------------------------------------
// A series is a channel of its first TERMS coefficients. It has room for all of them: who takes apart a series for two
// users need not know in which order they ask.

struct rat {
	int64_t n, d;
};
typedef chan(struct rat) series;

static int64_t gcd(int64_t a, int64_t b)
{
	return b == 0 ? a < 0 ? -a : a : gcd(b, a % b);
}

static struct rat rat(int64_t n, int64_t d)
{
	int64_t g = gcd(n, d);
	if (d < 0)
		g = -g;
	return (struct rat){ n / g, d / g };
}

static struct rat plus(struct rat a, struct rat b)
{
	int64_t g = gcd(a.d, b.d);
	return rat(a.n * (b.d / g) + b.n * (a.d / g), a.d / g * b.d);
}

static struct rat times(struct rat a, struct rat b)
{
	struct rat x = rat(a.n, b.d), y = rat(b.n, a.d); // small before they are multiplied
	return rat(x.n * y.n, x.d * y.d);
}

static series series_new(void)
{
	return chan_make(struct rat, TERMS);
}

static void run_add(series a, series b, series out)
{
	struct rat x, y;
	while (chan_recv_ok(a, &x) && chan_recv_ok(b, &y))
		chan_send(out, plus(x, y));
	chan_close(out);
	chan_unref(a);
	chan_unref(b);
	chan_unref(out);
}

static series add(series a, series b)
{
	series out = series_new();
	go(run_add, a, b, chan_ref(out));
	return out;
}

static void run_split(series in, series a, series b)
{
	struct rat x;
	while (chan_recv_ok(in, &x)) {
		chan_send(a, x);
		chan_send(b, x);
	}
	chan_close(a);
	chan_close(b);
	chan_unref(in);
	chan_unref(a);
	chan_unref(b);
}

static void split(series in, series *a, series *b)
{
	*a = series_new();
	*b = series_new();
	go(run_split, in, chan_ref(*a), chan_ref(*b));
}

static void run_scale(series in, struct rat by, series out)
{
	struct rat x;
	while (chan_recv_ok(in, &x))
		chan_send(out, times(by, x));
	chan_close(out);
	chan_unref(in);
	chan_unref(out);
}

static series scale(series in, struct rat by)
{
	series out = series_new();
	go(run_scale, in, by, chan_ref(out));
	return out;
}

// (u + x U)(v + x V) = uv + x (u V + v U) + x^2 U V; every level has goroutines of its own.
static void run_mul(series a, series b, series out)
{
	struct rat u, v, x, y;
	if (chan_recv_ok(a, &u) && chan_recv_ok(b, &v)) {
		chan_send(out, times(u, v));
		series a1, a2, b1, b2, rest = series_new();
		split(a, &a1, &a2);
		split(b, &b1, &b2);
		go(run_mul, a2, b2, chan_ref(rest));
		series mid = add(scale(b1, u), scale(a1, v));
		if (chan_recv_ok(mid, &x)) {
			chan_send(out, x);
			while (chan_recv_ok(mid, &x) && chan_recv_ok(rest, &y))
				chan_send(out, plus(x, y));
		}
		chan_unref(mid);
		chan_unref(rest);
	} else {
		chan_unref(a);
		chan_unref(b);
	}
	chan_close(out);
	chan_unref(out);
}

static series mul(series a, series b)
{
	series out = series_new();
	go(run_mul, a, b, chan_ref(out));
	return out;
}

// The coefficients s^i * 1/i! of exp(sx); every second one left out for sine (first 1) and cosine (first 0).
static series exponential(int64_t s, int first, int step)
{
	series out = series_new();
	int64_t power = 1, fact = 1;
	for (int i = 0; i < TERMS; i++) {
		if (i > 0)
			fact *= i;
		if (step == 1 || i % 2 == first)
			chan_send(out, rat(step == 1 ? power : i % 4 < 2 ? 1 : -1, fact));
		else
			chan_send(out, (struct rat){ 0, 1 });
		power *= s;
	}
	chan_close(out);
	return out;
}

static series geometric(void)
{
	series out = series_new();
	for (int i = 0; i < TERMS; i++)
		chan_send(out, (struct rat){ 1, 1 });
	chan_close(out);
	return out;
}

static void equals(series s, struct rat (*term)(int))
{
	struct rat x;
	for (int i = 0; i < TERMS; i++) {
		CHECK(chan_recv_ok(s, &x));
		struct rat e = term(i);
		CHECK(x.n == e.n && x.d == e.d);
	}
	CHECK(!chan_recv_ok(s, &x));
	chan_unref(s);
}

static struct rat one(int i) { return (struct rat){ i == 0, 1 }; }
static struct rat next(int i) { return (struct rat){ i + 1, 1 }; }
static struct rat triangle(int i) { return (struct rat){ (i + 1) * (i + 2) / 2, 1 }; }

static struct rat exp_two(int i)
{
	struct rat r = { 1, 1 };
	for (int k = 1; k <= i; k++)
		r = times(r, rat(2, k));
	return r;
}

static void power_series(void)
{
	int before = garn_num_goroutines();
	equals(mul(geometric(), geometric()), next);
	equals(mul(geometric(), mul(geometric(), geometric())), triangle);
	equals(mul(exponential(1, 0, 1), exponential(-1, 0, 1)), one);
	equals(mul(exponential(1, 0, 1), exponential(1, 0, 1)), exp_two);
	equals(add(mul(exponential(0, 1, 2), exponential(0, 1, 2)), mul(exponential(0, 0, 2), exponential(0, 0, 2))), one);
	for (int i = 0; garn_num_goroutines() > before; i++)
		t_rest(i);
}

int main(void)
{
	sieve(0);
	sieve(5);
	for (int i = 0; i < T_SCALED(50); i++)
		power_series();
	return 0;
}
