/* drift.c: two samples: KS, Anderson-Darling, Wasserstein, PSI and its kin over bins made from the
 * reference, and what other tools would compute. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/stats/bins.h"
#include "core/stats/compat.h"
#include "core/stats/divergence.h"
#include "core/stats/moments.h"
#include "core/stats/sort.h"
#include "core/stats/tests.h"
#include "core/stats/wasserstein.h"
#include "tests/support/vectors/vectors.h"

static void
run_ks(struct vector *v)
{
	struct sample ref = sample_finite(v, "ref"), cur = sample_finite(v, "cur");
	double n = (double)ref.count, m = (double)cur.count;
	double d = test_ks(ref.values, ref.count, cur.values, cur.count).statistic;
	vector_check(v, "n", n);
	vector_check(v, "m", m);
	vector_check(v, "statistic", d);
	if (vector_wants(v, "pvalue_exact"))
		vector_check(v, "pvalue_exact", test_ks_exact_p(d, ref.count, cur.count));
	if (vector_wants(v, "pvalue_asymp"))
		vector_check(v, "pvalue_asymp", test_ks_asymp_p(d, n, m));
	vector_check(v, "pvalue_limit", test_ks_limit_p(d, n, m));
	vector_check(v, "pvalue_stephens", test_ks_stephens_p(d, n, m));
	free(ref.values);
	free(cur.values);
}

static void
run_anderson(struct vector *v)
{
	const cJSON *samples = vector_input(v, "samples"), *one;
	size_t k = (size_t)cJSON_GetArraySize(samples), i = 0;
	double **values = mem_alloc((k + 1) * sizeof(*values)), critical[7];
	size_t *sizes = mem_alloc((k + 1) * sizeof(*sizes));
	cJSON_ArrayForEach(one, samples)
	{
		struct sample sample = {0};
		size_t kept = 0;
		sample_read(v, &sample, NULL, one);
		for (size_t j = 0; j < sample.count; j++) {
			if (isfinite(sample.values[j]))
				sample.values[kept++] = sample.values[j];
		}
		sort_doubles(sample.values, kept);
		values[i] = sample.values;
		sizes[i++] = kept;
	}
	const cJSON *midrank = vector_param(v, "midrank");
	struct test_result test = test_anderson((const double *const *)values, sizes, k,
	    midrank == NULL || cJSON_IsTrue(midrank), critical);
	vector_check(v, "statistic", test.statistic);
	vector_check(v, "pvalue", test.p_value);
	vector_check_list(v, "critical_values", critical, 7);
	for (i = 0; i < k; i++)
		free(values[i]);
	free(values);
	free(sizes);
}

struct weighted {
	double value, weight;
};

static int
compare_weighted(const void *a, const void *b)
{
	double left = ((const struct weighted *)a)->value;
	double right = ((const struct weighted *)b)->value;
	return (left > right) - (left < right);
}

/* Sorts a sample and its weights by value; no weights: all 1. */
static void
sort_weighted(struct sample *values, struct sample *weights)
{
	struct weighted *pairs = mem_alloc((values->count + 1) * sizeof(*pairs));
	for (size_t i = 0; i < values->count; i++)
		pairs[i] = (struct weighted){
		    values->values[i], i < weights->count ? weights->values[i] : 1};
	qsort(pairs, values->count, sizeof(*pairs), compare_weighted);
	weights->count = 0;
	for (size_t i = 0; i < values->count; i++) {
		values->values[i] = pairs[i].value;
		sample_add(weights, pairs[i].weight);
	}
	free(pairs);
}

static double
weighted_distance(struct vector *v)
{
	struct sample ref = sample_input(v, "ref"), cur = sample_input(v, "cur");
	struct sample ref_w = {0}, cur_w = {0};
	if (vector_item(v->inputs, "ref_w") != NULL)
		ref_w = sample_input(v, "ref_w");
	if (vector_item(v->inputs, "cur_w") != NULL)
		cur_w = sample_input(v, "cur_w");
	sort_weighted(&ref, &ref_w);
	sort_weighted(&cur, &cur_w);
	double distance = wasserstein_weighted(
	    ref.values, ref_w.values, ref.count, cur.values, cur_w.values, cur.count);
	free(ref.values);
	free(cur.values);
	free(ref_w.values);
	free(cur_w.values);
	return distance;
}

static void
run_wasserstein(struct vector *v)
{
	struct sample ref = sample_finite(v, "ref"), cur = sample_finite(v, "cur");
	bool weighted =
	    vector_item(v->inputs, "ref_w") != NULL || vector_item(v->inputs, "cur_w") != NULL;
	double distance = weighted ? weighted_distance(v)
				   : wasserstein(ref.values, ref.count, cur.values, cur.count);
	double deviation = moments_of(ref.values, ref.count).deviation;
	vector_check(v, "distance", distance);
	vector_check(v, "ref_std_pop", deviation);
	vector_check(v, "distance_normed", wasserstein_normed(distance, deviation));
	free(ref.values);
	free(cur.values);
}

/* --- distances over bins --- */

static void
check_distances(struct vector *v, const double *ref, const double *cur, size_t bins)
{
	vector_check(v, "psi_jeffreys", divergence_psi(ref, cur, bins, ZERO_JEFFREYS));
	vector_check(v, "psi_floor:1e-4", divergence_psi(ref, cur, bins, ZERO_FLOOR));
	vector_check(v, "psi_evidently", divergence_psi(ref, cur, bins, ZERO_EVIDENTLY));
	vector_check(v, "psi_none", divergence_psi(ref, cur, bins, ZERO_NONE));
	vector_check(v, "js_distance_2", divergence_js_distance(ref, cur, bins));
	vector_check(v, "js_distance_e", sqrt(divergence_js(ref, cur, bins)));
	vector_check(v, "hellinger", divergence_hellinger(ref, cur, bins));
	vector_check(v, "linf", divergence_linf(ref, cur, bins));
	vector_check(v, "tvd", divergence_tvd(ref, cur, bins));
}

/* Counts both samples over bins whose PSI bins are the fine ones, as the live windows do. */
static void
check_binned(
    struct vector *v, const struct bins *bins, const struct sample *ref, const struct sample *cur)
{
	const struct sample *sides[] = {ref, cur};
	uint64_t *counts[2];
	double *shares[2];
	for (size_t side = 0; side < 2; side++) {
		counts[side] = mem_alloc(bins->count * sizeof(**counts));
		shares[side] = mem_alloc(bins->count * sizeof(**shares));
		for (size_t i = 0; i < sides[side]->count; i++)
			counts[side][bins_find_number(bins, sides[side]->values[i])]++;
	}
	size_t used = bins_in_use(bins, counts[0], counts[1]);
	for (size_t i = 0; i < 2 * bins->count; i++)
		shares[i % 2][i / 2] = (double)counts[i % 2][i / 2];
	vector_check_list(v, "ref_counts", shares[0], used);
	vector_check_list(v, "cur_counts", shares[1], used);
	check_distances(v, shares[0], shares[1], used);
	for (size_t side = 0; side < 2; side++) {
		free(counts[side]);
		free(shares[side]);
	}
}

/* Room for parts - 1 edges. */
static size_t
make_edges(
    struct vector *v, const char *rule, const struct sample *ref, size_t parts, double *edges)
{
	if (strcmp(rule, "quantile") == 0)
		return bins_quantile_edges(edges, ref->values, ref->count, parts);
	if (strcmp(rule, "width") == 0)
		return bins_width_edges(edges, ref->values[0], ref->values[ref->count - 1], parts);
	vector_fault(v, "unknown rule %s", rule);
	return 0;
}

static void
run_psi_samples(struct vector *v)
{
	struct sample ref = sample_finite(v, "ref"), cur = sample_finite(v, "cur"), given = {0};
	const char *rule = vector_param_text(v, "rule", "quantile");
	double parts = vector_param_number(v, "bins", 10);
	struct bins bins;
	bool empty = ref.count == 0 || cur.count == 0, good = parts >= 1 && parts <= 100000;
	if (!good) {
		vector_fault(v, "%g bins", parts);
	} else if (empty) {
		check_distances(v, NULL, NULL, 0);
	} else if (strcmp(rule, "edges") == 0) { /* given, for want of a param, as expected */
		const cJSON *edges = vector_param(v, "edges");
		sample_read(
		    v, &given, NULL, edges != NULL ? edges : vector_item(v->expected, "edges"));
	} else {
		given.values = mem_alloc(((size_t)parts + 1) * sizeof(double));
		given.count = make_edges(v, rule, &ref, (size_t)parts, given.values);
	}
	if (good && !empty) {
		vector_check_list(v, "edges", given.values, given.count);
		bins_from_edges(&bins, given.values, given.count);
		bins_set_coarse(&bins, given.values, given.count);
		check_binned(v, &bins, &ref, &cur);
		bins_free(&bins);
	}
	free(ref.values);
	free(cur.values);
	free(given.values);
}

static void
make_value_bins(struct bins *bins, const struct sample *sorted)
{
	struct sample different = {0};
	for (size_t i = 0; i < sorted->count; i++) {
		if (i == 0 || sorted->values[i] != sorted->values[i - 1])
			sample_add(&different, sorted->values[i]);
	}
	bins_from_values(bins, different.values, different.count);
	free(different.values);
}

static void
run_psi_values(struct vector *v)
{
	struct sample ref = sample_finite(v, "ref"), cur = sample_finite(v, "cur");
	struct bins bins;
	if (ref.count == 0) {
		check_distances(v, NULL, NULL, 0);
	} else {
		bins_from_numbers(&bins, ref.values, ref.count);
		if (bins.kind != BINS_VALUES) { /* more than core gives a bin each by itself */
			bins_free(&bins);
			make_value_bins(&bins, &ref);
		}
		vector_check_list(v, "values", bins.edges, bins.count - 1);
		check_binned(v, &bins, &ref, &cur);
		bins_free(&bins);
	}
	free(ref.values);
	free(cur.values);
}

/* --- as other tools do --- */

static void
run_evidently(struct vector *v)
{
	struct sample ref = sample_finite(v, "ref"), cur = sample_finite(v, "cur");
	struct compat_bins bins;
	compat_bins_evidently(&bins, ref.values, ref.count, cur.values, cur.count);
	/* Of a bin a value the last edge is there twice. */
	bool values = bins.count > 0 && bins.edges[bins.count] == bins.edges[bins.count - 1];
	vector_check_text(v, "binning", values ? "values" : "sturges");
	vector_check(v, "n_bins", (double)bins.count);
	vector_check(v, "first_edge", bins.count > 0 ? bins.edges[0] : NAN);
	vector_check(v, "last_edge", bins.count > 0 ? bins.edges[bins.count] : NAN);
	vector_check_list(v, "ref_counts", bins.reference, bins.count);
	vector_check_list(v, "cur_counts", bins.current, bins.count);
	vector_check(
	    v, "psi", divergence_psi(bins.reference, bins.current, bins.count, ZERO_EVIDENTLY));
	vector_check(
	    v, "kl_div", divergence_kl(bins.reference, bins.current, bins.count, ZERO_EVIDENTLY));
	vector_check(
	    v, "jensenshannon", sqrt(divergence_js(bins.reference, bins.current, bins.count)));
	vector_check(
	    v, "hellinger", divergence_hellinger(bins.reference, bins.current, bins.count));
	compat_bins_free(&bins);
	free(ref.values);
	free(cur.values);
}

static void
run_nannyml(struct vector *v)
{
	struct sample ref = sample_finite(v, "ref"), cur = sample_finite(v, "cur");
	struct compat_bins bins;
	vector_param_is(v, "log_base", 2);
	compat_bins_nannyml(&bins, ref.values, ref.count, cur.values, cur.count);
	vector_check(v, "n_bins", (double)bins.count);
	vector_check_list(v, "ref_counts", bins.reference, bins.count);
	vector_check_list(v, "cur_counts", bins.current, bins.count);
	vector_check(v, "cur_leftover", bins.current_outside);
	vector_check(v, "jensen_shannon", compat_bins_js_distance(&bins));
	vector_check(v, "hellinger", compat_bins_hellinger(&bins));
	compat_bins_free(&bins);
	free(ref.values);
	free(cur.values);
}

const struct vector_metric vectors_of_drift[] = {
    {"ks_2samp", run_ks},
    {"anderson_ksamp", run_anderson},
    {"wasserstein", run_wasserstein},
    {"psi_samples", run_psi_samples},
    {"psi_values", run_psi_values},
    {"evidently_num", run_evidently},
    {"nannyml_num", run_nannyml},
    {NULL, NULL},
};
