#include "tests/kit/logs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants those first */
#include <cmocka.h>

#include "core/base/mem.h"

void
logs_make(struct logs *logs)
{
	*logs = (struct logs){0};
	place_make(logs->folder, "logs");
}

void
logs_end(struct logs *logs)
{
	logs_close(logs);
	config_free(logs->config);
	place_remove(logs->folder);
}

void
logs_configure(struct logs *logs, const char *services)
{
	char *yaml = mem_printf("limits: {reference_records: 500}\nservices:\n%s", services);
	logs->config = place_config(logs->folder, yaml);
	free(yaml);
}

void
logs_open(struct logs *logs)
{
	struct err err = {0};
	logs->monitor = monitor_new(logs->config);
	logs->intake = intake_new(logs->config, logs->monitor, &err);
	if (logs->intake == NULL)
		fail_msg("%s", err.text);
}

void
logs_close(struct logs *logs)
{
	intake_free(logs->intake);
	monitor_free(logs->monitor);
	logs->intake = NULL;
	logs->monitor = NULL;
}

void
logs_read(struct logs *logs, unsigned workers)
{
	if (workers == 0) {
		while (intake_read(logs->intake, LOGS_SLICE))
			continue;
		return;
	}
	intake_start(logs->intake, workers);
	while (intake_running(logs->intake)) {
		intake_lock(logs->intake);
		struct intake_progress progress = intake_progress(logs->intake);
		assert_true(progress.bytes <= progress.total);
		intake_unlock(logs->intake);
	}
	intake_stop(logs->intake);
}

static void
put_time(FILE *file, int64_t ms)
{
	int64_t s = ms / 1000;
	fprintf(file, "\"ts\":\"2026-01-28T%02d:%02d:%02d.%03dZ\"", 14 + (int)(s / 3600),
	    (int)(s / 60 % 60), (int)(s % 60), (int)(ms % 1000));
}

void
logs_put(FILE *file, struct rng *rng, const char *prefix, int i, int64_t ms)
{
	double amount = rng_uniform(rng) * (i > 9000 ? 900 : 500);
	fprintf(file, "{");
	put_time(file, ms);
	fprintf(file,
	    ",\"request_id\":\"%s%d\",\"service\":\"eu\",\"model\":\"m\",\"version\":\"%d\","
	    "\"score\":%.17g,\"threshold\":0.5,\"latency_ms\":%.3f,\"status\":%d,\"features\":{"
	    "\"amount\":%.4f,\"hour\":%d,\"segment\":\"%s\"}}\n",
	    prefix, i, i % 10 == 3 ? 13 : 12, rng_uniform(rng), 3 + 40 * rng_uniform(rng),
	    i % 97 == 5 ? 503 : 200, amount, i % 24, i % 3 != 0 ? "retail" : "online");
}

void
logs_write(const struct logs *logs, const char *name, const char *prefix, int count,
    int64_t step_ms, int bad_every)
{
	FILE *file = place_open(logs->folder, name, "w");
	struct rng rng;
	rng_seed(&rng, (uint64_t)prefix[0], 1);
	for (int i = 0; i < count; i++) {
		if (bad_every > 0 && i % bad_every == bad_every - 1)
			fprintf(file, "{\"ts\":\"2026-01-28T14:06:01Z\",\"decision\":%d}\n", i);
		logs_put(file, &rng, prefix, i, i * step_ms);
	}
	place_close(file);
}

void
logs_write_labels(
    const struct logs *logs, const char *name, const char *prefix, int count, int64_t step_ms)
{
	FILE *file = place_open(logs->folder, name, "w");
	for (int i = 0; i < count; i++) {
		fprintf(file, "{");
		put_time(file, 60000 + i * step_ms);
		fprintf(file, ",\"request_id\":\"%s%d\",\"label\":%d}\n", prefix, i, i % 7 == 0);
	}
	place_close(file);
}
