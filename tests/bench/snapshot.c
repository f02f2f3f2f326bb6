/* snapshot.c: what one picture of full windows costs, and what a series takes of memory.
 *
 * Two services, two versions of one model each, payments with 12 features, a label in each record.
 * Per series 30 records an hour for a week fill the quality window, then 600 a minute the rings of
 * the features, which hold the windows of 2 of 3; that each bucket is filled is checked. Memory is
 * what malloc has handed out. Then the same of 6 services and 10 versions, with a sixth of the
 * records. A picture is that of a frame: each series has had a record since the last, a second
 * later, and the services are seen over all their versions as well. */
#include <malloc.h>
#include <math.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/config/config.h"
#include "core/monitor/monitor.h"
#include "core/monitor/monitor_view.h"
#include "core/monitor/series.h"
#include "core/service/payments.h"
#include "tests/bench/bench.h"

enum { VIEWS = 20 };

struct traffic {
	struct config *config;
	struct monitor *monitor;
	struct payments *payments;
	struct rng rng;
	size_t services, versions; /* each with each is a series */
	size_t per_hour, per_minute;
	wall_us end; /* of what was sent */
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
	char service[32], version[32];
	snprintf(service, sizeof(service), "fraud-%zu", series / traffic->versions);
	snprintf(version, sizeof(version), "%zu", series % traffic->versions);
	struct prediction prediction = {.ts = ts,
	    .request_id = "",
	    .service = service,
	    .model = "fraud_classifier",
	    .version = version,
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
fill(struct traffic *traffic, size_t series)
{
	const size_t hours = SERIES_QUALITY_BUCKETS - 1,
		     minutes = RING_WINDOW + 2 * RING_STEP + RING_SLACK;
	wall_us dense = traffic->end - (wall_us)minutes * CLOCK_MINUTE;
	send_many(traffic, series, dense - (wall_us)hours * CLOCK_HOUR, hours * traffic->per_hour,
	    CLOCK_HOUR / (wall_us)traffic->per_hour);
	send_many(traffic, series, dense, minutes * traffic->per_minute,
	    CLOCK_MINUTE / (wall_us)traffic->per_minute);
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

/* Returns the processor time of it, in ms. */
static double
take_picture(struct monitor *monitor, bool check)
{
	const char *names[MONITOR_SERIES_ALL];
	double began = bench_now();
	struct snapshot *snapshot = snapshot_new();
	monitor_view(monitor, snapshot);
	size_t count = monitor_services(monitor, names, MONITOR_SERIES_ALL);
	for (size_t i = 0; i < count; i++) {
		struct series_view *all = snapshot_alloc(snapshot, sizeof(*all));
		monitor_service(monitor, names[i], all);
	}
	double took = (bench_now() - began) * 1000;
	for (size_t at = 0; check && at < snapshot->series_count; at++)
		check_full(&snapshot->series[at]);
	snapshot_free(snapshot);
	return took;
}

static void
measure_pictures(struct traffic *traffic)
{
	struct bench_runs times, most, frame;
	size_t series = traffic->services * traffic->versions;
	for (int run = 0; run < BENCH_RUNS; run++) {
		double sum = 0;
		most.values[run] = 0;
		for (int i = 0; i < VIEWS; i++) {
			for (size_t at = 0; at < series; at++)
				send_one(traffic, at, traffic->end);
			traffic->end += CLOCK_SECOND;
			monitor_tick(traffic->monitor);
			double took = take_picture(traffic->monitor, run == 0 && i == 0);
			sum += took;
			most.values[run] = fmax(most.values[run], took);
		}
		times.values[run] = sum / VIEWS;
		frame.values[run] = 1000;
	}
	char what[80];
	snprintf(what, sizeof(what), "snapshot of %zu series x 12 features", series);
	bench_line(what, "ms", times, "a frame of 1 s", frame);
	snprintf(what, sizeof(what), "the longest of %d of them", VIEWS);
	bench_line(what, "ms", most, "a frame of 1 s", frame);
}

/* Nothing is kept of one before. */
static void
measure_first(struct monitor *monitor, size_t series)
{
	monitor_tick(monitor);
	printf("the first snapshot of %zu series\t%.4g\tms\n", series, take_picture(monitor, true));
}

static void
begin(struct traffic *traffic, size_t services, size_t versions, size_t scarcity)
{
	*traffic = (struct traffic){.config = config_new(),
	    .payments = payments_new(5, 1),
	    .services = services,
	    .versions = versions,
	    .per_hour = 30 / scarcity,
	    .per_minute = 600 / scarcity};
	traffic->config->min_samples /= (int64_t)scarcity;
	traffic->monitor = monitor_new(traffic->config);
	clock_parse("2026-01-28T15:00:00Z", 20, &traffic->end);
	rng_seed(&traffic->rng, 5, 2);
	for (size_t i = 0; i < services * versions; i++)
		monitor_add_source(traffic->monitor);
}

static void
end(struct traffic *traffic)
{
	monitor_free(traffic->monitor);
	payments_free(traffic->payments);
	config_free(traffic->config);
}

static void
measure_few(void)
{
	enum { SERIES = 4, TIMES = 10 };
	struct traffic traffic;
	begin(&traffic, 2, SERIES / 2, 1);
	fill(&traffic, 0);
	size_t one = bytes_in_use();
	for (size_t i = 1; i < SERIES; i++)
		fill(&traffic, i);
	size_t all = bytes_in_use();
	measure_pictures(&traffic);
	/* The next hour, with ten times the traffic, in the place of the last. */
	size_t before = bytes_in_use(),
	       records = (size_t)SERIES_BUCKETS * traffic.per_minute * TIMES;
	for (size_t i = 0; i < SERIES; i++)
		send_many(&traffic, i, traffic.end, records,
		    CLOCK_MINUTE / (wall_us)traffic.per_minute / TIMES);
	double grown = (double)bytes_in_use() - (double)before;
	double series = (double)(all - one) / (SERIES - 1) / 1024;
	double later = series + grown / SERIES / 1024;
	printf("memory a series, windows full\t%.4g\tKiB\t\tafter an hour of 10 x "
	       "traffic\t%.4g\t%.3g\n",
	    series, later, series / later);
	end(&traffic);
}

static void
measure_many(size_t services, size_t versions, size_t scarcity)
{
	struct traffic traffic;
	begin(&traffic, services, versions, scarcity);
	monitor_limit_windows(traffic.monitor, 1024); /* all of them are kept */
	for (size_t i = 0; i < traffic.services * traffic.versions; i++)
		fill(&traffic, i);
	measure_first(traffic.monitor, services * versions);
	measure_pictures(&traffic);
	end(&traffic);
}

int
main(void)
{
	measure_few();
	measure_many(6, 10, 6);
	measure_many(15, 17, 10);
	return 0;
}
