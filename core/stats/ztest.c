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
	/* Of shares close to 1 what they leave is compared: 1 - share would lose it. */
	double n = n1 + n2, k = k1 + k2;
	double variance = k / n * ((n - k) / n) * (1 / n1 + 1 / n2);
	double gap = k <= n / 2 ? k1 / n1 - k2 / n2 : (n2 - k2) / n2 - (n1 - k1) / n1;
	test.statistic = variance > 0 ? gap / sqrt(variance) : 0;
	test.p_value = 2 * dist_normal_sf(fabs(test.statistic));
	return test;
}
