/* How many CPUs this process may use, by affinity and by its cgroup's quota; how many threads it has.
 *
 * The quota is the one of the process's own cgroup, in v1 or v2, found through /proc/self/cgroup and mountinfo; parents
 * are not looked at, and neither does Go. The parsers take text, so that tests can show them systems they do not run on. */
#define _GNU_SOURCE 1
#include "os/os.h"
#include "os/internal.h"
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE 2u
#endif

enum { PATH_SIZE = 4096, TEXT_SIZE = 1 << 20 };

/* Runs on: any. Never parks. */
int os_ncpu(void)
{
	unsigned long mask[128]; /* 8,192 CPUs */
	int saved = errno, n = 0;
	long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
	errno = saved;
	for (size_t i = 0; bytes > 0 && i < (size_t)bytes / sizeof mask[0]; i++)
		n += __builtin_popcountl(mask[i]);
	return n > 0 ? n : 1;
}

/* The kernel's own count: a thread is a folder there, and counts as a link. It takes no descriptor, of which there may be
 * none left, and misses nobody, as counting the names would while others come and go.
 * Runs on: any. Never parks. */
int os_nthreads(void)
{
	struct stat st;
	int saved = errno, n = 0;
	if (stat("/proc/self/task", &st) == 0 && st.st_nlink > 2)
		n = (int)st.st_nlink - 2; /* itself, and its name in the folder above */
	errno = saved;
	return n;
}

/* Runs on: any. Never parks. */
int64_t os_cputime(int tid)
{
	/* The kernel's own making of a thread's clock: its number, negated, over three bits that say "a thread's, as scheduled". */
	clockid_t clock = (clockid_t)(~(unsigned)tid << 3 | 6);
	struct timespec ts;
	int saved = errno;
	int64_t t = clock_gettime(clock, &ts) == 0 ? (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec : -1;
	errno = saved;
	return t;
}

/* Runs on: a thread that uses no descriptors. Never parks. */
void os_ownfiles(void)
{
	int saved = errno;
	syscall(SYS_close_range, 0u, ~0u, CLOSE_RANGE_UNSHARE);
	errno = saved;
}

/* Runs on: any. Never parks. */
bool os_asleep(int tid)
{
	char path[64], buf[256], digits[12];
	int n = 0;
	size_t at = sizeof "/proc/self/task/" - 1;
	for (int t = tid; t > 0; t /= 10)
		digits[n++] = (char)('0' + t % 10);
	memcpy(path, "/proc/self/task/", at);
	while (n > 0)
		path[at++] = digits[--n];
	memcpy(path + at, "/stat", sizeof "/stat");
	if (readfile(path, buf, sizeof buf) < 0)
		return false;
	const char *s = strrchr(buf, ')');
	return s && (s[2] == 'S' || s[2] == 'D');
}

/* A number at *s, which moves behind it; -1 when there is none or it is too big. */
static int64_t number(const char **s)
{
	int64_t v = -1;
	for (; **s >= '0' && **s <= '9'; (*s)++) {
		v = (v < 0 ? 0 : v) * 10 + (**s - '0');
		if (v > INT64_MAX / 100)
			return -1;
	}
	return v;
}

static int cpus(int64_t quota, int64_t period)
{
	if (quota <= 0 || period <= 0)
		return 0;
	int64_t n = (quota + period - 1) / period;
	return n <= INT_MAX ? (int)n : 0;
}

int cgroup_v2_cpus(const char *cpumax)
{
	int64_t quota = number(&cpumax); /* "max" is no number */
	if (quota < 0 || *cpumax != ' ')
		return 0;
	cpumax++;
	return cpus(quota, number(&cpumax));
}

int cgroup_v1_cpus(const char *quota, const char *period)
{
	return cpus(number(&quota), number(&period)); /* no limit is -1, no number either */
}

/* Copy [s, end) to out; false when it does not fit. */
static bool copy(char *out, size_t size, const char *s, const char *end)
{
	size_t n = (size_t)(end - s);
	if (n >= size)
		return false;
	memcpy(out, s, n);
	out[n] = '\0';
	return true;
}

/* Is word one of the comma-separated words of [s, end)? */
static bool has_word(const char *s, const char *end, const char *word)
{
	size_t n = strlen(word);
	while (s < end) {
		const char *comma = memchr(s, ',', (size_t)(end - s));
		const char *stop = comma != NULL ? comma : end;
		if ((size_t)(stop - s) == n && memcmp(s, word, n) == 0)
			return true;
		s = stop + 1;
	}
	return false;
}

/* A line is "ID:CONTROLLERS:PATH"; v2's is "0::PATH". */
int cgroup_path(const char *procself, char *path, size_t size)
{
	int version = 0;
	for (const char *line = procself; *line != '\0';) {
		const char *end = strchrnul(line, '\n');
		const char *list = memchr(line, ':', (size_t)(end - line));
		const char *colon = list != NULL ? memchr(list + 1, ':', (size_t)(end - list - 1)) : NULL;
		if (colon != NULL) {
			if (has_word(list + 1, colon, "cpu"))
				return copy(path, size, colon + 1, end) ? 1 : 0;
			if (list[1] == ':' && line[0] == '0' && list == line + 1 && copy(path, size, colon + 1, end))
				version = 2;
		}
		line = *end != '\0' ? end + 1 : end;
	}
	return version;
}

/* A line of mountinfo, the fields that matter: [begin, end) each. */
struct mount {
	const char *root, *root_end;   /* which part of the tree is mounted, 4th */
	const char *point, *point_end; /* where, 5th */
	const char *type, *type_end;   /* behind the lone dash */
	const char *opts, *opts_end;   /* of the file system: the last */
};

/* The field after the one that begins at s: its end comes back too. */
static const char *next_field(const char *s, const char *end, const char **stop)
{
	while (s < end && *s != ' ')
		s++;
	while (s < end && *s == ' ')
		s++;
	const char *p = s;
	while (p < end && *p != ' ')
		p++;
	*stop = p;
	return s;
}

static bool parse_mount(const char *line, const char *end, struct mount *mt)
{
	const char *s = line, *stop;
	s = next_field(s, end, &stop);
	s = next_field(s, end, &stop);
	mt->root = s = next_field(s, end, &mt->root_end);
	mt->point = s = next_field(s, end, &mt->point_end);
	do
		s = next_field(s, end, &stop);
	while (s < end && !(stop - s == 1 && *s == '-'));
	mt->type = s = next_field(s, end, &mt->type_end);
	s = next_field(s, end, &stop);
	mt->opts = next_field(s, end, &mt->opts_end);
	return mt->opts < end;
}

/* Undo mountinfo's escapes, \040 for a blank and the like, in place. */
static void unescape(char *s)
{
	char *out = s;
	while (*s != '\0') {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
			*out++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
			s += 4;
		} else {
			*out++ = *s++;
		}
	}
	*out = '\0';
}

/* The part of path below root, or null when it lies elsewhere. */
static const char *below(const char *path, const char *root)
{
	size_t n = strlen(root);
	if (n == 1 && root[0] == '/')
		return strcmp(path, "/") == 0 ? "" : path;
	if (strncmp(path, root, n) != 0 || (path[n] != '\0' && path[n] != '/'))
		return NULL;
	return path + n;
}

bool cgroup_dir(const char *mountinfo, int version, const char *path, char *dir, size_t size)
{
	char root[512];
	for (const char *line = mountinfo; *line != '\0';) {
		const char *end = strchrnul(line, '\n');
		struct mount mt;
		const char *type = version == 2 ? "cgroup2" : "cgroup", *rest;
		size_t len = strlen(type);
		if (parse_mount(line, end, &mt) && (size_t)(mt.type_end - mt.type) == len && memcmp(mt.type, type, len) == 0 &&
		    (version == 2 || has_word(mt.opts, mt.opts_end, "cpu")) &&
		    copy(root, sizeof root, mt.root, mt.root_end) && copy(dir, size, mt.point, mt.point_end)) {
			unescape(root);
			unescape(dir);
			rest = below(path, root);
			if (rest != NULL && strlen(dir) + strlen(rest) < size) {
				strcat(dir, rest);
				return true;
			}
		}
		line = *end != '\0' ? end + 1 : end;
	}
	return false;
}

/* Read root + dir + name into text. */
static bool readunder(const char *root, const char *dir, const char *name, char *text, size_t size)
{
	char path[PATH_SIZE];
	size_t a = strlen(root), b = strlen(dir), c = strlen(name);
	if (a + b + c >= sizeof path)
		return false;
	memcpy(path, root, a);
	memcpy(path + a, dir, b);
	memcpy(path + a + b, name, c + 1);
	return readfile(path, text, size) >= 0;
}

int cgroup_limit_under(const char *root)
{
	struct {
		char path[PATH_SIZE / 2], dir[PATH_SIZE / 2], period[64], text[TEXT_SIZE];
	} *w = os_mmap(sizeof *w); /* pages of it that stay untouched cost nothing */
	int n = 0;
	if (w == NULL)
		return 0;
	int version = 0;
	if (readunder(root, "", "/proc/self/cgroup", w->text, sizeof w->text))
		version = cgroup_path(w->text, w->path, sizeof w->path);
	if (version != 0 && readunder(root, "", "/proc/self/mountinfo", w->text, sizeof w->text) &&
	    cgroup_dir(w->text, version, w->path, w->dir, sizeof w->dir)) {
		if (version == 2) {
			if (readunder(root, w->dir, "/cpu.max", w->text, sizeof w->text))
				n = cgroup_v2_cpus(w->text);
		} else if (readunder(root, w->dir, "/cpu.cfs_quota_us", w->text, sizeof w->text) &&
			   readunder(root, w->dir, "/cpu.cfs_period_us", w->period, sizeof w->period)) {
			n = cgroup_v1_cpus(w->text, w->period);
		}
	}
	os_munmap(w, sizeof *w);
	return n;
}

/* Runs on: any stack with 8 KB of room. Never parks. */
int os_cgroup_limit(void)
{
	return cgroup_limit_under("");
}

/* Runs on: any. Never parks. */
bool os_shadowstack(void)
{
#if defined(__x86_64__)
	enum { SHSTK_STATUS = 0x5005, SHSTK = 1 }; /* of arch_prctl, Linux 6.6 */
	unsigned long features = 0;
	int saved = errno;
	long err = syscall(SYS_arch_prctl, SHSTK_STATUS, &features);
	errno = saved;
	return err == 0 && (features & SHSTK);
#else
	return false;
#endif
}
