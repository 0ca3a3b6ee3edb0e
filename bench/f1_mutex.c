// f1: a mutex nobody else wants; the unit is one lock and unlock.
#include "bench.h"

int main(int argc, char **argv)
{
	long n = size(argc, argv, 50000000);
	garn_mutex mu = {0};
	long count = 0;
	int64_t start = garn_now();
	for (long i = 0; i < n; i++) {
		garn_mutex_lock(&mu);
		count++;
		garn_mutex_unlock(&mu);
	}
	must("f1_mutex", count == n);
	report("f1_mutex", start, n);
	return 0;
}
