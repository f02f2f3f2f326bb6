/* payments.c: the payment simulator gives the same town twice, 1 to 2 % fraud, and drifts where it
 * says. */
#include "core/service/payments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

enum { ROWS = 20000, BINS = 10 };

static struct payment *
make_payments(uint64_t seed, uint64_t stream, double drift)
{
	struct payment *list = mem_alloc(ROWS * sizeof(*list));
	struct payments *payments = payments_new(seed, stream);
	payments_set_drift(payments, drift);
	for (int i = 0; i < ROWS; i++)
		payments_next(payments, &list[i]);
	payments_free(payments);
	return list;
}

static bool
same_number(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static size_t
take_feature(const struct payment *list, int feature, double *values)
{
	size_t n = 0;
	for (int i = 0; i < ROWS; i++) {
		if (!isnan(list[i].values[feature]))
			values[n++] = list[i].values[feature];
	}
	qsort(values, n, sizeof(*values), compare);
	return n;
}

/* PSI over deciles of the reference, equal edges merged (METRICS.md 1.2), written here once more so
 * that the simulator is not judged by the code that the dashboard uses. */
static double
psi(const struct payment *reference, const struct payment *current, int feature)
{
	static double r[ROWS], c[ROWS];
	size_t n = take_feature(reference, feature, r), m = take_feature(current, feature, c);
	double edges[BINS], sum = 0;
	int count = 0;
	for (int k = 1; k < BINS; k++) {
		double edge = r[n * (size_t)k / BINS];
		if (count == 0 || edge > edges[count - 1])
			edges[count++] = edge;
	}
	for (int bin = 0; bin <= count; bin++) {
		double in_r = 0.5, in_c = 0.5;
		double low = bin > 0 ? edges[bin - 1] : -INFINITY;
		double high = bin < count ? edges[bin] : INFINITY;
		for (size_t i = 0; i < n; i++)
			in_r += r[i] >= low && r[i] < high;
		for (size_t i = 0; i < m; i++)
			in_c += c[i] >= low && c[i] < high;
		double share_r = in_r / ((double)n + 0.5 * (count + 1));
		double share_c = in_c / ((double)m + 0.5 * (count + 1));
		sum += (share_c - share_r) * log(share_c / share_r);
	}
	return sum;
}

static void
the_same_seed_and_stream_give_the_same_payments(void **state)
{
	(void)state;
	struct payment *a = make_payments(7, 1, 0), *b = make_payments(7, 1, 0);
	for (int i = 0; i < ROWS; i++) {
		assert_string_equal(a[i].request_id, b[i].request_id);
		assert_int_equal(a[i].label, b[i].label);
		for (int f = 0; f < PAYMENT_FEATURES; f++)
			assert_true(same_number(a[i].values[f], b[i].values[f]));
	}
	free(a);
	free(b);
}

static void
another_seed_or_stream_gives_others(void **state)
{
	(void)state;
	struct payment *a = make_payments(7, 1, 0), *b = make_payments(7, 2, 0);
	struct payment *c = make_payments(8, 1, 0);
	int same = 0;
	for (int i = 0; i < ROWS; i++)
		same += strcmp(a[i].request_id, b[i].request_id) == 0 ||
			strcmp(a[i].request_id, c[i].request_id) == 0;
	assert_int_equal(same, 0);
	free(a);
	free(b);
	free(c);
}

static void
one_to_two_percent_are_fraud_of_every_pattern(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct payment *list = make_payments(seed, 0, 0);
		int patterns[PATTERN_FRIENDLY + 1] = {0}, frauds = 0;
		for (int i = 0; i < ROWS; i++) {
			patterns[list[i].pattern]++;
			frauds += list[i].label;
			assert_int_equal(list[i].label, list[i].pattern != PATTERN_ORDINARY);
		}
		assert_in_range(frauds, ROWS / 100, ROWS / 50);
		for (int p = PATTERN_CARD_TESTING; p <= PATTERN_FRIENDLY; p++)
			assert_true(patterns[p] >= 10);
		free(list);
	}
}

static void
every_value_is_one_that_a_service_may_log(void **state)
{
	(void)state;
	struct payment *list = make_payments(3, 0, 1);
	for (int i = 0; i < ROWS; i++) {
		const double *v = list[i].values;
		for (int f = 0; f < PAYMENT_FEATURES; f++) {
			if (f == PAYMENT_DEVICE_AGE_DAYS && isnan(v[f]))
				continue;
			assert_true(isfinite(v[f]) && v[f] >= 0);
		}
		assert_true(v[PAYMENT_HOUR_OF_DAY] < 24 && v[PAYMENT_AMOUNT] >= 0.5);
		assert_true(v[PAYMENT_TRANSACTIONS_24H] >= 1 && v[PAYMENT_MERCHANT_RISK] <= 1);
		assert_non_null(payment_category_name(&list[i]));
		assert_int_equal(strlen(list[i].request_id), 36);
	}
	free(list);
}

static void
calm_payments_do_not_drift_against_another_stream(void **state)
{
	(void)state;
	struct payment *a = make_payments(5, 0, 0), *b = make_payments(5, 1, 0);
	for (int f = 0; f < PAYMENT_FEATURES; f++)
		assert_true(psi(a, b, f) < 0.02);
	free(a);
	free(b);
}

static void
a_drift_shifts_exactly_two_features(void **state)
{
	(void)state;
	struct payment *calm = make_payments(5, 1, 0), *drifted = make_payments(5, 1, 1);
	struct payment *reference = make_payments(5, 0, 0);
	for (int f = 0; f < PAYMENT_FEATURES; f++) {
		if (f == PAYMENT_AMOUNT || f == PAYMENT_TRANSACTIONS_24H) {
			assert_true(psi(reference, drifted, f) > 0.2);
			continue;
		}
		for (int i = 0; i < ROWS; i++)
			assert_true(same_number(calm[i].values[f], drifted[i].values[f]));
	}
	for (int i = 0; i < ROWS; i++)
		assert_int_equal(calm[i].label, drifted[i].label);
	free(calm);
	free(drifted);
	free(reference);
}

static void
a_stronger_drift_is_a_larger_psi(void **state)
{
	(void)state;
	struct payment *reference = make_payments(5, 0, 0);
	double before_amount = 0, before_count = 0;
	for (int step = 1; step <= 3; step++) {
		struct payment *list = make_payments(5, 1, step / 3.0);
		double amount = psi(reference, list, PAYMENT_AMOUNT);
		double count = psi(reference, list, PAYMENT_TRANSACTIONS_24H);
		assert_true(amount > before_amount && count > before_count);
		before_amount = amount;
		before_count = count;
		free(list);
	}
	free(reference);
}

static void
a_missing_value_is_null_in_json_and_empty_in_csv(void **state)
{
	(void)state;
	struct payment payment = {.request_id = "x", .segment = "retail", .label = 1};
	struct buf out = {0};
	payment.values[PAYMENT_DEVICE_AGE_DAYS] = NAN;
	payment.values[PAYMENT_AMOUNT] = 120.5;
	payment_write_request(&payment, 0, &out);
	assert_non_null(strstr(out.data, "\"device_age_days\":null"));
	assert_non_null(strstr(out.data, "\"amount\":120.5,\"merchant_category\":\"grocery\""));
	buf_clear(&out);
	payment_write_csv(&payment, &out);
	assert_string_equal(out.data, "x,0,ordinary,retail,120.5,grocery,0,0,0,0,0,0,0,,0,0,1\n");
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_same_seed_and_stream_give_the_same_payments),
	    cmocka_unit_test(another_seed_or_stream_gives_others),
	    cmocka_unit_test(one_to_two_percent_are_fraud_of_every_pattern),
	    cmocka_unit_test(every_value_is_one_that_a_service_may_log),
	    cmocka_unit_test(calm_payments_do_not_drift_against_another_stream),
	    cmocka_unit_test(a_drift_shifts_exactly_two_features),
	    cmocka_unit_test(a_stronger_drift_is_a_larger_psi),
	    cmocka_unit_test(a_missing_value_is_null_in_json_and_empty_in_csv),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
