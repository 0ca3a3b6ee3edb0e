// LINK: os/away.c os/osinit.c os/futex.c os/mem.c os/thread.c os/cpu.c os/clock.c os/fail.c
// Pages that go away and come back: with what was on them and zeros around, one mapping with their neighbours; threads that read and write
// there meanwhile wait in a fault, find all or nothing, and what they write stays. A kernel that refuses: without markers they stay, without
// mremap they come back all the same. A futex on such a page is like one that has changed. A block that is folded and unfolded: no page, no page table,
// markers from the first moment on, one mapping with its neighbours.
// SAN: no-address no-thread (handlers of SIGSEGV are theirs)
#include "w_os.h"
#include <pthread.h>
#include <setjmp.h>
#include <sys/mman.h>

enum { TIMES = 2000, READERS = 2, PAGES = 3, LEN = PAGES * PAGE, AT = PAGE + 1000, N = 500 };
_Static_assert(AT + N * 8 > 2 * PAGE, "on more than one page");
static char *page;
static uint64_t copy[N];
static uint32_t turn, over, faults; // A: turn: 1 while somebody takes it away or puts it back

static uint64_t *words(void)
{
	return (uint64_t *)(page + AT);
}

static bool keep(void *arg)
{
	memcpy(copy, words(), sizeof copy);
	return arg == copy;
}

static void fill(char *to, void *arg)
{
	memcpy(to + AT, arg, sizeof copy);
}

static bool takeaway(void)
{
	return os_takeaway(page, LEN, keep, copy);
}

static enum back putback(void)
{
	return os_putback(page, LEN, fill, copy);
}

// As the library's handler: whoever comes first puts it back.
static void handler(int sig, siginfo_t *info, void *context)
{
	(void)sig, (void)context;
	char *addr = info->si_addr;
	if (addr < page || addr >= page + LEN) {
		static const char text[] = "a fault elsewhere\n";
		os_write(2, text, sizeof text - 1);
		_exit(1);
	}
	add_rlx(&faults, 1);
	while (load_acq(&turn) == 1)
		os_yield();
	if (cas_acqrel(&turn, 2, 1)) {
		putback();
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
		CHECK(takeaway());
		store_rel(&turn, 2);
		for (int i = 0; i < 200; i++)
			cpu_relax();
		if (n % 2 && cas_acqrel(&turn, 2, 1)) {
			CHECK_EQ(putback(), BACK_WHOLE);
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
	memset(page, 'x', LEN);
	memset(page + AT, 'y', sizeof copy);
	errno = 4711;
	int before = mappings();
	CHECK(takeaway());
	CHECK_EQ(putback(), BACK_WHOLE);
	CHECK_EQ(errno, 4711);
	CHECK_EQ(mappings(), before);
	for (int i = 0; i < LEN; i++)
		CHECK_EQ(page[i], i >= AT && i < AT + (int)sizeof copy ? 'y' : 0);
	CHECK_EQ(page[-1], 'n');
	CHECK_EQ(page[LEN], 'n');
}

static bool refused(void *arg)
{
	(void)arg;
	return false;
}

// Who is to keep it says no: it stays.
static void not_kept(void)
{
	int before = mappings();
	memset(page, 'k', LEN);
	CHECK(!os_takeaway(page, LEN, refused, NULL));
	page[AT] = 'w';
	CHECK_EQ(page[0], 'k');
	CHECK_EQ(mappings(), before);
}

static void futex(void)
{
	catch_faults();
	*(uint32_t *)(page + AT) = 5;
	CHECK(takeaway());
	store_rel(&turn, 2);
	os_futexsleep((uint32_t *)(page + AT), 5, -1);
	CHECK_EQ(faults, 1);
	CHECK_EQ(*(uint32_t *)(page + AT), 5);
}

static void no_markers(void)
{
	refuse(SYS_madvise, 102, EINVAL);
	memset(page, 'z', LEN);
	CHECK(!takeaway());
	for (int i = 0; i < LEN; i++)
		CHECK_EQ(page[i], 'z');
	page[0] = 1;
	CHECK(!os_awayinit());
}

static void no_mremap(void)
{
	memset(page, 'z', LEN);
	CHECK(takeaway());
	refuse(SYS_mremap, LEN, EPERM);
	CHECK_EQ(putback(), BACK_SEEN);
	CHECK_EQ(page[AT], 'z');
	CHECK_EQ(page[AT + sizeof copy], 0);
	page[0] = 1;
}

// ---- A block -----------------------------------------------------------------------------------------

enum { BLOCK = 2 << 20, MARKED = 100 };
static char *block;
static sigjmp_buf out;

static void jump(int sig)
{
	(void)sig;
	siglongjmp(out, 1);
}

static bool touchable(volatile char *p)
{
	if (sigsetjmp(out, 1))
		return false;
	*p = 1;
	return true;
}

static long pagetables(void)
{
	char text[4096], *at;
	CHECK(readfile("/proc/self/status", text, sizeof text) > 0);
	CHECK((at = strstr(text, "VmPTE:")) != NULL);
	return atol(at + 6);
}

static void folds(void)
{
	signal(SIGSEGV, jump);
	memset(block, 'b', 3 * BLOCK);
	CHECK(os_mark(block + BLOCK + PAGE, PAGE)); // which holds on to the page table
	long tables = pagetables();
	int before = mappings();
	CHECK(os_fold(block + BLOCK, BLOCK));
	CHECK(pagetables() <= tables - 4);
	CHECK(!touchable(block + BLOCK) && !touchable(block + 2 * BLOCK - 1));
	CHECK(block[BLOCK - 1] == 'b' && block[2 * BLOCK] == 'b');
	CHECK(os_mark(block + BLOCK + MARKED * PAGE, PAGE));
	CHECK(!touchable(block + BLOCK));
	CHECK(os_unfold(block + BLOCK, BLOCK));
	CHECK(!touchable(block + BLOCK + MARKED * PAGE));
	for (int i = 0; i < BLOCK / PAGE; i++)
		CHECK(i == MARKED || block[BLOCK + i * PAGE] == 0);
	CHECK_EQ(mappings(), before);
}

// Locked for ever, as by mlockall: markers are refused to such.
static void folds_locked(void)
{
	CHECK(os_fold(block + BLOCK, BLOCK));
	mlock2(block + BLOCK, BLOCK, 1 /* MLOCK_ONFAULT */);
	CHECK(os_mark(block + BLOCK, PAGE));
	CHECK(os_unfold(block + BLOCK, BLOCK));
	signal(SIGSEGV, jump);
	CHECK(!touchable(block + BLOCK) && touchable(block + BLOCK + PAGE));
}

static void fold_refused(void)
{
	CHECK(failinit("mmap:1"));
	CHECK(!os_fold(block, BLOCK));
	CHECK(os_unfold(block, BLOCK));
	CHECK_EQ(block[0], 'b');
}

static void *reads(void *arg)
{
	while (!load_acq(&over)) {
		CHECK(!touchable(block + BLOCK + MARKED * PAGE));
		(void)arg;
	}
	return NULL;
}

// Another thread reaches for what is behind a marker all the time: nobody ever finds it open.
static void folds_while_touched(void)
{
	pthread_t t;
	signal(SIGSEGV, jump);
	CHECK(os_mark(block + BLOCK + MARKED * PAGE, PAGE));
	CHECK_EQ(pthread_create(&t, NULL, reads, NULL), 0);
	for (int i = 0; i < TIMES; i++) {
		CHECK(os_fold(block + BLOCK, BLOCK));
		CHECK(os_mark(block + BLOCK + MARKED * PAGE, PAGE));
		CHECK(os_unfold(block + BLOCK, BLOCK));
	}
	store_rel(&over, 1);
	CHECK_EQ(pthread_join(t, NULL), 0);
}

static void blocks(void)
{
	char *p = os_reserve(4 * BLOCK);
	CHECK(p != NULL);
	block = p + (-(uintptr_t)p & (BLOCK - 1));
	in_child("folds", folds);
	in_child("folds_locked", folds_locked);
	memset(block, 'b', BLOCK);
	in_child("fold_refused", fold_refused);
	in_child("folds_while_touched", folds_while_touched);
}

int main(void)
{
	osinit();
	char *p = os_reserve(2 * PAGE + LEN);
	CHECK(p != NULL);
	memset(p, 'n', 2 * PAGE + LEN);
	page = p + PAGE;
	if (!os_awayinit())
		SKIP("no guard markers before Linux 6.13");
	there_and_back();
	not_kept();
	in_child("futex", futex);
	in_child("no_markers", no_markers);
	in_child("no_mremap", no_mremap);
	blocks();
	catch_faults();
	races();
	printf("%u faults\n", faults);
	return 0;
}
