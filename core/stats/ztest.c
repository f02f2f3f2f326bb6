/* ztest.c: the two-sample z-test on proportions (METRICS.md 1.7). */
#include <math.h>

#include "core/stats/dist.h"
#include "core/stats/tests.h"

struct test_result
test_proportions(double k1, double n1, double k2, double n2)
{
	struct test_result test = {NAN, NAN, NAN, NAN, NAN};
	if (!(n1 > 0 && n2 > 0))
		return test;
	double pooled = (k1 + k2) / (n1 + n2);
	double variance = pooled * (1 - pooled) * (1 / n1 + 1 / n2);
	test.statistic = variance > 0 ? (k1 / n1 - k2 / n2) / sqrt(variance) : 0;
	test.p_value = 2 * dist_normal_sf(fabs(test.statistic));
	return test;
}
