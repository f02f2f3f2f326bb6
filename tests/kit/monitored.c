#include "tests/kit/monitored.h"
#include "core/monitor/monitor_view.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct feature_value
monitored_number(const char *name, double value)
{
	return (struct feature_value){
	    .name = name, .kind = VALUE_NUMBER, .number = value, .text = ""};
}

struct feature_value
monitored_word(const char *name, const char *text)
{
	return (struct feature_value){
	    .name = name, .kind = VALUE_TEXT, .number = NAN, .text = text};
}

struct feature_value
monitored_missing(const char *name)
{
	return (struct feature_value){
	    .name = name, .kind = VALUE_MISSING, .number = NAN, .text = ""};
}

struct prediction
monitored_prediction(wall_us ts)
{
	return (struct prediction){.ts = ts,
	    .request_id = "",
	    .service = "eu",
	    .model = "m",
	    .version = "1",
	    .segment = "",
	    .score = 0.25,
	    .threshold = 0.5,
	    .decision = 0,
	    .latency_ms = 10,
	    .status = 200,
	    .label = -1};
}

void
monitored_send(struct monitor *monitor, size_t source, const struct prediction *prediction)
{
	struct err err = {0};
	if (monitor_prediction(monitor, source, prediction, "", "", &err) != MONITOR_ACCEPTED)
		fail_msg("not accepted: %s", err.text);
}

struct snapshot *
monitored_view(struct monitor *monitor)
{
	struct snapshot *snapshot = snapshot_new();
	monitor_tick(monitor);
	monitor_view(monitor, snapshot);
	return snapshot;
}

const struct drift_view *
monitored_feature(const struct series_view *series, const char *name)
{
	for (size_t i = 0; i < series->features_count; i++) {
		if (strcmp(series->features[i].name, name) == 0)
			return &series->features[i];
	}
	fail_msg("no feature %s", name);
	return NULL;
}
