#include "core/service/scenario.h"

#include <math.h>
#include <string.h>

static const char *const names[] = {
    [SCENARIO_CALM] = "calm",
    [SCENARIO_DRIFT] = "drift",
    [SCENARIO_BAD_DEPLOY] = "bad-deploy",
    [SCENARIO_LATENCY] = "latency",
    [SCENARIO_OUTAGE] = "outage",
    [SCENARIO_LABEL_LAG] = "label-lag",
    [SCENARIOS] = NULL,
};

/* Labels stay away long enough for most of the demo's quality window to be without. */
static const double slow_s = 120, lag_s = 300, outage_s = 30, ramp_s = 35, drift_peak = 1.6;

bool
scenario_find(const char *name, enum scenario *scenario)
{
	for (int i = 0; i < SCENARIOS; i++) {
		if (strcmp(names[i], name) == 0) {
			*scenario = (enum scenario)i;
			return true;
		}
	}
	return false;
}

const char *const *
scenario_names(void)
{
	return names;
}

static bool
during(double t, double seconds)
{
	return t >= SCENARIO_BEGIN && t < SCENARIO_BEGIN + seconds;
}

double
scenario_drift(enum scenario scenario, double t)
{
	if (scenario != SCENARIO_DRIFT)
		return 0;
	return drift_peak * fmin(fmax((t - SCENARIO_BEGIN) / ramp_s, 0), 1);
}

double
scenario_delay_ms(enum scenario scenario, double t, size_t place, struct rng *rng)
{
	static const double medians[] = {9, 10, 12};
	double ms = rng_lognormal(rng, medians[place % 3], 0.35);
	if (rng_uniform(rng) < 0.01) /* a pause now and then */
		ms *= 3;
	if (scenario == SCENARIO_LATENCY && place == SCENARIO_US && during(t, slow_s))
		ms *= rng_lognormal(rng, 14, 0.5);
	return ms;
}

double
scenario_label_factor(enum scenario scenario, double t)
{
	return scenario == SCENARIO_LABEL_LAG && during(t, lag_s) ? 20 : 1;
}

bool
scenario_deployed(enum scenario scenario, double t)
{
	return scenario == SCENARIO_BAD_DEPLOY && t >= SCENARIO_BEGIN;
}

bool
scenario_down(enum scenario scenario, double t)
{
	return scenario == SCENARIO_OUTAGE && during(t, outage_s);
}
