/* scrape.c: rates and quantiles of two scrapes, computed by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/poll/scrape.h"

#define DATA "../shared/data/prometheus"

static struct scrape *
scrape_text(const char *text, mono_us at)
{
	struct err err = {0};
	struct exposition *exposition =
	    exposition_parse(text, strlen(text), EXPOSITION_TEXT, scrape_wants, NULL, &err);
	if (exposition == NULL)
		fail_msg("%s", err.text);
	struct scrape *scrape = scrape_new(exposition, at);
	exposition_free(exposition);
	return scrape;
}

static struct scrape_rates
compare(const char *before, const char *now, int64_t us)
{
	struct scrape_rates rates;
	struct scrape *old = scrape_text(before, CLOCK_SECOND);
	struct scrape *new = scrape_text(now, CLOCK_SECOND + us);
	scrape_compare(old, new, &rates);
	scrape_free(old);
	scrape_free(new);
	return rates;
}

static void
expect(double got, double wanted)
{
	if (isnan(wanted) ? !isnan(got) : !(fabs(got - wanted) <= 1e-12 * fabs(wanted)))
		fail_msg("%.17g, not %.17g", got, wanted);
}

static void
counters_become_rates_of_the_scoring_endpoints(void **state)
{
	(void)state;
	struct scrape_rates rates =
	    compare("api_requests_total{endpoint=\"/predict\",method=\"POST\",status=\"200\"} 100\n"
		    "api_requests_total{endpoint=\"/predict\",method=\"POST\",status=\"422\"} 10\n"
		    "api_requests_total{endpoint=\"/predict\",method=\"POST\",status=\"500\"} 1\n"
		    "api_requests_total{endpoint=\"/health\",method=\"GET\",status=\"200\"} 1000\n",
		/* other order, labels too */
		"api_requests_total{endpoint=\"/health\",method=\"GET\",status=\"200\"} 2000\n"
		"api_requests_total{status=\"500\",endpoint=\"/predict\",method=\"POST\"} 2\n"
		"api_requests_total{endpoint=\"/predict\",method=\"POST\",status=\"422\"} 14\n"
		"api_requests_total{endpoint=\"/predict/batch\",method=\"POST\",status=\"200\"} 5\n"
		"api_requests_total{endpoint=\"/predict\",method=\"POST\",status=\"200\"} 110\n",
		2 * CLOCK_SECOND);
	expect(rates.requests, 20);
	expect(rates.rps, 10);
	expect(rates.error_rate, 0.05);
	expect(rates.rejected_rate, 0.2);
	assert_false(rates.quantiles);
	expect(rates.p50_ms, NAN);
}

static void
a_reset_is_seen_series_by_series(void **state)
{
	(void)state;
	struct scrape_rates rates =
	    compare("api_requests_total{endpoint=\"/predict\",status=\"200\"} 1000\n"
		    "api_requests_total{endpoint=\"/predict\",status=\"500\"} 3\n",
		"api_requests_total{endpoint=\"/predict\",status=\"200\"} 7\n"
		"api_requests_total{endpoint=\"/predict\",status=\"500\"} 3\n",
		CLOCK_SECOND);
	expect(rates.requests, 7);
	expect(rates.error_rate, 0);
}

static void
without_endpoint_labels_all_series_count(void **state)
{
	(void)state;
	struct scrape_rates rates = compare("http_requests_total{code=\"2xx\"} 5\n",
	    "http_requests_total{code=\"2xx\"} 8\nhttp_requests_total{code=\"5xx\"} 1\n",
	    CLOCK_SECOND);
	expect(rates.rps, 4);
	expect(rates.error_rate, 0.25);
	rates = compare("api_requests_total 5\n", "api_requests_total 9\n", CLOCK_SECOND);
	expect(rates.rps, 4);
	expect(rates.error_rate, NAN); /* nothing says how they ended */
	rates = compare("api_requests_total{status=\"success\"} 5\n"
			"api_requests_total{status=\"error\"} 5\n",
	    "api_requests_total{status=\"success\"} 8\napi_requests_total{status=\"error\"} 6\n",
	    CLOCK_SECOND);
	expect(rates.error_rate, 0.25);
}

static void
other_endpoints_alone_are_no_scoring(void **state)
{
	(void)state;
	struct scrape_rates rates =
	    compare("http_requests_total{path=\"/health\",status=\"200\"} 5\n",
		"http_requests_total{path=\"/health\",status=\"200\"} 9\n", CLOCK_SECOND);
	expect(rates.rps, 0);
	expect(rates.error_rate, NAN);
	/* A family that scores speaks before one that does not. */
	rates = compare("http_requests_total{path=\"/health\",status=\"200\"} 5\n"
			"request_predict_seconds_count{model=\"a\"} 5\n",
	    "http_requests_total{path=\"/health\",status=\"200\"} 9\n"
	    "request_predict_seconds_count{model=\"a\"} 6\n",
	    CLOCK_SECOND);
	expect(rates.rps, 1);
}

static void
quantiles_come_from_the_increase_of_the_buckets(void **state)
{
	(void)state;
	/* The increase is 50, 70, 110, 120: the example of Prometheus' own tests, in two series. */
	struct scrape_rates rates =
	    compare("api_latency_seconds_bucket{endpoint=\"/predict\",le=\"0.1\"} 1000\n"
		    "api_latency_seconds_bucket{endpoint=\"/predict\",le=\"0.2\"} 1000\n"
		    "api_latency_seconds_bucket{endpoint=\"/predict\",le=\"1.0\"} 1000\n"
		    "api_latency_seconds_bucket{endpoint=\"/predict\",le=\"+Inf\"} 1000\n"
		    "api_latency_seconds_bucket{endpoint=\"/health\",le=\"0.1\"} 0\n"
		    "api_latency_seconds_bucket{endpoint=\"/health\",le=\"+Inf\"} 0\n"
		    "api_latency_seconds_count{endpoint=\"/predict\"} 1000\n",
		"api_latency_seconds_bucket{endpoint=\"/predict\",le=\"0.1\"} 1040\n"
		"api_latency_seconds_bucket{endpoint=\"/predict\",le=\"0.2\"} 1060\n"
		"api_latency_seconds_bucket{endpoint=\"/predict\",le=\"1.0\"} 1100\n"
		"api_latency_seconds_bucket{endpoint=\"/predict\",le=\"+Inf\"} 1110\n"
		"api_latency_seconds_bucket{endpoint=\"/predict/batch\",le=\"0.1\"} 10\n"
		"api_latency_seconds_bucket{endpoint=\"/predict/batch\",le=\"0.2\"} 10\n"
		"api_latency_seconds_bucket{endpoint=\"/predict/batch\",le=\"1.0\"} 10\n"
		"api_latency_seconds_bucket{endpoint=\"/predict/batch\",le=\"+Inf\"} 10\n"
		"api_latency_seconds_bucket{endpoint=\"/health\",le=\"0.1\"} 0\n"
		"api_latency_seconds_bucket{endpoint=\"/health\",le=\"+Inf\"} 5000\n"
		"api_latency_seconds_count{endpoint=\"/predict\"} 1110\n"
		"api_latency_seconds_count{endpoint=\"/predict/batch\"} 10\n",
		CLOCK_SECOND);
	assert_true(rates.quantiles);
	expect(rates.p50_ms, 150);
	expect(rates.p90_ms, 960);
	expect(rates.p95_ms, 1000);
	expect(rates.p99_ms, 1000);
	expect(rates.rps, 120); /* by _count, since no counter is there */
	expect(rates.error_rate, NAN);
}

static void
odd_values_and_unknown_names_are_passed_over(void **state)
{
	(void)state;
	struct scrape *scrape =
	    scrape_text("api_requests_total NaN\napi_requests_total{a=\"b\"} -1\n"
			"api_requests_total_more 5\napi_latency_seconds 5\n"
			"api_latency_seconds_bucket{le=\"x\"} 5\n"
			"api_latency_seconds_sum 5\nup 1\n",
		0);
	assert_true(scrape_is_empty(scrape));
	scrape_free(scrape);
	struct scrape_rates rates = compare("up 1\n", "up 1\n", CLOCK_SECOND);
	expect(rates.rps, NAN);
	expect(rates.requests, NAN);
	/* What is labelled appears with its first request: it began at 0. */
	rates = compare("up 1\n", "api_requests_total{status=\"200\"} 3\n", CLOCK_SECOND);
	expect(rates.rps, 3);
	/* No time went by: a rate is not known. */
	rates = compare("api_requests_total 1\n", "api_requests_total 2\n", 0);
	expect(rates.rps, NAN);
	expect(rates.requests, 1);
}

static struct scrape *
scrape_file(const char *path, mono_us at)
{
	struct buf buf = {0};
	if (!buf_read_file(&buf, path, 1 << 20, NULL)) {
		print_message("# %s is not there\n", path);
		skip();
	}
	struct scrape *scrape = scrape_text(buf.data, at);
	buf_free(&buf);
	return scrape;
}

static void
captures_of_real_services_give_rates(void **state)
{
	struct scrape_rates rates;
	(void)state;
	struct scrape *before = scrape_file(DATA "/torchserve_cfn_0.prom", 0);
	struct scrape *now = scrape_file(DATA "/torchserve_cfn_1.prom", CLOCK_SECOND);
	scrape_compare(before, now, &rates);
	expect(rates.rps, 5);
	scrape_free(before);
	scrape_free(now);

	before = scrape_text("up 1\n", 0);
	now = scrape_file(DATA "/live_prometheus_client_004.prom", CLOCK_SECOND);
	scrape_compare(before, now, &rates);
	expect(rates.requests, 9617);
	expect(rates.error_rate, 17.0 / 9617);
	expect(rates.p50_ms, 1e3 * (0.01 + (0.025 - 0.01) * ((4800.0 - 2458) / (7718 - 2458))));
	scrape_free(now);

	now = scrape_file(DATA "/kserve_custom_server.prom", CLOCK_SECOND);
	scrape_compare(before, now, &rates);
	assert_true(rates.requests > 0);
	assert_true(rates.quantiles);
	scrape_free(before);
	scrape_free(now);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counters_become_rates_of_the_scoring_endpoints),
	    cmocka_unit_test(a_reset_is_seen_series_by_series),
	    cmocka_unit_test(without_endpoint_labels_all_series_count),
	    cmocka_unit_test(other_endpoints_alone_are_no_scoring),
	    cmocka_unit_test(quantiles_come_from_the_increase_of_the_buckets),
	    cmocka_unit_test(odd_values_and_unknown_names_are_passed_over),
	    cmocka_unit_test(captures_of_real_services_give_rates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
