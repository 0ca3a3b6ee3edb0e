// The header as C++, alone and with what a C++ program would write.
// COMPILE: c++17
#include <garn.h>
#include <garn.h>

struct pair {
	int a;
	double b;
};

int all(chan(int) c, chan(pair) p);
static void none() {}
static int many(int a, double b, const char *s, pair p) { return a + static_cast<int>(b) + s[0] + p.a; }

int all(chan(int) c, chan(pair) p)
{
	int v = 0;
	pair out = { 0, 0 };

	go(none);
	go(many, 1, 2, "three", pair{ 4, 5.0 });
	chan_send(c, 1);
	v += chan_recv(c);
	out = chan_recv(p);
	if (chan_recv_ok(c, &v) && chan_try_send(c, 2) && chan_try_recv(p, &out))
		v++;
	switch (chan_select(on_recv(c, &v), on_send(c, 3), on_timeout(GARN_MS(50)))) {
	case 0:
		v += static_cast<int>(chan_len(c) + chan_cap(p));
		break;
	default:
		chan_close(c);
		chan_unref(chan_ref(p));
	}
	return v + out.a;
}
