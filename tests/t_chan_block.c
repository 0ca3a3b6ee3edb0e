// What each operation does to a channel in each state: goes, waits, says no. By goroutines and by threads.
// (What dies, a send to a closed channel and the like, is in x_chan_*.)
#include "t_sync.h"

enum state { NIL, EMPTY0, SENDER0, RECEIVER0, EMPTY, SOME, FULL, CLOSED0, CLOSED, CLOSED_SOME, STATES };
enum op { SEND, RECV, RECV_OK, TRY_SEND, TRY_RECV, SEL_SEND, SEL_RECV, SEL_SEND_OR, SEL_RECV_OR, OPS };

// g goes, with a value; z goes, with zero and "no more"; w waits; n says no; x dies (not tried here)
static const char *const table[STATES] = {
	//                send recv ok  try: send recv  select: send recv  with default: send recv
	[NIL]         = "w"  "w"  "w"   "n"  "n"        "w"  "w"         "n"  "n",
	[EMPTY0]      = "w"  "w"  "w"   "n"  "n"        "w"  "w"         "n"  "n",
	[SENDER0]     = "w"  "g"  "g"   "n"  "g"        "w"  "g"         "n"  "g",
	[RECEIVER0]   = "g"  "w"  "w"   "g"  "n"        "g"  "w"         "g"  "n",
	[EMPTY]       = "g"  "w"  "w"   "g"  "n"        "g"  "w"         "g"  "n",
	[SOME]        = "g"  "g"  "g"   "g"  "g"        "g"  "g"         "g"  "g",
	[FULL]        = "w"  "g"  "g"   "n"  "g"        "w"  "g"         "n"  "g",
	[CLOSED0]     = "x"  "z"  "z"   "x"  "z"        "x"  "z"         "x"  "z",
	[CLOSED]      = "x"  "z"  "z"   "x"  "z"        "x"  "z"         "x"  "z",
	[CLOSED_SOME] = "x"  "g"  "g"   "x"  "g"        "x"  "g"         "x"  "g",
};

enum { THEIRS = 71, MINE = 72 };

struct trial {
	chan(int) c;
	enum op op;
	uint32_t arrived, returned;
	bool no, ok, haveok;
	int value;
};

static bool receives(enum op op)
{
	return op == RECV || op == RECV_OK || op == TRY_RECV || op == SEL_RECV || op == SEL_RECV_OR;
}

static void perform(void *arg)
{
	struct trial *t = arg;
	SET(t->arrived, 1);
	switch (t->op) {
	case SEND: chan_send(t->c, MINE); break;
	case RECV: t->value = chan_recv(t->c); break;
	case RECV_OK: t->ok = chan_recv_ok(t->c, &t->value), t->haveok = true; break;
	case TRY_SEND: t->no = !chan_try_send(t->c, MINE); break;
	case TRY_RECV: t->no = !chan_try_recv(t->c, &t->value); break;
	case SEL_SEND: CHECK_EQ(chan_select(on_send(t->c, MINE)), 0); break;
	case SEL_RECV:
		t->haveok = true;
		CHECK_EQ(chan_select(on_recv(t->c, &t->value, &t->ok)), 0);
		break;
	case SEL_SEND_OR: t->no = chan_select(on_default, on_send(t->c, MINE)) == 0; break;
	case SEL_RECV_OR: t->no = chan_select(on_default, on_recv(t->c, &t->value)) == 0; break;
	default: CHECK(0);
	}
	SET(t->returned, 1);
}

static chan(int) make(enum state s, struct trial *other, struct t_worker *w)
{
	if (s == NIL)
		return NULL;
	chan(int) c = chan_make(int, s == EMPTY0 || s == SENDER0 || s == RECEIVER0 || s == CLOSED0 ? 0 : 2);
	for (int n = s == SOME || s == CLOSED_SOME ? 1 : s == FULL ? 2 : 0; n > 0; n--)
		chan_send(c, THEIRS);
	if (s == CLOSED0 || s == CLOSED || s == CLOSED_SOME)
		chan_close(c);
	if (s == SENDER0 || s == RECEIVER0) {
		*other = (struct trial){ .c = c, .op = s == SENDER0 ? SEND : RECV };
		t_start(w, false, perform, other);
		t_await(&other->arrived, 1);
		t_settle();
		CHECK(!GET(other->returned));
	}
	return c;
}

// Give the one who waits what it waits for, and the other of SENDER0 and RECEIVER0 too.
static void release(chan(int) c, struct trial *t)
{
	if (GET(t->returned))
		return;
	for (int i = 0; !GET(t->returned); i++) {
		int v;
		if (receives(t->op))
			chan_try_send(c, THEIRS);
		else
			chan_try_recv(c, &v);
		t_rest(i);
	}
}

static void try_one(enum state s, enum op op, bool thread)
{
	// Those that wait for a nil channel never end: what they use must stay.
	struct trial *t = calloc(1, sizeof *t), other = { .returned = 1 };
	struct t_worker *w = calloc(1, sizeof *w), wother = { .ended = 1 };
	char expect = table[s][op];
	if (expect == 'x') {
		free(t);
		free(w);
		return;
	}
	t->c = make(s, &other, &wother);
	t->op = op;
	t->value = -1;
	t_start(w, thread, perform, t);
	t_await(&t->arrived, 1);
	if (expect == 'w') {
		t_settle();
		if (GET(t->returned))
			fprintf(stderr, "state %d, operation %d: did not wait\n", (int)s, (int)op);
		CHECK(!GET(t->returned));
		if (s == NIL)
			return; // t and w stay with it
		release(t->c, t);
		t_join(w);
		CHECK(!t->no);
		if (receives(op))
			CHECK_EQ(t->value, THEIRS);
	} else {
		t_join(w);
		CHECK_EQ(t->no, expect == 'n');
		if (receives(op))
			CHECK_EQ(t->value, expect == 'n' ? -1 : expect == 'z' ? 0 : s == SENDER0 ? MINE : THEIRS);
		if (t->haveok)
			CHECK_EQ(t->ok, expect == 'g');
	}
	if (other.c != NULL) {
		release(t->c, &other);
		t_join(&wother);
		if (s == RECEIVER0 && expect == 'g')
			CHECK_EQ(other.value, MINE);
	}
	chan_unref(t->c);
	free(t);
	free(w);
}

int main(void)
{
	for (int s = 0; s < STATES; s++)
		for (int op = 0; op < OPS; op++)
			for (int thread = 0; thread < 2; thread++)
				try_one((enum state)s, (enum op)op, thread);
	CHECK_EQ(chan_len((chan(int))NULL), 0);
	CHECK_EQ(chan_cap((chan(int))NULL), 0);
	chan_unref((chan(int))NULL);
	CHECK(chan_ref((chan(int))NULL) == NULL);
	return 0;
}
