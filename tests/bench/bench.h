/* bench.h: what the benchmarks share: time, medians of repetitions, and the line they print.
 *
 * A line is tab-separated: what was measured, value, unit, spread, peer, the peer's value, ratio.
 * The value is the median of BENCH_RUNS repetitions; the spread is half the distance between the
 * smallest and the largest, as a share of the median. Ours and the peer's take turns within one
 * run, so that a machine that grows slower slows both. Nothing fails on a time; what must hold
 * whatever the time (the same results, no line refused) ends the program with status 1. */
#ifndef FRAUDTOP_TESTS_BENCH_BENCH_H
#define FRAUDTOP_TESTS_BENCH_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BENCH_RUNS 5

struct bench_times {
	double values[BENCH_RUNS];
};

/* Seconds, for differences only. */
static inline double
bench_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static inline int
bench_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The median; spread gets half the range as a share of it. */
static inline double
bench_median(struct bench_times times, double *spread)
{
	qsort(times.values, BENCH_RUNS, sizeof(times.values[0]), bench_compare);
	double median = times.values[BENCH_RUNS / 2];
	*spread = (times.values[BENCH_RUNS - 1] - times.values[0]) / 2 / median;
	return median;
}

/* spread below 0: the value is no time and has none. */
static inline void
bench_line(const char *what, double value, const char *unit, double spread, const char *peer,
    double peer_value)
{
	printf("%s\t%.4g\t%s\t", what, value, unit);
	if (spread >= 0)
		printf("%.1f %%", 100 * spread);
	printf("\t%s\t%.4g\t%.3g\n", peer, peer_value, value / peer_value);
	fflush(stdout);
}

/* `amount` a second, ours beside the peer's. */
static inline void
bench_rate(const char *what, double amount, const char *unit, struct bench_times times,
    const char *peer, struct bench_times peer_times)
{
	double spread, ignored;
	double value = amount / bench_median(times, &spread);
	bench_line(what, value, unit, spread, peer, amount / bench_median(peer_times, &ignored));
}

static inline _Noreturn void
bench_fail(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

#endif
