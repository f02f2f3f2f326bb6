/* record.c: what one live record with 12 features costs with all statistics on, beside cJSON merely
 * parsing the request it came from.
 *
 * Payments with ids, segments, decisions, latencies and labels, 60 a second, go into one series:
 * latency, features and score into their windows, the join, the quality window with its estimates,
 * cohorts by segment, and the change detectors. The reference grows from the first of them; reading
 * the log is not in it. */
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/base/text.h"
#include "core/config/config.h"
#include "core/monitor/monitor.h"
#include "core/monitor/monitor_view.h"
#include "core/service/payments.h"
#include "tests/bench/bench.h"

enum { RECORDS = 60000, TICK_EVERY = 4096 };

struct row {
	struct payment payment;
	struct feature_value features[PAYMENT_FEATURES];
	double score, latency_ms;
	size_t start, length; /* of its request */
};

struct rows {
	struct row *list;
	struct buf text;
};

static struct rows
make_rows(void)
{
	struct rows rows = {.list = mem_alloc(RECORDS * sizeof(*rows.list))};
	struct payments *payments = payments_new(11, 1);
	struct rng rng;
	rng_seed(&rng, 11, 2);
	for (size_t i = 0; i < RECORDS; i++) {
		struct row *row = &rows.list[i];
		payments_next(payments, &row->payment);
		for (enum payment_feature f = 0; f < PAYMENT_FEATURES; f++) {
			bool word = f == PAYMENT_MERCHANT_CATEGORY;
			double number = word ? (double)NAN : row->payment.values[f];
			row->features[f] = (struct feature_value){.name = payment_feature_name(f),
			    .kind = word	    ? VALUE_TEXT
				    : isnan(number) ? VALUE_MISSING
						    : VALUE_NUMBER,
			    .number = number,
			    .text = word ? payment_category_name(&row->payment) : ""};
		}
		row->score = 1 / (1 + exp(4 - 2 * rng_normal(&rng) - 6 * row->payment.label));
		row->latency_ms = rng_lognormal(&rng, 12, 0.5);
		row->start = rows.text.length;
		payment_write_request(&row->payment, 1, &rows.text);
		row->length = rows.text.length - row->start;
	}
	payments_free(payments);
	return rows;
}

static void
check(struct monitor *monitor)
{
	struct snapshot *snapshot = snapshot_new();
	monitor_view(monitor, snapshot);
	const struct series_view *series = snapshot->series;
	if (snapshot->series_count != 1 || series->features_count != PAYMENT_FEATURES ||
	    series->score.psi.state != METRIC_OK || series->features[0].psi.state != METRIC_OK ||
	    series->quality.labelled != RECORDS || series->cohorts_count != 3 ||
	    series->concept[CONCEPT_ERROR].n != RECORDS || series->duplicates.n == 0)
		bench_fail("record", "not all statistics are on");
	snapshot_free(snapshot);
}

/* Nanoseconds a record. */
static double
count_all(const struct rows *rows, const struct config *config)
{
	struct monitor *monitor = monitor_new(config);
	size_t source = monitor_add_source(monitor);
	wall_us ts = 0;
	clock_parse("2026-01-28T14:00:00Z", 20, &ts);
	double began = bench_now();
	for (size_t i = 0; i < RECORDS; i++) {
		const struct row *row = &rows->list[i];
		struct prediction prediction = {.ts = ts + (wall_us)i * CLOCK_SECOND / 60,
		    .request_id = row->payment.request_id,
		    .service = "eu",
		    .model = "fraud",
		    .version = "12",
		    .segment = row->payment.segment,
		    .score = row->score,
		    .threshold = 0.5,
		    .decision = row->score >= 0.5,
		    .latency_ms = row->latency_ms,
		    .status = 200,
		    .label = row->payment.label,
		    .features = row->features,
		    .features_count = PAYMENT_FEATURES};
		struct err err = {0};
		if (monitor_prediction(monitor, source, &prediction, "", "", &err) !=
		    MONITOR_ACCEPTED)
			bench_fail("monitor_prediction", err.text);
		if (i % TICK_EVERY == 0)
			monitor_tick(monitor);
	}
	double seconds = bench_now() - began;
	monitor_tick(monitor);
	check(monitor);
	monitor_free(monitor);
	return seconds / RECORDS * 1e9;
}

static double
parse_all(const struct rows *rows)
{
	double began = bench_now();
	for (size_t i = 0; i < RECORDS; i++) {
		const struct row *row = &rows->list[i];
		cJSON *root = cJSON_ParseWithLength(rows->text.data + row->start, row->length);
		if (root == NULL)
			bench_fail("cJSON", "a request that it cannot parse");
		cJSON_Delete(root);
	}
	return (bench_now() - began) / RECORDS * 1e9;
}

int
main(void)
{
	struct rows rows = make_rows();
	struct config *config = config_new();
	text_copy(config->cohort_by, sizeof(config->cohort_by), "segment");
	struct bench_runs ours, theirs;
	for (int run = 0; run < BENCH_RUNS; run++) {
		ours.values[run] = count_all(&rows, config);
		theirs.values[run] = parse_all(&rows);
	}
	bench_line("one live record with 12 features, all statistics on", "ns", ours,
	    "cJSON parsing its request", theirs);
	config_free(config);
	free(rows.list);
	buf_free(&rows.text);
	return 0;
}
