/* sketches.c: what must hold of HdrHistogram's layout, DDSketch, the t-digest and the counts of
 * data quality for any data; their known answers are in vectors.c. Seeded: a failure comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/stats/dataquality.h"
#include "core/stats/ddsketch.h"
#include "core/stats/hdr.h"
#include "core/stats/sort.h"
#include "core/stats/tdigest.h"

enum { N = 20000 };

static struct rng rng;
static const double qs[] = {0, 0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1};

#define QS (sizeof(qs) / sizeof(*qs))

/* --- HdrHistogram --- */

static void
hdr_refuses_layouts_that_are_none(void **state)
{
	(void)state;
	static const struct {
		int64_t lowest, highest;
		int digits;
	} bad[] = {{0, 1000, 3}, {-1, 1000, 3}, {1, 1, 3}, {10, 19, 3}, {1, 1000, 0}, {1, 1000, 6},
	    {INT64_MAX / 2, INT64_MAX, 5}};
	struct hdr hdr;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_false(hdr_init(&hdr, bad[i].lowest, bad[i].highest, bad[i].digits));
		hdr_free(&hdr);
	}
	assert_true(hdr_init(&hdr, 1, 2, 1));
	hdr_free(&hdr);
	assert_true(hdr_init(&hdr, 1, INT64_MAX, 1));
	assert_true(hdr_record(&hdr, INT64_MAX, 1));
	assert_int_equal(hdr_percentile(&hdr, 100), INT64_MAX);
	hdr_free(&hdr);
}

static void
every_recorded_value_comes_back_to_its_digits(void **state)
{
	(void)state;
	static const int64_t lowests[] = {1, 1000, 77};
	for (size_t l = 0; l < 3; l++) {
		for (int digits = 1; digits <= 4; digits++) {
			struct hdr hdr;
			assert_true(
			    hdr_init(&hdr, lowests[l], lowests[l] * INT64_C(3600000000), digits));
			for (int i = 0; i < 500; i++) {
				int64_t value =
				    (int64_t)((double)lowests[l] * pow(10, 9 * rng_uniform(&rng)));
				int64_t low = hdr_lowest_equivalent(&hdr, value);
				int64_t high = hdr_highest_equivalent(&hdr, value);
				assert_true(low <= value && value <= high);
				assert_int_equal(high - low + 1, hdr_equivalent_range(&hdr, value));
				assert_true(
				    (double)(high - low) <=
				    fmax((double)lowests[l], (double)value / pow(10, digits)));
				assert_true(hdr_record(&hdr, value, 1));
				memset(hdr.counts, 0, (size_t)hdr.counts_len * sizeof(*hdr.counts));
				hdr.total = 0;
				assert_true(hdr_record(&hdr, value, 3));
				assert_int_equal(hdr_percentile(&hdr, 50), high);
				assert_int_equal(hdr_percentile(&hdr, 0), low);
			}
			hdr_free(&hdr);
		}
	}
}

static void
hdr_refuses_what_does_not_fit_and_counts_what_waited(void **state)
{
	(void)state;
	struct hdr hdr;
	assert_true(hdr_init(&hdr, 1, 1000000, 3));
	assert_int_equal(hdr_percentile(&hdr, 50), 0);
	assert_false(hdr_record(&hdr, -1, 1));
	assert_false(hdr_record(&hdr, 1 << 30, 1));
	assert_int_equal(hdr.total, 0);
	assert_true(hdr_record_corrected(&hdr, 1000, 1, 100)); /* 1000, 900, ... 100 */
	assert_int_equal(hdr.total, 10);
	assert_int_equal(hdr_percentile(&hdr, 10), 100);
	assert_true(hdr_record_corrected(&hdr, 1000, 1, 0));
	assert_int_equal(hdr.total, 11);
	hdr_free(&hdr);
}

/* --- DDSketch --- */

static void
add_values(struct ddsketch *sketch, double *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double size = rng_lognormal(&rng, 3, 2.5), u = rng_uniform(&rng);
		values[i] = u < 0.1 ? 0 : u < 0.3 ? -size : size;
		ddsketch_add(sketch, values[i], 1);
	}
}

static void
a_ddsketch_quantile_is_within_alpha(void **state)
{
	(void)state;
	static const double alphas[] = {0.001, 0.01, 0.05};
	double *values = mem_alloc(N * sizeof(*values));
	for (size_t a = 0; a < 3; a++) {
		struct ddsketch sketch;
		assert_true(ddsketch_init(&sketch, alphas[a], 0));
		assert_true(isnan(ddsketch_quantile(&sketch, 0.5)));
		add_values(&sketch, values, N);
		ddsketch_add(&sketch, NAN, 1);
		ddsketch_add(&sketch, INFINITY, 1);
		ddsketch_add(&sketch, 5, 0);
		assert_int_equal(ddsketch_count(&sketch), N);
		sort_doubles(values, N);
		for (size_t i = 0; i < QS; i++) {
			/* Of a rank between two values: the lower, on the negative side the upper.
			 */
			double rank = qs[i] * (N - 1), low = values[(size_t)rank];
			double exact = low < 0 ? values[(size_t)ceil(rank)] : low;
			double got = ddsketch_quantile(&sketch, qs[i]);
			assert_true(fabs(got - exact) <= fabs(exact) * alphas[a] * 1.0000001);
		}
		assert_true(isnan(ddsketch_quantile(&sketch, 1.5)));
		ddsketch_free(&sketch);
	}
	free(values);
}

static void
ddsketches_merge_to_the_same_in_any_order(void **state)
{
	(void)state;
	enum { PARTS = 6 };
	struct ddsketch parts[PARTS], ways[2];
	double values[400];
	for (size_t i = 0; i < PARTS; i++) {
		assert_true(ddsketch_init(&parts[i], 0.01, 0));
		add_values(&parts[i], values, 400);
	}
	for (size_t w = 0; w < 2; w++) {
		assert_true(ddsketch_init(&ways[w], 0.01, 0));
		for (size_t i = 0; i < PARTS; i++)
			assert_true(ddsketch_merge(&ways[w], &parts[w == 0 ? i : PARTS - 1 - i]));
		assert_int_equal(ddsketch_count(&ways[w]), PARTS * 400);
	}
	for (size_t i = 0; i <= 1000; i++) {
		double q = (double)i / 1000;
		assert_true(ddsketch_quantile(&ways[0], q) == ddsketch_quantile(&ways[1], q));
	}
	assert_int_equal(ddsketch_keys_used(&ways[0]), ddsketch_keys_used(&ways[1]));
	struct ddsketch other;
	assert_true(ddsketch_init(&other, 0.02, 0));
	assert_false(ddsketch_merge(&other, &parts[0]));
	assert_int_equal(ddsketch_count(&other), 0);
	assert_false(ddsketch_init(&other, 0, 0));
	assert_false(ddsketch_init(&other, 1, 0));
	assert_false(ddsketch_init(&other, 1e-9, 0)); /* more keys than numbers for them */
	for (size_t i = 0; i < PARTS; i++)
		ddsketch_free(&parts[i]);
	ddsketch_free(&ways[0]);
	ddsketch_free(&ways[1]);
}

static void
a_bounded_ddsketch_keeps_its_upper_quantiles(void **state)
{
	(void)state;
	struct ddsketch whole, bounded;
	assert_true(ddsketch_init(&whole, 0.01, 0) && ddsketch_init(&bounded, 0.01, 300));
	for (size_t i = 0; i < N; i++) {
		double value = pow(10, rng_uniform(&rng) * 40 - 20);
		ddsketch_add(&whole, value, 1);
		ddsketch_add(&bounded, value, 1);
		assert_true(bounded.above.length <= 300);
	}
	assert_int_equal(ddsketch_count(&bounded), N);
	assert_true(ddsketch_keys_used(&bounded) <= 300 && ddsketch_keys_used(&whole) > 2000);
	for (double q = 0.95; q <= 1; q += 0.01)
		assert_true(ddsketch_quantile(&bounded, q) == ddsketch_quantile(&whole, q));
	assert_true(ddsketch_quantile(&bounded, 0.1) > ddsketch_quantile(&whole, 0.1));
	/* The extremes of a double, in one store. */
	ddsketch_add(&bounded, DBL_MAX, 1);
	ddsketch_add(&bounded, DBL_MIN, 1);
	assert_true(ddsketch_quantile(&bounded, 1) >= DBL_MAX * 0.98);
	assert_int_equal(ddsketch_count(&bounded), N + 2);
	ddsketch_free(&whole);
	ddsketch_free(&bounded);
}

/* --- t-digest --- */

/* The rank of `value` among sorted numbers, the middle of those that equal it. */
static double
share_below(const double *sorted, size_t n, double value)
{
	double below = 0, equal = 0;
	for (size_t i = 0; i < n; i++) {
		below += sorted[i] < value;
		equal += sorted[i] == value;
	}
	return (below + equal / 2) / (double)n;
}

static void
a_tdigest_is_near_and_nearest_at_the_tails(void **state)
{
	(void)state;
	double *values = mem_alloc(N * sizeof(*values));
	for (unsigned order = 0; order < 2; order++) {
		struct tdigest digest;
		tdigest_init(&digest, 100);
		assert_true(isnan(tdigest_quantile(&digest, 0.5)));
		assert_true(isnan(tdigest_cdf(&digest, 0.5)));
		for (size_t i = 0; i < N; i++)
			values[i] = rng_lognormal(&rng, 10, 1.5);
		if (order == 1)
			sort_doubles(values, N);
		for (size_t i = 0; i < N; i++)
			tdigest_add(&digest, values[i], 1);
		tdigest_add(&digest, NAN, 1);
		tdigest_add(&digest, 1, 0);
		assert_true(digest.total == N && digest.count <= 800);
		sort_doubles(values, N);
		assert_true(tdigest_quantile(&digest, 0) == values[0]);
		assert_true(tdigest_quantile(&digest, 1) == values[N - 1]);
		for (size_t i = 0; i < QS; i++) {
			double room = 0.0003 + 0.05 * qs[i] * (1 - qs[i]);
			double got = tdigest_quantile(&digest, qs[i]);
			assert_true(fabs(share_below(values, N, got) - qs[i]) <= room);
			assert_true(fabs(tdigest_cdf(&digest, got) - qs[i]) <= room);
		}
		tdigest_free(&digest);
	}
	free(values);
}

static void
a_tdigest_of_few_values_is_exact_and_rises(void **state)
{
	(void)state;
	struct tdigest digest;
	double values[300], last = -INFINITY;
	tdigest_init(&digest, 100);
	for (size_t i = 0; i < 300; i++) {
		values[i] = rng_normal(&rng);
		tdigest_add(&digest, values[i], 1);
	}
	sort_doubles(values, 300);
	for (size_t i = 0; i < 300; i++) {
		assert_true(tdigest_quantile(&digest, ((double)i + 0.5) / 300) == values[i]);
		assert_true(
		    fabs(tdigest_cdf(&digest, values[i]) - ((double)i + 0.5) / 300) < 1e-12);
	}
	for (double q = 0; q <= 1; q += 0.0007) {
		double value = tdigest_quantile(&digest, q);
		assert_true(value >= last);
		last = value;
	}
	assert_true(tdigest_cdf(&digest, -100) == 0 && tdigest_cdf(&digest, 100) == 1);
	tdigest_free(&digest);
	tdigest_init(&digest, 100);
	tdigest_add(&digest, 4, 1);
	assert_true(tdigest_quantile(&digest, 0.3) == 4 && tdigest_cdf(&digest, 4) == 0.5);
	tdigest_free(&digest);
}

static void
merged_tdigests_answer_as_one(void **state)
{
	(void)state;
	struct tdigest parts[8], all;
	double *values = mem_alloc(N * sizeof(*values));
	tdigest_init(&all, 100);
	for (size_t p = 0; p < 8; p++) {
		tdigest_init(&parts[p], 100);
		for (size_t i = p; i < N; i += 8) {
			values[i] = rng_normal(&rng) + (double)p;
			tdigest_add(&parts[p], values[i], 1);
		}
	}
	for (size_t p = 0; p < 8; p++) {
		tdigest_merge(&all, &parts[p]);
		tdigest_free(&parts[p]);
	}
	sort_doubles(values, N);
	assert_true(fabs(all.total - N) < 1e-6);
	assert_true(all.least == values[0] && all.most == values[N - 1]);
	for (size_t i = 0; i < QS; i++)
		assert_true(fabs(share_below(values, N, tdigest_quantile(&all, qs[i])) - qs[i]) <=
			    0.0005 + 0.05 * qs[i] * (1 - qs[i]));
	tdigest_free(&all);
	free(values);
}

/* --- data quality --- */

static void
data_quality_counts_merge_and_share(void **state)
{
	(void)state;
	struct dataquality a = {0}, b = {0};
	assert_true(isnan(dataquality_share(&a, 0)));
	dataquality_add_number(&a, 1, 0, 4);
	dataquality_add_number(&a, 4.1, 0, 4);
	dataquality_add_number(&a, NAN, 0, 4);
	dataquality_add_number(&b, -INFINITY, 0, 4);
	dataquality_add_number(&b, -1e9, NAN, 4); /* no lower bound */
	dataquality_add_word(&b, false);
	dataquality_add_word(&b, true);
	dataquality_add_null(&b);
	dataquality_merge(&a, &b);
	assert_int_equal(a.n, 8);
	assert_int_equal(a.null, 2);
	assert_int_equal(a.nonfinite, 1);
	assert_int_equal(a.out_of_range, 1);
	assert_int_equal(a.unseen, 1);
	assert_true(dataquality_share(&a, a.null) == 0.25);
}

static void
unseen_words_are_listed_once_and_sorted(void **state)
{
	(void)state;
	static const char *const words[] = {"z", NULL, "b", "a", "z", "", "b"};
	static const char *const domain[] = {"b", "c", "b"};
	const char *unseen[7];
	struct dataquality counts = {0};
	assert_int_equal(dataquality_of_words(&counts, words, 7, domain, 3, unseen), 3);
	assert_string_equal(unseen[0], "");
	assert_string_equal(unseen[1], "a");
	assert_string_equal(unseen[2], "z");
	assert_int_equal(counts.n, 7);
	assert_int_equal(counts.null, 1);
	assert_int_equal(counts.unseen, 4);
	struct dataquality none = {0};
	assert_int_equal(dataquality_of_words(&none, NULL, 0, NULL, 0, NULL), 0);
	assert_int_equal(none.n, 0);
	assert_int_equal(dataquality_of_words(&none, words, 7, NULL, 0, NULL), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hdr_refuses_layouts_that_are_none),
	    cmocka_unit_test(every_recorded_value_comes_back_to_its_digits),
	    cmocka_unit_test(hdr_refuses_what_does_not_fit_and_counts_what_waited),
	    cmocka_unit_test(a_ddsketch_quantile_is_within_alpha),
	    cmocka_unit_test(ddsketches_merge_to_the_same_in_any_order),
	    cmocka_unit_test(a_bounded_ddsketch_keeps_its_upper_quantiles),
	    cmocka_unit_test(a_tdigest_is_near_and_nearest_at_the_tails),
	    cmocka_unit_test(a_tdigest_of_few_values_is_exact_and_rises),
	    cmocka_unit_test(merged_tdigests_answer_as_one),
	    cmocka_unit_test(data_quality_counts_merge_and_share),
	    cmocka_unit_test(unseen_words_are_listed_once_and_sorted),
	};
	rng_seed(&rng, 20261121, 8);
	return cmocka_run_group_tests_name("sketches", tests, NULL, NULL);
}
