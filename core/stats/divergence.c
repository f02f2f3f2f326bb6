/* divergence.c: see the header. Jensen-Shannon and Hellinger are summed in forms that do not
 * cancel, so that two all but equal histograms are at a distance of 1e-15 and not of 1e-8. */
#include "core/stats/divergence.h"

#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "core/stats/dist.h"

#define LN_2 0.69314718055994530942
#define FLOOR 1e-4

/* How the shares of one side are to be read. */
struct side {
	const double *counts;
	double added, total; /* share = (count + added) / total */
	double zero; /* what a share of 0 counts as */
};

static bool
open_side(struct side *side, const double *counts, size_t bins, enum zero_rule rule)
{
	double sum = 0, least = INFINITY;
	for (size_t i = 0; i < bins; i++) {
		sum += counts[i];
		if (counts[i] > 0)
			least = fmin(least, counts[i]);
	}
	*side = (struct side){.counts = counts, .total = sum};
	if (rule == ZERO_JEFFREYS) {
		side->added = 0.5;
		side->total += 0.5 * (double)bins;
	} else if (rule != ZERO_NONE) {
		bool tiny = rule == ZERO_EVIDENTLY && least / sum <= FLOOR;
		side->zero = tiny ? least / sum / 1e6 : FLOOR;
	}
	return sum > 0 && isfinite(sum);
}

static double
share(const struct side *side, size_t i)
{
	double value = (side->counts[i] + side->added) / side->total;
	return value == 0 ? side->zero : value;
}

/* Opens both sides; false where nothing can be said. */
static bool
open_sides(struct side sides[2], const double *reference, const double *current, size_t bins,
    enum zero_rule rule)
{
	return open_side(&sides[0], reference, bins, rule) &&
	       open_side(&sides[1], current, bins, rule);
}

double
divergence_psi(const double *reference, const double *current, size_t bins, enum zero_rule rule)
{
	struct side sides[2];
	if (!open_sides(sides, reference, current, bins, rule))
		return NAN;
	double psi = 0;
	for (size_t i = 0; i < bins; i++) {
		double r = share(&sides[0], i), c = share(&sides[1], i);
		if (r != c)
			psi += (c - r) * log(c / r);
	}
	return psi;
}

double
divergence_kl(const double *reference, const double *current, size_t bins, enum zero_rule rule)
{
	struct side sides[2];
	if (!open_sides(sides, reference, current, bins, rule))
		return NAN;
	/* Shares that a floor has raised no longer sum to 1. */
	double sum_r = 0, sum_c = 0, kl = 0;
	for (size_t i = 0; i < bins; i++) {
		sum_r += share(&sides[0], i);
		sum_c += share(&sides[1], i);
	}
	for (size_t i = 0; i < bins; i++) {
		double r = share(&sides[0], i) / sum_r, c = share(&sides[1], i) / sum_c;
		if (r > 0)
			kl += r * log(r / c);
	}
	return fmax(kl, 0);
}

double
divergence_js(const double *reference, const double *current, size_t bins)
{
	struct side sides[2];
	if (!open_sides(sides, reference, current, bins, ZERO_NONE))
		return NAN;
	double sum = 0;
	for (size_t i = 0; i < bins; i++) {
		double r = share(&sides[0], i), c = share(&sides[1], i);
		if (r == c)
			continue;
		/* r ln(r/mean) + c ln(c/mean), with r and c = mean (1 -+ tilt). */
		double mean = (r + c) / 2, tilt = fabs(c - r) / (r + c);
		sum += tilt < 1 ? mean * (2 * tilt * atanh(tilt) + log1p(-tilt * tilt))
				: mean * 2 * LN_2;
	}
	return fmin(sum / 2, LN_2);
}

double
divergence_js_distance(const double *reference, const double *current, size_t bins)
{
	return sqrt(divergence_js(reference, current, bins) / LN_2);
}

double
divergence_hellinger(const double *reference, const double *current, size_t bins)
{
	struct side sides[2];
	if (!open_sides(sides, reference, current, bins, ZERO_NONE))
		return NAN;
	double sum = 0;
	for (size_t i = 0; i < bins; i++) {
		double step = sqrt(share(&sides[0], i)) - sqrt(share(&sides[1], i));
		sum += step * step;
	}
	return fmin(sqrt(sum / 2), 1);
}

double
divergence_linf(const double *reference, const double *current, size_t bins)
{
	struct side sides[2];
	if (!open_sides(sides, reference, current, bins, ZERO_NONE))
		return NAN;
	double most = 0;
	for (size_t i = 0; i < bins; i++)
		most = fmax(most, fabs(share(&sides[0], i) - share(&sides[1], i)));
	return most;
}

double
divergence_tvd(const double *reference, const double *current, size_t bins)
{
	struct side sides[2];
	if (!open_sides(sides, reference, current, bins, ZERO_NONE))
		return NAN;
	double sum = 0;
	for (size_t i = 0; i < bins; i++)
		sum += fabs(share(&sides[0], i) - share(&sides[1], i));
	return fmin(sum / 2, 1);
}

double
divergence_linf_robust(double linf, double n, double m, double c)
{
	if (!(n > 0 && m > 0) || isnan(linf) || isnan(c))
		return NAN;
	return fmax(0, linf - c * sqrt((n + m) / (n * m)));
}

/* The 99 % quantile of chi-square. It is asked for at every point of every curve, and takes longer
 * than all the rest of it, so it is kept once it is known. */
static double
chi2_limit(size_t dof)
{
	static _Atomic double known[256]; /* 0: not yet */
	if (dof >= sizeof(known) / sizeof(known[0]))
		return dist_chi2_isf(0.01, (double)dof);
	double limit = atomic_load_explicit(&known[dof], memory_order_relaxed);
	if (limit == 0) {
		limit = dist_chi2_isf(0.01, (double)dof);
		atomic_store_explicit(&known[dof], limit, memory_order_relaxed);
	}
	return limit;
}

double
divergence_psi_null(double n_reference, double n_current, size_t bins)
{
	if (!(n_reference > 0 && n_current > 0) || bins < 2)
		return NAN;
	return (1 / n_reference + 1 / n_current) * chi2_limit(bins - 1);
}
