/* compat_verdict.c: which test another tool chooses, and when it calls the result a drift. */
#include <math.h>

#include "core/stats/compat.h"
#include "core/stats/divergence.h"
#include "core/stats/moments.h"
#include "core/stats/tests.h"
#include "core/stats/wasserstein.h"

/* Evidently tests up to this many reference rows and measures a distance beyond. */
#define EVIDENTLY_SMALL 1000
#define EVIDENTLY_FEW 5
#define EVIDENTLY_P 0.05
#define DISTANCE 0.1
/* scipy's ks_2samp is exact up to this many rows on either side. */
#define SCIPY_EXACT 10000
/* Deequ's constant, for alpha 0.003. */
#define DEEQU_C 1.8
/* sqrt(ln 2): a distance to base 2 times this is one to base e. */
#define TO_BASE_E 0.83255461115769775635

static const struct compat_verdict undefined = {"", NAN, NAN, false, -1};

static struct compat_verdict
p_verdict(const char *test, double p)
{
	struct compat_verdict verdict = {test, p, EVIDENTLY_P, true, -1};
	if (!isnan(p))
		verdict.drifted = p < EVIDENTLY_P;
	return verdict;
}

static struct compat_verdict
distance_verdict(const char *test, double distance)
{
	struct compat_verdict verdict = {test, distance, DISTANCE, false, -1};
	if (!isnan(distance))
		verdict.drifted = distance >= DISTANCE;
	return verdict;
}

static size_t
count_used(const double *reference, const double *current, size_t categories)
{
	size_t used = 0;
	for (size_t i = 0; i < categories; i++)
		used += reference[i] + current[i] > 0;
	return used;
}

static double
total_of(const double *counts, size_t categories)
{
	double total = 0;
	for (size_t i = 0; i < categories; i++)
		total += counts[i];
	return total;
}

/* Evidently on a category a bin, at most three of which it tests otherwise than more. */
static struct compat_verdict
evidently_counts(const double *reference, const double *current, size_t categories)
{
	double n = total_of(reference, categories), m = total_of(current, categories);
	if (n > EVIDENTLY_SMALL)
		return distance_verdict("jensenshannon",
		    TO_BASE_E * divergence_js_distance(reference, current, categories));
	if (count_used(reference, current, categories) > 2)
		return p_verdict(
		    "chisquare", test_chi2_fit(reference, current, categories).p_value);
	size_t first = 0;
	while (first + 1 < categories && reference[first] + current[first] == 0)
		first++;
	if (categories == 0)
		return p_verdict("z", NAN);
	return p_verdict("z", test_proportions(reference[first], n, current[first], m).p_value);
}

static struct compat_verdict
evidently_ks(const double *reference, size_t n, const double *current, size_t m)
{
	double d = test_ks(reference, n, current, m).statistic;
	double p =
	    m <= SCIPY_EXACT ? test_ks_exact_p(d, n, m) : test_ks_asymp_p(d, (double)n, (double)m);
	struct compat_verdict verdict = p_verdict("ks", p);
	verdict.drifted = p <= EVIDENTLY_P; /* where its other tests say less */
	return verdict;
}

/* Are there more than `limit` distinct values in both sorted samples together? */
static bool
has_more_values(const double *a, size_t n, const double *b, size_t m, size_t limit)
{
	size_t distinct = 0;
	double last = NAN;
	for (size_t i = 0, j = 0; (i < n || j < m) && distinct <= limit;) {
		bool from_a = j == m || (i < n && a[i] <= b[j]);
		double value = from_a ? a[i++] : b[j++];
		distinct += value != last;
		last = value;
	}
	return distinct > limit;
}

static struct compat_verdict
evidently_numeric(const double *reference, size_t n, const double *current, size_t m)
{
	if (has_more_values(reference, n, current, m, EVIDENTLY_FEW)) {
		if (n <= EVIDENTLY_SMALL)
			return evidently_ks(reference, n, current, m);
		return distance_verdict(
		    "wasserstein", wasserstein_normed(wasserstein(reference, n, current, m),
				       moments_of(reference, n).deviation));
	}
	struct compat_bins bins;
	compat_bins_evidently(&bins, reference, n, current, m);
	struct compat_verdict verdict = evidently_counts(bins.reference, bins.current, bins.count);
	compat_bins_free(&bins);
	return verdict;
}

/* NannyML's limit comes of chunks of the reference (compat_sd_threshold), which are not here. */
static struct compat_verdict
nannyml_verdict(double distance)
{
	return (struct compat_verdict){"jensen_shannon", distance, NAN, false, -1};
}

static struct compat_verdict
sagemaker_verdict(double linf, double n, double m)
{
	double distance = divergence_linf_robust(linf, n, m, DEEQU_C);
	struct compat_verdict verdict = distance_verdict("LInfinity", distance);
	if (!isnan(distance))
		verdict.drifted = distance > DISTANCE;
	return verdict;
}

struct compat_verdict
compat_numeric(
    enum compat_tool tool, const double *reference, size_t n, const double *current, size_t m)
{
	struct compat_bins bins;
	struct compat_verdict verdict = undefined;
	if (n == 0 || m == 0)
		return undefined;
	switch (tool) {
	case COMPAT_EVIDENTLY:
		return evidently_numeric(reference, n, current, m);
	case COMPAT_NANNYML:
		compat_bins_nannyml(&bins, reference, n, current, m);
		verdict = nannyml_verdict(compat_bins_js_distance(&bins));
		compat_bins_free(&bins);
		return verdict;
	case COMPAT_SAGEMAKER:
		return sagemaker_verdict(
		    test_ks(reference, n, current, m).statistic, (double)n, (double)m);
	case COMPAT_NONE:
		break;
	}
	return undefined;
}

struct compat_verdict
compat_categorical(
    enum compat_tool tool, const double *reference, const double *current, size_t categories)
{
	switch (tool) {
	case COMPAT_EVIDENTLY:
		return evidently_counts(reference, current, categories);
	case COMPAT_NANNYML:
		return nannyml_verdict(divergence_js_distance(reference, current, categories));
	case COMPAT_SAGEMAKER:
		return sagemaker_verdict(divergence_linf(reference, current, categories),
		    total_of(reference, categories), total_of(current, categories));
	case COMPAT_NONE:
		break;
	}
	return undefined;
}
