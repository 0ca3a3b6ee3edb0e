// LINK: os/away.c os/osinit.c os/futex.c os/mem.c os/thread.c os/cpu.c os/clock.c os/fail.c
// A page that goes away and comes back: with what was on it and zeros around, one mapping with its neighbours; threads that read and write
// it meanwhile wait in a fault, find all or nothing, and what they write stays. A kernel that refuses: without markers it stays, without
// mremap it comes back all the same. A futex on such a page is like one that has changed.
// SAN: no-address no-thread (handlers of SIGSEGV are theirs)
#include "w_os.h"
#include <pthread.h>
#include <sys/mman.h>

enum { TIMES = 2000, READERS = 2, AT = 1000, N = 64 };
static char *page;
static uint64_t copy[N];
static uint32_t turn, over, faults; // A: turn: 1 while somebody takes it away or puts it back

static uint64_t *words(void)
{
	return (uint64_t *)(page + AT);
}

// As the library's handler: whoever comes first puts it back.
static void handler(int sig, siginfo_t *info, void *context)
{
	(void)sig, (void)context;
	char *addr = info->si_addr;
	if (addr < page || addr >= page + PAGE) {
		static const char text[] = "a fault elsewhere\n";
		os_write(2, text, sizeof text - 1);
		_exit(1);
	}
	add_rlx(&faults, 1);
	while (load_acq(&turn) == 1)
		os_yield();
	if (cas_acqrel(&turn, 2, 1)) {
		os_putback(page, AT, copy, sizeof copy);
		store_rel(&turn, 0);
	}
}

static void catch_faults(void)
{
	struct sigaction act = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	sigfillset(&act.sa_mask);
	CHECK_EQ(sigaction(SIGSEGV, &act, NULL), 0);
}

static int mappings(void)
{
	int n = 0;
	FILE *f = fopen("/proc/self/maps", "r");
	CHECK(f != NULL);
	for (int c; (c = getc(f)) != EOF;)
		n += c == '\n';
	fclose(f);
	return n;
}

static void *reader(void *arg)
{
	volatile uint64_t *w = words();
	uint64_t mine = 0;
	size_t i = (size_t)(uintptr_t)arg;
	while (!load_acq(&over)) {
		for (int j = N - 1; j >= READERS; j--)
			CHECK_EQ(w[j], 77 + j);
		CHECK_EQ(w[i], mine);
		w[i] = ++mine;
		CHECK_EQ(w[i], mine);
	}
	return (void *)(uintptr_t)mine;
}

static void races(void)
{
	pthread_t t[READERS];
	void *mine;
	for (int j = 0; j < N; j++)
		words()[j] = j < READERS ? 0 : 77 + (uint64_t)j;
	for (uintptr_t i = 0; i < READERS; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, reader, (void *)i), 0);
	int before = mappings();
	for (int n = 0; n < TIMES; n++) {
		while (!cas_acqrel(&turn, 0, 1))
			os_yield();
		CHECK(os_takeaway(page, AT, copy, sizeof copy));
		store_rel(&turn, 2);
		for (int i = 0; i < 200; i++)
			cpu_relax();
		if (n % 2 && cas_acqrel(&turn, 2, 1)) {
			CHECK(os_putback(page, AT, copy, sizeof copy));
			store_rel(&turn, 0);
		}
	}
	store_rel(&over, 1);
	for (uintptr_t i = 0; i < READERS; i++) {
		CHECK_EQ(pthread_join(t[i], &mine), 0);
		CHECK_EQ(words()[i], (uintptr_t)mine);
	}
	CHECK(mappings() <= before + 2); // malloc's, of threads
}

static void there_and_back(void)
{
	memset(page, 'x', PAGE);
	memset(page + AT, 'y', sizeof copy);
	errno = 4711;
	int before = mappings();
	CHECK(os_takeaway(page, AT, copy, sizeof copy));
	CHECK(os_putback(page, AT, copy, sizeof copy));
	CHECK_EQ(errno, 4711);
	CHECK_EQ(mappings(), before);
	for (int i = 0; i < PAGE; i++)
		CHECK_EQ(page[i], i >= AT && i < AT + (int)sizeof copy ? 'y' : 0);
	CHECK_EQ(page[-1], 'n');
	CHECK_EQ(page[PAGE], 'n');
}

static void futex(void)
{
	catch_faults();
	*(uint32_t *)(page + AT) = 5;
	CHECK(os_takeaway(page, AT, copy, sizeof copy));
	store_rel(&turn, 2);
	os_futexsleep((uint32_t *)(page + AT), 5, -1);
	CHECK_EQ(faults, 1);
	CHECK_EQ(*(uint32_t *)(page + AT), 5);
}

static void no_markers(void)
{
	refuse(SYS_madvise, 102, EINVAL);
	memset(page, 'z', PAGE);
	CHECK(!os_takeaway(page, AT, copy, sizeof copy));
	for (int i = 0; i < PAGE; i++)
		CHECK_EQ(page[i], 'z');
	page[0] = 1;
	CHECK(!os_awayinit());
}

static void no_mremap(void)
{
	memset(page, 'z', PAGE);
	CHECK(os_takeaway(page, AT, copy, sizeof copy));
	refuse(SYS_mremap, PAGE, EPERM);
	CHECK(!os_putback(page, AT, copy, sizeof copy));
	CHECK_EQ(page[AT], 'z');
	CHECK_EQ(page[AT + sizeof copy], 0);
	page[0] = 1;
}

int main(void)
{
	osinit();
	char *p = os_reserve(3 * PAGE);
	CHECK(p != NULL);
	memset(p, 'n', 3 * PAGE);
	page = p + PAGE;
	if (!os_awayinit())
		SKIP("no guard markers before Linux 6.13");
	there_and_back();
	in_child("futex", futex);
	in_child("no_markers", no_markers);
	in_child("no_mremap", no_mremap);
	catch_faults();
	races();
	printf("%u faults\n", faults);
	return 0;
}
