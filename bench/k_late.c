// k: beside 1, 2, 4 and 8 loops that never call garn, a goroutine that sleeps for 1 ms, over and over: by how much it is late in
// the worst turn of a hundred. At 1 P all loops are in its way.
// UNPINNED: who computes after his turn does so on the other processors
#include "bench.h"

enum { HOGS = 8, MS = 1000000 };

static void hog(void)
{
	volatile uint64_t n = 0;
	for (;;)
		n++;
}

static int up(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	long n = size(argc, argv, 200);
	int64_t *late = calloc((size_t)n, sizeof *late);
	must("k_late", late != NULL);
	for (int hogs = 0, want = 1; want <= HOGS; want *= 2) {
		for (; hogs < want; hogs++)
			go(hog);
		garn_sleep(100 * MS); // they have all begun
		for (long i = 0; i < n; i++) {
			int64_t due = garn_now() + MS;
			garn_sleep(MS);
			late[i] = garn_now() - due;
		}
		qsort(late, (size_t)n, sizeof *late, up);
		char name[20];
		snprintf(name, sizeof name, "k_late%d", hogs);
		reportvalue(name, late[n * 99 / 100]);
	}
	return 0;
}
