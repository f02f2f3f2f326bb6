/* stats.c FILE: the exact statistics of whole columns: KS and Wasserstein of FEATURES features of
 * ROWS rows on each side, ROC AUC and average precision of ROWS scores. Run by stats_peer.py, which
 * does the same with scipy and scikit-learn.
 *
 * FILE is written: as raw doubles the reference and the current column of each feature in turn, as
 * they are generated (unsorted), then the scores, then the labels. Printed: `ks_wasserstein` with
 * the seconds of each repetition, sorting included, for all features; `rank` with those of AUC and
 * average precision; `feature KS W` for each; `scores AUC AP`. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/stats/quality.h"
#include "core/stats/sort.h"
#include "core/stats/tests.h"
#include "core/stats/wasserstein.h"
#include "tests/bench/bench.h"

enum { ROWS = 1000000, FEATURES = 12 };

static struct rng rng;

/* What a payment's features look like: amounts in cents, times, counts, shares, scores; `drift` is
 * how far the current side is from the reference. */
static double
draw(int feature, double drift)
{
	switch (feature % 6) {
	case 0:
		return floor(rng_lognormal(&rng, 35 + drift, 1.2) * 100) / 100;
	case 1:
		return rng_normal(&rng) + drift;
	case 2:
		return rng_exponential(&rng, 3600 * (1 + drift));
	case 3:
		return (double)rng_below(&rng, 200 + (uint32_t)(100 * drift));
	case 4:
		return rng_uniform(&rng) * (1 + drift);
	default:
		return 1 / (1 + exp(4 - rng_normal(&rng) - drift));
	}
}

/* The columns of all features one after the other: reference, current. */
static double *
make_columns(void)
{
	double *columns = mem_grow(NULL, (size_t)2 * FEATURES * ROWS, sizeof(*columns));
	for (size_t side = 0; side < 2 * FEATURES; side++) {
		for (size_t i = 0; i < ROWS; i++)
			columns[side * ROWS + i] =
			    draw((int)side / 2, side % 2 == 0 ? 0 : 0.004 * (double)side);
	}
	return columns;
}

/* Scores of which 1 % are of frauds, as a model that is good but not perfect gives them. */
static void
make_scores(double *scores, int8_t *labels)
{
	for (size_t i = 0; i < ROWS; i++) {
		labels[i] = rng_uniform(&rng) < 0.01;
		scores[i] = 1 / (1 + exp(5 - 2 * rng_normal(&rng) - 3 * labels[i]));
	}
}

static void
write_file(const char *path, const double *columns, const double *scores, const int8_t *labels)
{
	FILE *file = fopen(path, "wb");
	if (file == NULL)
		bench_fail(path, "cannot be written");
	fwrite(columns, sizeof(*columns), (size_t)2 * FEATURES * ROWS, file);
	fwrite(scores, sizeof(*scores), ROWS, file);
	for (size_t i = 0; i < ROWS; i++) {
		double label = labels[i];
		fwrite(&label, sizeof(label), 1, file);
	}
	if (ferror(file) || fclose(file) != 0)
		bench_fail(path, "cannot be written");
}

static void
print_seconds(const char *what, const double *seconds)
{
	printf("%s", what);
	for (int run = 0; run < BENCH_RUNS; run++)
		printf("\t%.6f", seconds[run]);
	printf("\n");
}

/* Each repetition sorts fresh copies; the copying is not counted. */
static void
bench_distances(const double *columns)
{
	double *a = mem_grow(NULL, ROWS, sizeof(*a)), *b = mem_grow(NULL, ROWS, sizeof(*b));
	double seconds[BENCH_RUNS] = {0}, ks[FEATURES], w[FEATURES];
	for (int run = 0; run < BENCH_RUNS; run++) {
		for (size_t feature = 0; feature < FEATURES; feature++) {
			memcpy(a, columns + 2 * feature * ROWS, ROWS * sizeof(*a));
			memcpy(b, columns + (2 * feature + 1) * ROWS, ROWS * sizeof(*b));
			double start = bench_now();
			sort_doubles(a, ROWS);
			sort_doubles(b, ROWS);
			ks[feature] = test_ks(a, ROWS, b, ROWS).statistic;
			w[feature] = wasserstein(a, ROWS, b, ROWS);
			seconds[run] += bench_now() - start;
		}
	}
	print_seconds("ks_wasserstein", seconds);
	for (size_t feature = 0; feature < FEATURES; feature++)
		printf("feature\t%.17g\t%.17g\n", ks[feature], w[feature]);
	free(a);
	free(b);
}

static void
bench_rank(const double *scores, const int8_t *labels)
{
	double seconds[BENCH_RUNS];
	struct quality_rank rank;
	for (int run = 0; run < BENCH_RUNS; run++) {
		double start = bench_now();
		rank = quality_rank_exact(scores, labels, ROWS);
		seconds[run] = bench_now() - start;
	}
	print_seconds("rank", seconds);
	printf("scores\t%.17g\t%.17g\n", rank.roc_auc, rank.average_precision);
}

int
main(int argc, char **argv)
{
	if (argc != 2)
		bench_fail("stats", "usage: stats FILE");
	rng_seed(&rng, 20260301, 7);
	double *columns = make_columns(), *scores = mem_grow(NULL, ROWS, sizeof(*scores));
	int8_t *labels = mem_alloc(ROWS);
	make_scores(scores, labels);
	write_file(argv[1], columns, scores, labels);
	bench_distances(columns);
	bench_rank(scores, labels);
	free(columns);
	free(scores);
	free(labels);
	return 0;
}
