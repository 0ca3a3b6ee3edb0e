// What every C program of bench/ shares: its size, its clock, its lines of output.
#ifndef BENCH_H
#define BENCH_H

#include <garn.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

// The first argument, or def.
static inline long size(int argc, char **argv, long def)
{
	if (argc < 2)
		return def;
	char *end;
	long n = strtol(argv[1], &end, 10);
	if (*end != '\0' || n < 1) {
		fprintf(stderr, "bench: the argument must be a positive number\n");
		exit(2);
	}
	return n;
}

static inline void must(const char *name, int ok)
{
	if (!ok) {
		fprintf(stderr, "%s: wrong answer\n", name);
		exit(1);
	}
}

// Prints: name, total nanoseconds, nanoseconds per unit, peak resident kilobytes.
static inline void report(const char *name, int64_t start, long units)
{
	int64_t total = garn_now() - start;
	struct rusage ru;
	getrusage(RUSAGE_SELF, &ru);
	printf("%s %lld %.2f %ld\n", name, (long long)total, (double)total / (double)units, ru.ru_maxrss);
}

// The same line for a number that is not the time of the whole run.
static inline void reportvalue(const char *name, int64_t value)
{
	struct rusage ru;
	getrusage(RUSAGE_SELF, &ru);
	printf("%s %lld %lld %ld\n", name, (long long)value, (long long)value, ru.ru_maxrss);
}

// A field of /proc/self/status, "VmRSS:", in bytes.
static inline int64_t status(const char *field)
{
	char line[256];
	int64_t kb = -1;
	FILE *f = fopen("/proc/self/status", "r");
	while (f && fgets(line, sizeof line, f))
		if (strncmp(line, field, strlen(field)) == 0)
			kb = strtoll(line + strlen(field), NULL, 10);
	must(field, kb >= 0);
	fclose(f);
	return kb * 1024;
}

// Rows that are PACKED are measured when n goroutines are, on the first look after which no more are.
static inline void awaitpacked(long n)
{
#ifdef PACKED
	garn_stats s;
	int64_t was = -1;
	for (garn_read_stats(&s); s.packed.now < n || s.packed.now > was; garn_read_stats(&s)) {
		was = s.packed.now;
		garn_sleep(GARN_MS(500));
	}
#endif
	(void)n;
}

// Resident pages and page tables, in bytes.
static inline int64_t memory(void)
{
	return status("VmRSS:") + status("VmPTE:");
}

#endif
