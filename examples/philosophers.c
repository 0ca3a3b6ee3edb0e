// The dining philosophers: five at a round table, a fork between each two, and it takes two forks to eat.
//
//   ./garn run examples/philosophers.c             100 meals each
//   ./garn run examples/philosophers.c -- 5000     more
//
// If each took the fork on the left first, all might hold one and wait for the other for ever. Here everybody
// takes the fork with the lower number first, and then no circle of waiting can close. (Give dine the left and
// the right fork instead, to see what garn says of a deadlock.)
//
// What to look at: garn_mutex makes the goroutine wait, not the thread; a mutex and a waitgroup need only be
// zero; plain memory guarded by a mutex needs no other care.
#include <garn.h>

#include <stdio.h>
#include <stdlib.h>

enum { SEATS = 5 };

struct fork {
	garn_mutex mutex;
	int holder; // the philosopher who has it; guarded by the mutex, like uses
	int uses;
};

struct philosopher {
	const char *name;
	int meals;
	int quarrels; // times another had one of our forks too
};

static void take(struct fork *f, int who)
{
	garn_mutex_lock(&f->mutex);
	f->holder = who;
	f->uses++;
}

static void dine(struct philosopher *p, int seat, struct fork *low, struct fork *high, int meals, garn_waitgroup *wg)
{
	while (p->meals < meals) {
		take(low, seat);
		garn_yield(); // a moment in which the others may reach for the second fork
		take(high, seat);
		garn_yield(); // a moment to eat
		if (low->holder != seat || high->holder != seat)
			p->quarrels++;
		p->meals++;
		garn_mutex_unlock(&high->mutex);
		garn_mutex_unlock(&low->mutex);
	}
	garn_waitgroup_done(wg);
}

int main(int argc, char **argv)
{
	int meals = argc > 1 ? atoi(argv[1]) : 100;
	if (meals < 1) {
		fprintf(stderr, "usage: philosophers [MEALS]\n");
		return 2;
	}

	struct fork forks[SEATS] = {0};
	struct philosopher guests[SEATS] = {
		{ .name = "Hypatia" }, { .name = "Ibn Rushd" }, { .name = "Spinoza" }, { .name = "Arendt" }, { .name = "Zhuangzi" },
	};
	garn_waitgroup wg = {0};
	garn_waitgroup_add(&wg, SEATS);
	for (int i = 0; i < SEATS; i++) {
		int left = i, right = (i + 1) % SEATS;
		struct fork *low = &forks[left < right ? left : right];
		struct fork *high = &forks[left < right ? right : left];
		go(dine, &guests[i], i, low, high, meals, &wg);
	}
	garn_waitgroup_wait(&wg);

	int quarrels = 0;
	for (int i = 0; i < SEATS; i++) {
		printf("%s ate %d times\n", guests[i].name, guests[i].meals);
		quarrels += guests[i].quarrels;
	}
	for (int i = 0; i < SEATS; i++)
		printf("fork %d was used %d times\n", i, forks[i].uses);
	printf("quarrels: %d\n", quarrels);
	return quarrels == 0 ? 0 : 1;
}
