/* snapshot.c: what one picture of full windows costs, and what a series takes of memory.
 *
 * Two services, two versions of one model each, payments with 12 features, a label in each record.
 * Per series 30 records an hour for a week fill the quality window, then 600 a minute the rings of
 * the features, which hold the windows of 2 of 3; that each bucket is filled is checked. Memory is
 * what malloc has handed out. */
#include <malloc.h>
#include <math.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/config/config.h"
#include "core/monitor/monitor.h"
#include "core/monitor/series.h"
#include "core/service/payments.h"
#include "tests/bench/bench.h"

enum { SERIES = 4, VIEWS = 20, PER_HOUR = 30, PER_MINUTE = 600 };

static const struct {
	const char *service, *version;
} names[SERIES] = {{"fraud-eu", "12"}, {"fraud-eu", "13"}, {"fraud-us", "12"}, {"fraud-us", "13"}};

struct traffic {
	struct monitor *monitor;
	struct payments *payments;
	struct rng rng;
};

static size_t
bytes_in_use(void)
{
	struct mallinfo2 info = mallinfo2();
	return info.uordblks + info.hblkhd;
}

static void
send_one(struct traffic *traffic, size_t series, wall_us ts)
{
	struct payment payment;
	struct feature_value features[PAYMENT_FEATURES];
	payments_next(traffic->payments, &payment);
	for (enum payment_feature f = 0; f < PAYMENT_FEATURES; f++) {
		bool word = f == PAYMENT_MERCHANT_CATEGORY;
		double number = word ? (double)NAN : payment.values[f];
		features[f] = (struct feature_value){.name = payment_feature_name(f),
		    .kind = word	    ? VALUE_TEXT
			    : isnan(number) ? VALUE_MISSING
					    : VALUE_NUMBER,
		    .number = number,
		    .text = word ? payment_category_name(&payment) : ""};
	}
	struct prediction prediction = {.ts = ts,
	    .request_id = "",
	    .service = names[series].service,
	    .model = "fraud_classifier",
	    .version = names[series].version,
	    .segment = "",
	    .score = 1 / (1 + exp(4 - 2 * rng_normal(&traffic->rng) - 6 * payment.label)),
	    .threshold = 0.5,
	    .decision = -1,
	    .latency_ms = rng_lognormal(&traffic->rng, 12, 0.5),
	    .status = 200,
	    .label = payment.label,
	    .features = features,
	    .features_count = PAYMENT_FEATURES};
	struct err err = {0};
	if (monitor_prediction(traffic->monitor, series, &prediction, "", "", &err) !=
	    MONITOR_ACCEPTED)
		bench_fail("monitor_prediction", err.text);
}

/* Evenly, `count` records from `from` on, `apart` microseconds between them. */
static void
send_many(struct traffic *traffic, size_t series, wall_us from, size_t count, int64_t apart)
{
	for (size_t i = 0; i < count; i++)
		send_one(traffic, series, from + (wall_us)i * apart);
}

static void
fill(struct traffic *traffic, size_t series, wall_us end)
{
	const size_t hours = SERIES_QUALITY_BUCKETS - 1,
		     minutes = RING_WINDOW + 2 * RING_STEP + RING_SLACK;
	wall_us dense = end - (wall_us)minutes * CLOCK_MINUTE;
	send_many(traffic, series, dense - (wall_us)hours * CLOCK_HOUR, hours * PER_HOUR,
	    CLOCK_HOUR / PER_HOUR);
	send_many(traffic, series, dense, minutes * PER_MINUTE, CLOCK_MINUTE / PER_MINUTE);
}

static void
check_full(const struct series_view *view)
{
	size_t filled = 0, quality = 0, drift = 0;
	for (size_t i = 0; i < SERIES_BUCKETS; i++) {
		filled += !isnan(view->latency.p99_curve[i]);
		drift += !isnan(view->features[0].psi_curve[i]);
	}
	for (size_t i = 0; i < SERIES_QUALITY_BUCKETS; i++)
		quality += !isnan(view->quality.maturity_curve[i]);
	if (filled != SERIES_BUCKETS || drift != SERIES_BUCKETS ||
	    quality != SERIES_QUALITY_BUCKETS || view->features_count != PAYMENT_FEATURES) {
		fprintf(stderr, "%zu latency, %zu drift, %zu quality buckets, %zu features\n",
		    filled, drift, quality, view->features_count);
		bench_fail("snapshot", "the windows are not full");
	}
}

static void
measure_views(struct monitor *monitor)
{
	struct bench_runs times, frame;
	for (int run = 0; run < BENCH_RUNS; run++) {
		double began = bench_now();
		for (int i = 0; i < VIEWS; i++) {
			struct snapshot *snapshot = snapshot_new();
			monitor_view(monitor, snapshot);
			if (run == 0 && i == 0)
				for (size_t at = 0; at < snapshot->series_count; at++)
					check_full(&snapshot->series[at]);
			snapshot_free(snapshot);
		}
		times.values[run] = (bench_now() - began) / VIEWS * 1000;
		frame.values[run] = 1000;
	}
	bench_line("snapshot of 4 series x 12 features, windows full", "ms", times,
	    "a frame of 1 s", frame);
}

int
main(void)
{
	struct config *config = config_new();
	struct traffic traffic = {.monitor = monitor_new(config), .payments = payments_new(5, 1)};
	wall_us end = 0;
	clock_parse("2026-01-28T15:00:00Z", 20, &end);
	rng_seed(&traffic.rng, 5, 2);
	for (size_t i = 0; i < SERIES; i++)
		monitor_add_source(traffic.monitor);
	fill(&traffic, 0, end);
	size_t one = bytes_in_use();
	for (size_t i = 1; i < SERIES; i++)
		fill(&traffic, i, end);
	size_t all = bytes_in_use();
	monitor_tick(traffic.monitor);
	measure_views(traffic.monitor);
	/* The next hour, with ten times the traffic, in the place of the last. */
	size_t before = bytes_in_use(), records = (size_t)SERIES_BUCKETS * PER_MINUTE * 10;
	for (size_t i = 0; i < SERIES; i++)
		send_many(&traffic, i, end, records, CLOCK_MINUTE / PER_MINUTE / 10);
	double grown = (double)bytes_in_use() - (double)before;
	double series = (double)(all - one) / (SERIES - 1) / 1024;
	double later = series + grown / SERIES / 1024;
	printf("memory a series, windows full\t%.4g\tKiB\t\tafter an hour of 10 x "
	       "traffic\t%.4g\t%.3g\n",
	    series, later, series / later);
	monitor_free(traffic.monitor);
	payments_free(traffic.payments);
	config_free(config);
	return 0;
}
