// References: the last holder frees the channel, whoever it is, and the receiver of a last word may do so while its
// sender is still on its way out. Run under ASan this shows each touch too late; without it, memory that is never freed.
#include "t_sync.h"
#include <malloc.h>

enum { ROUNDS = T_SCALED(30000), HOLDERS = 16, SHARED = T_SCALED(3000) };

enum how { SEND, SELECT, TRY, CLOSE, SELECT_LOOKS, HOWS };

struct word {
	chan(int) done;
	enum how how;
};

// One word to `done`, of which we hold no reference: the receiver frees it the moment it has it.
static void say(void *arg)
{
	struct word w = *(struct word *)arg;
	chan(int) never = NULL;
	free(arg);
	switch (w.how) {
	case SEND: chan_send(w.done, 1); break;
	case SELECT: chan_select(on_recv(never, NULL), on_send(w.done, 1)); break;
	case TRY:
		for (int i = 0; !chan_try_send(w.done, 1); i++)
			t_rest(i);
		break;
	case CLOSE: chan_close(w.done); break;
	case SELECT_LOOKS:
		for (int i = 0; chan_select(on_default, on_send(w.done, 1)) != 1; i++)
			t_rest(i);
		break;
	default: CHECK(0);
	}
}

static void hear(chan(int) done, enum how how, int ear)
{
	int v = -1;
	bool ok = false;
	switch (ear) {
	case 0: v = chan_recv(done); break;
	case 1: ok = chan_recv_ok(done, &v); break;
	case 2: CHECK_EQ(chan_select(on_recv(done, &v, &ok), on_timeout(GARN_S(1000))), 0); break;
	case 3:
		for (int i = 0; !chan_try_recv(done, &v); i++)
			t_rest(i);
		break;
	}
	CHECK_EQ(v, how == CLOSE ? 0 : 1);
	if (ear == 1 || ear == 2)
		CHECK_EQ(ok, how != CLOSE);
	chan_unref(done);
}

static void last_words(struct t_rng *r, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		enum how how = (enum how)t_below(r, HOWS);
		int ear = (int)t_below(r, 4);
		struct word *w = malloc(sizeof *w);
		size_t cap = t_below(r, 3);
		if (cap == 0 && (how == TRY || how == SELECT_LOOKS) && ear == 3)
			ear = 0; // two who never wait would never meet
		*w = (struct word){ chan_make(int, cap), how };
		chan(int) done = w->done;
		go(say, w);
		if (t_below(r, 2))
			garn_yield();
		hear(done, how, ear);
	}
}

static void *talk_thread(void *arg)
{
	chan(struct word *) words = (chan(struct word *))arg;
	struct word *w;
	while (chan_recv_ok(words, &w))
		say(w);
	return NULL;
}

// The same with a thread that talks and goroutines that listen, and the other way round.
static void listen(void *arg)
{
	struct t_rng r = t_rng(t_seed(), 100 + (uint64_t)(uintptr_t)arg);
	last_words(&r, ROUNDS / 10);
}

// Several at a time, so that one's sender is still leaving while another P runs its receiver.
static void at_once(void)
{
	struct t_worker w[6];
	for (uintptr_t i = 0; i < 6; i++)
		t_start(&w[i], false, listen, (void *)(i + 1));
	for (int i = 0; i < 6; i++)
		t_join(&w[i]);
}

static void from_thread(struct t_rng *r)
{
	chan(struct word *) words = chan_make(struct word *, 0);
	pthread_t th;
	CHECK_EQ(pthread_create(&th, NULL, talk_thread, (void *)words), 0);
	for (int i = 0; i < ROUNDS / 10; i++) {
		struct word *w = malloc(sizeof *w);
		chan(int) done = chan_make(int, 1);
		*w = (struct word){ done, i % 2 ? SEND : CLOSE };
		chan_send(words, w);
		hear(done, i % 2 ? SEND : CLOSE, (int)t_below(r, 4));
	}
	chan_close(words);
	struct t_worker listener;
	t_start(&listener, true, listen, NULL);
	t_join(&listener);
	CHECK_EQ(pthread_join(th, NULL), 0);
	chan_unref(words);
}

// Many holders of one channel take and drop references while it is used; it is gone with the last of them.
static void hold(chan(int) c, uint64_t n, uint32_t *left)
{
	struct t_rng r = t_rng(t_seed(), n);
	int refs = 1, v;
	for (int i = 0; i < 100; i++) {
		switch (t_below(&r, 4)) {
		case 0: chan_ref(c), refs++; break;
		case 1: if (refs > 1) chan_unref(c), refs--; break;
		case 2: chan_try_send(c, 1); break;
		case 3: chan_try_recv(c, &v); break;
		}
		if (t_below(&r, 8) == 0)
			garn_yield();
	}
	while (refs-- > 0)
		chan_unref(c);
	ADD(*left, -1);
}

static void many_holders(void)
{
	for (int i = 0; i < SHARED / 100; i++) {
		uint32_t left = HOLDERS;
		chan(int) c = chan_make(int, 4);
		for (uint64_t n = 0; n < HOLDERS; n++)
			go(hold, chan_ref(c), (uint64_t)i * HOLDERS + n, &left);
		chan_unref(c);
		for (int j = 0; GET(left) > 0; j++)
			t_rest(j);
	}
}

// Nothing but references, by goroutines and threads at the same moment.
static void count(void *arg)
{
	chan(int) c = (chan(int))arg;
	for (int i = 0; i < ROUNDS; i++) {
		chan_ref(c);
		if (i % 3 == 0)
			chan_unref(chan_ref(c));
		chan_unref(c);
	}
	chan_unref(c);
}

static void counting(void)
{
	struct t_worker w[4];
	chan(int) c = chan_make(int, 1);
	for (int i = 0; i < 4; i++)
		t_start(&w[i], i < 2, count, (void *)chan_ref(c));
	for (int i = 0; i < 4; i++)
		t_join(&w[i]);
	chan_send(c, 1); // it is still there
	CHECK_EQ(chan_len(c), 1);
	chan_unref(c);
}

struct kilo {
	char c[1024];
};

static void nothing_stays(void)
{
	if (T_SANITIZED)
		return; // their malloc does not tell; LeakSanitizer does
	size_t before = mallinfo2().uordblks;
	for (int i = 0; i < 2000; i++) {
		chan(struct kilo) c = chan_make(struct kilo, 10);
		chan_send(c, { "" }); // buffered values are dropped with it
		chan_unref(chan_ref(c));
		chan_unref(c);
	}
	CHECK(mallinfo2().uordblks < before + 1000000);
}

int main(void)
{
	struct t_rng r = t_rng(t_seed(), 0);
	last_words(&r, ROUNDS);
	at_once();
	from_thread(&r);
	many_holders();
	counting();
	nothing_stays();
	return 0;
}
