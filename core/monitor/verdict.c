/* verdict.c: the rule of verdict.h, and its reasons in words. */
#include "core/monitor/verdict.h"

#include <math.h>
#include <stdio.h>

#include "core/base/text.h"
#include "core/stats/dist.h"
#include "core/stats/tests.h"

/* How many times off a rate is. */
#define RATE_WARNING 1.5
#define RATE_CRITICAL 2.0

struct verdict_limits
verdict_limits_score(const struct config *config)
{
	return (struct verdict_limits){.warning = config->score_psi_warning,
	    .critical = config->score_psi_critical,
	    .alpha = config->alpha,
	    .min_samples = (uint64_t)config->min_samples};
}

struct verdict_limits
verdict_limits_feature(const struct config *config, const struct config_feature *own)
{
	struct verdict_limits limits = {.warning = config->psi_warning,
	    .critical = config->psi_critical,
	    .alpha = config->alpha,
	    .min_samples = (uint64_t)config->min_samples};
	if (own == NULL)
		return limits;
	if (!isnan(own->warning))
		limits.warning = own->warning;
	if (!isnan(own->critical))
		limits.critical = own->critical;
	if (own->min_samples > 0)
		limits.min_samples = (uint64_t)own->min_samples;
	return limits;
}

static bool
too_few(const struct verdict_evidence *evidence, const struct verdict_limits *limits)
{
	return evidence->n_current < limits->min_samples ||
	       !(evidence->n_reference >= (double)limits->min_samples);
}

double
verdict_p(const struct verdict_evidence *evidence, const struct verdict_limits *limits)
{
	if (too_few(evidence, limits))
		return NAN;
	if (isnan(evidence->p_chi2) || isnan(evidence->p_ks))
		return isnan(evidence->p_chi2) ? evidence->p_ks : evidence->p_chi2;
	return fmin(1, 2 * fmin(evidence->p_chi2, evidence->p_ks));
}

static bool
is_significant(
    const struct verdict_evidence *evidence, double p_adjusted, const struct verdict_limits *limits)
{
	return p_adjusted <= limits->alpha && evidence->psi > evidence->null_level;
}

enum severity
verdict_of(
    const struct verdict_evidence *evidence, double p_adjusted, const struct verdict_limits *limits)
{
	if (too_few(evidence, limits) || isnan(evidence->psi))
		return SEVERITY_INSUFFICIENT;
	if (evidence->psi < fmin(limits->warning, limits->critical))
		return SEVERITY_OK;
	if (isnan(p_adjusted) || isnan(evidence->null_level))
		return SEVERITY_INSUFFICIENT;
	if (!is_significant(evidence, p_adjusted, limits))
		return SEVERITY_OK;
	return evidence->psi >= limits->critical ? SEVERITY_CRITICAL : SEVERITY_WARNING;
}

static size_t
count_reaching(const enum severity *windows, size_t count, enum severity severity)
{
	size_t reaching = 0;
	for (size_t i = 0; i < count; i++)
		reaching += windows[i] >= severity;
	return reaching;
}

enum severity
verdict_confirmed(const enum severity *windows, size_t count, unsigned confirm)
{
	if (count == 0 || windows[0] == SEVERITY_INSUFFICIENT)
		return SEVERITY_INSUFFICIENT;
	if (confirm == 0)
		confirm = 1;
	if (count_reaching(windows, count, SEVERITY_CRITICAL) >= confirm)
		return SEVERITY_CRITICAL;
	if (count_reaching(windows, count, SEVERITY_WARNING) >= confirm)
		return SEVERITY_WARNING;
	return SEVERITY_OK;
}

enum severity
verdict_nulls(uint64_t missing_reference, uint64_t n_reference, uint64_t missing_current,
    uint64_t n_current, double alpha, double rise, double most, uint64_t min_samples)
{
	if (n_reference == 0 || n_current == 0 || n_reference < min_samples ||
	    n_current < min_samples)
		return SEVERITY_INSUFFICIENT;
	double n = (double)n_reference, m = (double)n_current;
	double before = (double)missing_reference / n, now = (double)missing_current / m;
	double p =
	    test_proportions((double)missing_reference, n, (double)missing_current, m).p_value;
	if (!(now > before) || now - before < rise - 1e-12 || !(p <= alpha))
		return SEVERITY_OK;
	return now > most ? SEVERITY_CRITICAL : SEVERITY_WARNING;
}

enum severity
verdict_rate(double reference, double n_reference, double current, uint64_t n_current, double p,
    double alpha, uint64_t min_samples, char *dst, size_t size)
{
	double times = current > reference ? current / reference : reference / current;
	bool large = times >= RATE_WARNING, surely = p <= alpha;
	char have[32], want[32];
	if (n_current < min_samples || !(n_reference >= (double)min_samples)) {
		bool few = n_current < min_samples;
		snprintf(dst, size, "too few to judge: %s of the %s needed%s",
		    text_grouped(have, few ? (double)n_current : floor(n_reference)),
		    text_grouped(want, (double)min_samples), few ? "" : " in the reference");
		return SEVERITY_INSUFFICIENT;
	}
	snprintf(dst, size, "%.3g %% flagged, %.3g %% in the reference%s", 100 * current,
	    100 * reference,
	    !surely  ? "; not significant"
	    : !large ? "; significant, but small"
		     : "");
	if (!surely || !large)
		return SEVERITY_OK;
	return times >= RATE_CRITICAL ? SEVERITY_CRITICAL : SEVERITY_WARNING;
}

double
verdict_false_alarm(const struct verdict_limits *limits, size_t bins, double n_reference,
    double n_current, size_t columns)
{
	double least = (double)limits->min_samples;
	if (bins < 2 || columns == 0 || !(n_reference > 0 && n_current > 0) ||
	    n_reference < least || n_current < least)
		return 0;
	double floor = fmin(limits->warning, limits->critical);
	double chance = dist_chi2_sf(floor / (1 / n_reference + 1 / n_current), (double)(bins - 1));
	return fmin(chance, limits->alpha / (double)columns);
}

/* --- in words --- */

static void
put_effect(const struct verdict_evidence *evidence, char *dst, size_t size)
{
	char n[32];
	double times = evidence->psi / evidence->null_level;
	if (evidence->n_current == 0) {
		text_copy(dst, size, "no value in the window");
		return;
	}
	if (isnan(evidence->psi)) {
		text_append(dst, size, "not comparable at n = %s",
		    text_grouped(n, (double)evidence->n_current));
		return;
	}
	text_append(dst, size, "PSI %.*f, ", evidence->psi < 0.01 ? 3 : 2, evidence->psi);
	if (isnan(times))
		text_append(dst, size, "what chance gives is unknown");
	else if (times <= 1)
		text_append(dst, size, "within what chance gives");
	else if (times < 9.95)
		text_append(dst, size, "%.1f times what chance gives", times);
	else
		text_append(dst, size, "%s times what chance gives", text_grouped(n, times));
	text_append(dst, size, " at n = %s", text_grouped(n, (double)evidence->n_current));
}

static void
put_lack(const struct verdict_evidence *evidence, const struct verdict_limits *limits, char *dst,
    size_t size)
{
	char have[32], want[32];
	bool current = evidence->n_current < limits->min_samples;
	double n = current ? (double)evidence->n_current : floor(evidence->n_reference);
	text_append(dst, size, "; too few to judge: %s of the %s needed%s",
	    text_grouped(have, isnan(n) ? 0 : n), text_grouped(want, (double)limits->min_samples),
	    current ? "" : " in the reference");
}

void
verdict_words(const struct verdict_evidence *evidence, double p_adjusted,
    const struct verdict_limits *limits, const enum severity *windows, size_t count,
    unsigned confirm, char *dst, size_t size)
{
	dst[0] = '\0';
	put_effect(evidence, dst, size);
	if (evidence->n_current == 0)
		return;
	if (too_few(evidence, limits)) {
		put_lack(evidence, limits, dst, size);
		return;
	}
	if (isnan(evidence->psi))
		return;
	enum severity now = verdict_of(evidence, p_adjusted, limits);
	enum severity confirmed = verdict_confirmed(windows, count, confirm);
	bool large = evidence->psi >= fmin(limits->warning, limits->critical);
	size_t alarms = count_reaching(windows, count, SEVERITY_WARNING);
	if (now == SEVERITY_INSUFFICIENT)
		text_append(dst, size, "; no test to judge it by");
	else if (large && now == SEVERITY_OK)
		text_append(dst, size, "; not significant (p %.2g)", p_adjusted);
	else if (now == SEVERITY_OK && is_significant(evidence, p_adjusted, limits))
		text_append(dst, size, "; significant, but small");
	else if (now == SEVERITY_OK && evidence->p_ks <= limits->alpha &&
		 p_adjusted <= limits->alpha)
		text_append(dst, size, "; it moved within a bin of PSI, says KS");
	if (now >= SEVERITY_WARNING && confirmed < SEVERITY_WARNING)
		text_append(dst, size, "; over in %zu of %zu windows, alarms at %u", alarms, count,
		    confirm);
	else if (now < SEVERITY_WARNING && confirmed >= SEVERITY_WARNING)
		text_append(dst, size, "; over in %zu of %zu windows", alarms, count);
}
