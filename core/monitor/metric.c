#include "core/monitor/metric.h"

#include <math.h>

#include "core/stats/proportion.h"

struct metric
metric_none(void)
{
	return (struct metric){.value = NAN, .low = NAN, .high = NAN, .state = METRIC_NONE};
}

struct metric
metric_ok(double value, uint64_t n)
{
	if (isnan(value))
		return metric_none();
	return (struct metric){.value = value, .low = NAN, .high = NAN, .n = n, .state = METRIC_OK};
}

bool
metric_known(const struct metric *metric)
{
	return metric->state != METRIC_NONE && !isnan(metric->value);
}

double
metric_or_nan(const struct metric *metric)
{
	return metric_known(metric) ? metric->value : NAN;
}

struct metric
metric_bounded(double value, double low, double high, uint64_t n)
{
	struct metric metric = metric_ok(value, n);
	metric.low = low;
	metric.high = high;
	return metric;
}

struct metric
metric_share(uint64_t k, uint64_t n)
{
	struct metric metric = n > 0 ? metric_ok((double)k / (double)n, n) : metric_none();
	struct interval interval = proportion_wilson(k, n);
	metric.low = interval.low;
	metric.high = interval.high;
	return metric;
}

const char *
metric_state_name(enum metric_state state)
{
	static const char *const names[] = {"none", "warming", "stale", "ok"};
	return names[state];
}

const char *
severity_name(enum severity severity)
{
	static const char *const names[] = {"insufficient", "ok", "warning", "critical"};
	return names[severity];
}

enum severity
severity_worse(enum severity a, enum severity b)
{
	return a > b ? a : b;
}
