// LINK: os/osinit.c os/futex.c os/mem.c os/thread.c os/cpu.c os/clock.c os/fail.c
// Threads, CPUs and time from the Linux port: threads with a clean mask, policy and name on a small stack; cgroup limits of
// made-up systems; the asymmetric fence in Dekker's game; errno untouched.
// SAN: no-address no-thread (tiny stacks are theirs)
#include "w_os.h"
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>

// ---- threads

static __thread char tls[20000];
static uint32_t started, done;

struct report {
	sigset_t mask;
	int policy, tid;
	char name[32];
	uintptr_t lo, hi, here;
	void *arg;
	uint32_t ready;
};

static void use_stack(size_t n)
{
	char *p = __builtin_alloca(n);
	for (size_t i = 0; i < n; i += 512)
		((volatile char *)p)[i] = 1;
}

static void reporter(void *arg)
{
	struct report *r = arg;
	memset(tls, 1, sizeof tls);
	__asm__ volatile("" ::"r"(tls) : "memory");
	pthread_sigmask(SIG_SETMASK, NULL, &r->mask);
	r->policy = sched_getscheduler(0);
	r->tid = os_gettid();
	prctl(PR_GET_NAME, r->name);
	os_stackbounds(&r->lo, &r->hi);
	r->here = (uintptr_t)__builtin_frame_address(0);
	use_stack(72 << 10);
	r->arg = arg;
	store_rel(&r->ready, 1);
	os_futexwake(&r->ready, 1);
}

static void run_reporter(size_t stack, struct report *r)
{
	memset(r, 0, sizeof *r);
	CHECK_EQ(os_newthread(stack, reporter, r), 0);
	while (load_acq(&r->ready) == 0)
		os_futexsleep(&r->ready, 0, -1);
}

static void threads(void)
{
	struct report r;
	sigset_t set, old;
	run_reporter(80 << 10, &r); // the thread-local variables do not come out of this; first, or it gets a used stack
	sigfillset(&set);
	pthread_sigmask(SIG_SETMASK, &set, &old); // as a goroutine may: new threads do not inherit it
	run_reporter(128 << 10, &r);
	pthread_sigmask(SIG_SETMASK, NULL, &set);
	CHECK(sigismember(&set, SIGUSR1)); // and ours is as we left it
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	CHECK(r.arg == &r);
	for (int sig = 1; sig < 32; sig++)
		CHECK_EQ(sigismember(&r.mask, sig), sigismember(&startstate.mask, sig));
	CHECK(sigismember(&r.mask, SIGUSR2)); // blocked by main before osinit
	CHECK(!sigismember(&r.mask, SIGUSR1));
	CHECK(r.tid != os_gettid());
	CHECK_STR(r.name, "garn");
	CHECK(r.here > r.lo && r.here < r.hi);
	CHECK(r.here - r.lo > 100 << 10);
	CHECK(r.hi - r.lo < 512 << 10);
	run_reporter(1 << 20, &r);
	CHECK(r.hi - r.lo >= 1 << 20);

	uintptr_t lo, hi;
	os_stackbounds(&lo, &hi);
	CHECK((uintptr_t)&r > lo && (uintptr_t)&r < hi);
	CHECK(hi - lo > 64 << 10);
}

// In a child: the caller's policy is not inherited.
static void policy(void)
{
	struct report r;
	struct sched_param param = {0};
	CHECK_EQ(sched_setscheduler(0, SCHED_BATCH, &param), 0);
	run_reporter(128 << 10, &r);
	CHECK_EQ(r.policy, SCHED_OTHER);
}

static void brief(void *arg)
{
	(void)arg;
	add_rlx(&started, 1);
	while (load_acq(&done) == 0)
		os_futexsleep(&done, 0, 50 * MS);
	add_acqrel(&started, -1);
}

// Many at once, more than there are places to hand over in; and the count of threads is right.
static void crowd(void)
{
	enum { N = 100 };
	while (os_nthreads() != 1) // those of before may still be on their way out
		os_yield();
	for (int i = 0; i < N; i++)
		CHECK_EQ(os_newthread(32 << 10, brief, NULL), 0);
	while (load_rlx(&started) < N)
		os_yield();
	CHECK_EQ(os_nthreads(), N + 1);
	store_rel(&done, 1);
	os_futexwake(&done, INT_MAX);
	while (load_acq(&started) > 0)
		os_yield();
	while (os_nthreads() != 1)
		os_yield();
}

static void *creator(void *arg)
{
	for (int i = 0; i < 400; i++) {
		struct report r;
		run_reporter(128 << 10, &r);
		CHECK(r.arg == &r);
	}
	return arg;
}

static void create_many(void)
{
	pthread_t t[8];
	for (int i = 0; i < 8; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, creator, NULL), 0);
	for (int i = 0; i < 8; i++)
		pthread_join(t[i], NULL);
	while (os_nthreads() != 1)
		os_yield();
}

// Several threads start threads; stacks of those that ended are had again: 3,200 of 160 KB would be 512 MB.
static void creators(void)
{
	size_t before, after, unused;
	create_many(); // malloc's arenas, once
	usage(&before, &unused);
	create_many();
	usage(&after, &unused);
	CHECK(after < before || after - before < 256u << 20);
}

// In a child, as another user: refused with EAGAIN, and nothing is kept.
static void refused(void)
{
	struct rlimit rl = {1, 1};
	if (geteuid() == 0 && setuid(12345) != 0)
		return;
	CHECK_EQ(setrlimit(RLIMIT_NPROC, &rl), 0);
	for (int i = 0; i < 100; i++)
		CHECK_EQ(os_newthread(64 << 10, brief, NULL), EAGAIN);
	sigset_t set;
	pthread_sigmask(SIG_SETMASK, NULL, &set);
	CHECK(!sigismember(&set, SIGUSR1));
}

// ---- CPUs

static const char mounts1[] =
	"24 30 0:22 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n"
	"33 24 0:28 / /sys/fs/cgroup/cpuset rw shared:9 - cgroup cgroup rw,cpuset\n"
	"34 24 0:29 /docker/abc /sys/fs/cg\\040roup/cpu,cpuacct rw shared:10 master:3 - cgroup cgroup rw,cpu,cpuacct\n"
	"35 24 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate\n";
static const char mounts2[] =
	"22 27 0:21 / /proc rw - proc proc rw\n"
	"36 24 0:31 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";

static void cgroup_texts(void)
{
	char path[100], dir[100];
	CHECK_EQ(cgroup_v2_cpus("max 100000\n"), 0);
	CHECK_EQ(cgroup_v2_cpus("100000 100000\n"), 1);
	CHECK_EQ(cgroup_v2_cpus("100001 100000\n"), 2);
	CHECK_EQ(cgroup_v2_cpus("1000 100000"), 1);
	CHECK_EQ(cgroup_v2_cpus("1600000 100000\n"), 16);
	CHECK_EQ(cgroup_v2_cpus("99999999999999999999999 1\n"), 0);
	CHECK_EQ(cgroup_v2_cpus("100000 0\n"), 0);
	CHECK_EQ(cgroup_v2_cpus("100000\n"), 0);
	CHECK_EQ(cgroup_v2_cpus(""), 0);
	CHECK_EQ(cgroup_v1_cpus("-1\n", "100000\n"), 0);
	CHECK_EQ(cgroup_v1_cpus("250000\n", "100000\n"), 3);
	CHECK_EQ(cgroup_v1_cpus("", "100000\n"), 0);
	CHECK_EQ(cgroup_v1_cpus("1000\n", ""), 0);

	CHECK_EQ(cgroup_path("0::/user.slice/a b\n", path, sizeof path), 2);
	CHECK_STR(path, "/user.slice/a b");
	CHECK_EQ(cgroup_path("12:cpuset:/x\n4:cpu,cpuacct:/docker/abc/leaf\n0::/y\n", path, sizeof path), 1);
	CHECK_STR(path, "/docker/abc/leaf");
	CHECK_EQ(cgroup_path("0::/y\n5:cpuacct,cpu:/z:1", path, sizeof path), 1);
	CHECK_STR(path, "/z:1");
	CHECK_EQ(cgroup_path("3:cpuset:/x\n1:name=systemd:/\n", path, sizeof path), 0);
	CHECK_EQ(cgroup_path("", path, sizeof path), 0);
	CHECK_EQ(cgroup_path("nonsense\n::\n", path, sizeof path), 0);
	CHECK_EQ(cgroup_path("0::/0123456789\n", path, 8), 0);

	CHECK(cgroup_dir(mounts1, 1, "/docker/abc/leaf", dir, sizeof dir));
	CHECK_STR(dir, "/sys/fs/cg roup/cpu,cpuacct/leaf");
	CHECK(cgroup_dir(mounts1, 1, "/docker/abc", dir, sizeof dir));
	CHECK_STR(dir, "/sys/fs/cg roup/cpu,cpuacct");
	CHECK(!cgroup_dir(mounts1, 1, "/docker/abcd", dir, sizeof dir));
	CHECK(!cgroup_dir(mounts1, 1, "/", dir, sizeof dir));
	CHECK(cgroup_dir(mounts1, 2, "/a", dir, sizeof dir));
	CHECK_STR(dir, "/sys/fs/cgroup/unified/a");
	CHECK(cgroup_dir(mounts2, 2, "/", dir, sizeof dir));
	CHECK_STR(dir, "/sys/fs/cgroup");
	CHECK(!cgroup_dir(mounts2, 1, "/", dir, sizeof dir));
	CHECK(!cgroup_dir(mounts2, 2, "/0123456789", dir, 20));
	CHECK(!cgroup_dir("", 2, "/", dir, sizeof dir));
	CHECK(!cgroup_dir("1 2 3\n- - - - - -\n", 2, "/", dir, sizeof dir));
}

static void put(const char *root, const char *path, const char *text)
{
	char name[300];
	for (const char *s = path + 1; (s = strchr(s, '/')) != NULL; s++) {
		snprintf(name, sizeof name, "%s%.*s", root, (int)(s - path), path);
		mkdir(name, 0755);
	}
	snprintf(name, sizeof name, "%s%s", root, path);
	FILE *f = fopen(name, "w");
	CHECK(f != NULL);
	fputs(text, f);
	fclose(f);
}

static void cgroup_trees(void)
{
	char root[] = "/tmp/garn-w_os-XXXXXX", command[100];
	CHECK(mkdtemp(root) != NULL);
	CHECK_EQ(cgroup_limit_under(root), 0);
	put(root, "/proc/self/cgroup", "0::/box/leaf\n");
	put(root, "/proc/self/mountinfo", mounts2);
	CHECK_EQ(cgroup_limit_under(root), 0);
	put(root, "/sys/fs/cgroup/box/leaf/cpu.max", "150000 100000\n");
	CHECK_EQ(cgroup_limit_under(root), 2);
	put(root, "/sys/fs/cgroup/box/leaf/cpu.max", "max 100000\n");
	put(root, "/sys/fs/cgroup/box/cpu.max", "100000 100000\n"); // a parent: not looked at
	CHECK_EQ(cgroup_limit_under(root), 0);
	put(root, "/proc/self/cgroup", "0::/\n4:cpu,cpuacct:/docker/abc/leaf\n");
	put(root, "/proc/self/mountinfo", mounts1);
	put(root, "/sys/fs/cg roup/cpu,cpuacct/leaf/cpu.cfs_quota_us", "700000\n");
	CHECK_EQ(cgroup_limit_under(root), 0);
	put(root, "/sys/fs/cg roup/cpu,cpuacct/leaf/cpu.cfs_period_us", "100000\n");
	CHECK_EQ(cgroup_limit_under(root), 7);
	snprintf(command, sizeof command, "rm -rf %s", root);
	CHECK_EQ(system(command), 0);
}

static void cpus(void)
{
	cpu_set_t old, one;
	CHECK_EQ(sched_getaffinity(0, sizeof old, &old), 0);
	CHECK_EQ(os_ncpu(), CPU_COUNT(&old));
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &old))
			continue;
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		CHECK_EQ(sched_setaffinity(0, sizeof one, &one), 0);
		CHECK_EQ(os_ncpu(), 1);
		break;
	}
	sched_setaffinity(0, sizeof old, &old);
	CHECK(os_cgroup_limit() >= 0);
	printf("%d CPUs, limit %d\n", os_ncpu(), os_cgroup_limit());
}

// ---- time, fences, the rest

static volatile int alarms;

static void onalarm(int sig)
{
	(void)sig;
	alarms++;
}

static void times(void)
{
	int64_t a = os_nanotime(), b = t_now();
	CHECK(b >= a && b - a < 1000ll * MS);
	struct itimerval every = {{0, 2000}, {0, 2000}}, never = {{0, 0}, {0, 0}};
	struct sigaction sa = {.sa_handler = onalarm};
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	os_usleep(30000); // all of it, whatever comes in between
	setitimer(ITIMER_REAL, &never, NULL);
	CHECK(os_nanotime() - a >= 30 * MS);
	CHECK(alarms > 0);
	uint32_t word = 1;
	a = os_nanotime();
	os_futexsleep(&word, 1, 5 * MS);
	os_futexsleep(&word, 0, -1); // another value: no sleep
	os_futexsleep(&word, 1, 0);
	CHECK(os_nanotime() - a < 5000ll * MS);
	CHECK(os_random() != os_random());
	os_timerslack();
	CHECK_EQ(prctl(PR_GET_TIMERSLACK), 1);
	CHECK_EQ(os_gettid(), getpid());
	CHECK_EQ(readfile("/nowhere", (char *)&word, 1), -1);
}

// Both set their own flag and look at the other's: with the fences, never does neither see the other.
// On a loaded machine the two seldom run together; so it is over after two seconds.
static uint32_t flag[2], turn, answer[2];

static void await(uint32_t *p, uint32_t least)
{
	for (int i = 0; load_acq(p) < least; i++) {
		if (i % 500 == 499)
			os_yield();
		else
			cpu_relax();
	}
}

static void *light(void *arg)
{
	for (uint32_t i = 1;; i++) {
		await(&turn, i);
		if (turn == UINT32_MAX)
			return arg;
		store_rlx(&flag[0], i);
		asym_light();
		answer[0] = load_rlx(&flag[1]) == i;
		add_acqrel(&answer[1], 1);
	}
}

static void dekker(int rounds)
{
	pthread_t t;
	struct t_rng r = t_rng(t_seed(), 1);
	int neither = 0, both = 0;
	int64_t end = t_now() + 2000ll * MS;
	memset(flag, 0, sizeof flag);
	memset(answer, 0, sizeof answer);
	turn = 0;
	CHECK_EQ(pthread_create(&t, NULL, light, NULL), 0);
	for (uint32_t i = 1; i <= (uint32_t)rounds && t_now() < end; i++) {
		store_rel(&turn, i);
		for (uint64_t k = t_below(&r, 200); k > 0; k--)
			__asm__ volatile("");
		store_rlx(&flag[1], i);
		asym_heavy();
		bool saw = load_rlx(&flag[0]) == i;
		await(&answer[1], i);
		neither += !saw && !answer[0];
		both += saw && answer[0];
	}
	store_rel(&turn, UINT32_MAX);
	pthread_join(t, NULL);
	printf("fence%s: %u rounds, %d in which both saw the other\n", asym_slow ? " (slow)" : "", answer[1], both);
	CHECK_EQ(neither, 0);
}

static void errnos(void)
{
	uint32_t word = 0;
	errno = 4711;
	os_futexsleep(&word, 1, -1);
	os_futexwake((uint32_t *)16, 1);
	os_unused((void *)PAGE, PAGE);
	os_munmap((void *)1, PAGE);
	os_mmap((size_t)1 << 62);
	os_reserve((size_t)1 << 62);
	os_cgroup_limit();
	os_nthreads();
	os_ncpu();
	os_random();
	os_write(-1, "x", 1);
	os_usleep(1);
	os_yield();
	os_timerslack();
	asym_heavy();
	CHECK_EQ(errno, 4711);
}

static void no_membarrier(void)
{
	refuse(SYS_membarrier, 0, ENOSYS);
	osinit();
	CHECK_EQ(asym_slow, 1);
	dekker(10000);
}

int main(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	t_seed();
	osinit();
	in_child("no_membarrier", no_membarrier);
	in_child("policy", policy);
	in_child("refused", refused);
	threads();
	crowd();
	creators();
	cgroup_texts();
	cgroup_trees();
	cpus();
	times();
	dekker(T_SCALED(100000));
	errnos();
	return 0;
}
