// The header alone, and every macro of it once, without a warning; twice, as headers are.
// COMPILE: c11 c23 gnu11
#include <garn.h>
#include <garn.h>

struct pair {
	int a;
	double b;
};

int all(chan(int) c, chan(struct pair) p);
static void none(void) {}
static int many(int a, double b, const char *s, struct pair p) { return a + (int)b + s[0] + p.a; }

int all(chan(int) c, chan(struct pair) p)
{
	int v = 0;
	bool ok = false;
	struct pair out = { 4, 5.0 };

	go(none);
	go(many, 1, 2, "three", out);
	go(many, 1, 2, "three", ((struct pair){ 4, 5.0 })); // a literal with commas needs its parentheses
	go_with(garn_attr(.stack = GARN_MB(8), .name = "named"), many, 1, 2, "three", out);
	go_with((garn_attr){ .stack = GARN_MB(8) }, none);
	chan_send(c, 1);
	chan_send(p, (struct pair){ 1, 2 });
	v += chan_recv(c);
	out = chan_recv(p);
	ok = chan_recv_ok(c, &v) && chan_try_send(c, 2) && chan_try_recv(p, &out);
	switch (chan_select(on_recv(c, &v), on_recv(p, &out, &ok), on_send(c, 3), on_send(p, out), on_recv(c, NULL),
			    on_timeout(GARN_MS(50)), on_default)) {
	case 0:
		v += (int)chan_len(c) + (int)chan_cap(p);
		break;
	default:
		chan_close(c);
		chan_unref(chan_ref(p));
	}
	return v + ok + out.a + (garn_set_max_stack(0) > GARN_KB(64));
}
