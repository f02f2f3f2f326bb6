/* windows_handbook.c: a fortnight of the Fraud Detection Handbook's payments, record by record,
 * against a profile of another. Nothing happened in either, so no day-long window may warn, though
 * each holds other hours and other days than the whole; while the first days, when the counts of a
 * customer's history still fill, must. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/ingest/dataset.h"
#include "core/monitor/monitor.h"
#include "tests/kit/monitored.h"

#define BOOK "../shared/data/handbook/features_d"
#define NOT_INPUTS                                                                                 \
	"TRANSACTION_ID,CUSTOMER_ID,TERMINAL_ID,TX_TIME_SECONDS,TX_TIME_DAYS,TX_FRAUD,"            \
	"TX_FRAUD_SCENARIO"

enum { INPUTS = 15 };

struct fixture {
	struct config *config;
	struct monitor *monitor;
	size_t source;
	struct feature_value values[INPUTS];
};

static void
read_days(struct dataset *data, const char *days)
{
	char path[256], command[512], plain[] = "/tmp/fraudtop-handbook-XXXXXX";
	snprintf(path, sizeof(path), BOOK "%s.csv.xz", days);
	if (access(path, R_OK) != 0) {
		print_message("SKIPPED: %s is not there\n", path);
		skip();
	}
	int fd = mkstemp(plain);
	assert_true(fd >= 0);
	close(fd);
	snprintf(command, sizeof(command), "xz -dc %s > %s", path, plain);
	assert_int_equal(system(command), 0);
	struct dataset_options options = {.time = "TX_DATETIME", .ignore = NOT_INPUTS};
	struct err err = {0};
	*data = (struct dataset){0};
	bool read = dataset_read(data, plain, &options, &err);
	unlink(plain);
	if (!read)
		fail_msg("%s: %s", path, err.text);
	assert_int_equal(data->features_count, INPUTS);
	assert_int_equal(data->rejected, 0);
}

static void
begin(struct fixture *f, int64_t comparison_us)
{
	struct dataset data;
	read_days(&data, "040-054");
	struct profile *profile = profile_from_dataset(&data);
	dataset_free(&data);
	f->config = config_new();
	f->config->comparison_us = comparison_us;
	f->monitor = monitor_new(f->config);
	f->source = monitor_add_source(f->monitor);
	monitor_set_profile(f->monitor, "m", "days 40 to 54", profile);
}

static void
end(struct fixture *f)
{
	monitor_free(f->monitor);
	config_free(f->config);
}

static void
send(struct fixture *f, const struct dataset *data, size_t row)
{
	for (size_t i = 0; i < INPUTS; i++)
		f->values[i] =
		    monitored_number(data->features[i].name, data->features[i].numbers[row]);
	struct prediction prediction = monitored_prediction(data->ts[row]);
	prediction.score = 0.01;
	prediction.latency_ms = NAN;
	prediction.status = 0;
	prediction.features = f->values;
	prediction.features_count = INPUTS;
	monitored_send(f->monitor, f->source, &prediction);
}

/* Counts what is said of the features, and prints each alarm. */
static void
count_verdicts(const struct snapshot *snapshot, size_t counts[4], size_t data[4])
{
	const struct series_view *series = &snapshot->series[0];
	assert_int_equal(series->features_count, INPUTS);
	for (size_t i = 0; i < INPUTS; i++) {
		const struct drift_view *feature = &series->features[i];
		counts[feature->severity]++;
		data[feature->data.severity]++;
		char at[32];
		clock_format(at, sizeof(at), snapshot->clock);
		if (feature->severity >= SEVERITY_WARNING)
			print_message("%s %s %s: %s\n", at, severity_name(feature->severity),
			    feature->name, feature->reason);
		if (feature->data.severity >= SEVERITY_WARNING)
			print_message("%s data %s %s: %s\n", at,
			    severity_name(feature->data.severity), feature->name,
			    feature->data.reason);
	}
}

/* Every three hours of days 90 to 104, the window of the day before. */
static void
no_day_long_window_of_a_calm_fortnight_warns(void **state)
{
	(void)state;
	struct fixture f;
	struct dataset data;
	size_t counts[4] = {0}, soundness[4] = {0}, seasons = 0;
	begin(&f, CLOCK_DAY);
	read_days(&data, "090-104");
	wall_us next = data.ts[0] + 3 * CLOCK_HOUR;
	for (size_t row = 0; row < data.rows; row++) {
		if (data.ts[row] >= next) {
			struct snapshot *snapshot = monitored_view(f.monitor);
			count_verdicts(snapshot, counts, soundness);
			for (size_t i = 0; i < INPUTS; i++)
				seasons += snapshot->series[0].features[i].season != SEASON_NONE;
			assert_true(snapshot->series[0].volume.severity < SEVERITY_WARNING);
			snapshot_free(snapshot);
			next += 3 * CLOCK_HOUR;
		}
		send(&f, &data, row);
	}
	assert_int_equal(counts[SEVERITY_WARNING] + counts[SEVERITY_CRITICAL], 0);
	assert_int_equal(soundness[SEVERITY_WARNING] + soundness[SEVERITY_CRITICAL], 0);
	assert_true(counts[SEVERITY_OK] > 14 * 8 * INPUTS);
	assert_true(seasons >= 2 * 14 * 8); /* weekend and night, in each */
	dataset_free(&data);
	end(&f);
}

static void
an_hour_of_it_is_insufficient(void **state)
{
	(void)state;
	struct fixture f;
	struct dataset data;
	size_t counts[4] = {0}, soundness[4] = {0};
	begin(&f, CLOCK_HOUR);
	read_days(&data, "090-104");
	wall_us next = data.ts[0] + CLOCK_HOUR, until = data.ts[0] + 3 * CLOCK_DAY;
	for (size_t row = 0; row < data.rows && data.ts[row] < until; row++) {
		if (data.ts[row] >= next) {
			struct snapshot *snapshot = monitored_view(f.monitor);
			count_verdicts(snapshot, counts, soundness);
			const struct drift_view *feature = &snapshot->series[0].features[0];
			assert_true(feature->psi.n < 1000);
			assert_non_null(strstr(feature->reason, "too few to judge: "));
			snapshot_free(snapshot);
			next += CLOCK_HOUR;
		}
		send(&f, &data, row);
	}
	assert_int_equal(counts[SEVERITY_INSUFFICIENT], 71 * INPUTS);
	assert_int_equal(soundness[SEVERITY_INSUFFICIENT], 71 * INPUTS);
	dataset_free(&data);
	end(&f);
}

static void
the_counts_of_a_cold_start_warn(void **state)
{
	(void)state;
	static const char *const counts[] = {
	    "CUSTOMER_ID_NB_TX_30DAY_WINDOW", "TERMINAL_ID_NB_TX_30DAY_WINDOW"};
	struct fixture f;
	struct dataset data;
	size_t warned = 0, amounts = 0, days = 0;
	begin(&f, CLOCK_DAY);
	read_days(&data, "010-019");
	wall_us next = data.ts[0] + CLOCK_DAY;
	for (size_t row = 0; row < data.rows; row++) {
		if (data.ts[row] >= next) {
			struct snapshot *snapshot = monitored_view(f.monitor);
			const struct series_view *series = &snapshot->series[0];
			for (size_t i = 0; i < INPUTS; i++) {
				bool warns = series->features[i].severity >= SEVERITY_WARNING;
				for (size_t k = 0; k < 2; k++)
					warned += warns &&
						  strcmp(series->features[i].name, counts[k]) == 0;
				amounts +=
				    warns && strcmp(series->features[i].name, "TX_AMOUNT") == 0;
			}
			assert_true(series->drift_severity == SEVERITY_CRITICAL);
			snapshot_free(snapshot);
			next += CLOCK_DAY;
			days++;
		}
		send(&f, &data, row);
	}
	assert_int_equal(days, 9);
	assert_int_equal(warned, 2 * days);
	assert_int_equal(amounts, 0);
	dataset_free(&data);
	end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_day_long_window_of_a_calm_fortnight_warns),
	    cmocka_unit_test(an_hour_of_it_is_insufficient),
	    cmocka_unit_test(the_counts_of_a_cold_start_warn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
