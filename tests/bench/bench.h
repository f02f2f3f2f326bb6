/* bench.h: what the benchmarks share: time, medians of repetitions, and the line they print.
 *
 * A line is tab-separated: what was measured, value, unit, spread, peer, the peer's value, ratio.
 * Value and ratio are medians over BENCH_RUNS repetitions, the ratio of each repetition's own, in
 * which ours and the peer's took turns; the spread is half the distance between the smallest value
 * and the largest, as a share of the median. Time is the processor's, so that what else runs on the
 * machine counts little. Nothing fails on a time; what must hold whatever the time (the same
 * results, no line refused) ends the program with status 1. */
#ifndef FRAUDTOP_TESTS_BENCH_BENCH_H
#define FRAUDTOP_TESTS_BENCH_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BENCH_RUNS 7

struct bench_runs {
	double values[BENCH_RUNS];
};

/* Seconds of processor time of this thread, for differences only. */
static inline double
bench_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* `amount` a second, from seconds. */
static inline struct bench_runs
bench_rates(double amount, struct bench_runs seconds)
{
	for (int i = 0; i < BENCH_RUNS; i++)
		seconds.values[i] = amount / seconds.values[i];
	return seconds;
}

static inline int
bench_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static inline double
bench_median(struct bench_runs *runs)
{
	qsort(runs->values, BENCH_RUNS, sizeof(runs->values[0]), bench_compare);
	return runs->values[BENCH_RUNS / 2];
}

static inline void
bench_line(const char *what, const char *unit, struct bench_runs ours, const char *peer,
    struct bench_runs theirs)
{
	struct bench_runs ratios;
	for (int i = 0; i < BENCH_RUNS; i++)
		ratios.values[i] = ours.values[i] / theirs.values[i];
	double value = bench_median(&ours);
	double spread = (ours.values[BENCH_RUNS - 1] - ours.values[0]) / 2 / value;
	printf("%s\t%.4g\t%s\t%.1f %%\t%s\t%.4g\t%.3g\n", what, value, unit, 100 * spread, peer,
	    bench_median(&theirs), bench_median(&ratios));
	fflush(stdout);
}

static inline _Noreturn void
bench_fail(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

#endif
