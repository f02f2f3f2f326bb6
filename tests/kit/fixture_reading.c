#include "tests/kit/fixture_reading.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/ingest/refusals.h"
#include "core/monitor/snapshot.h"

static void
fixture_refused(struct snapshot *snapshot, struct source_view *source, int count)
{
	static const char *const reasons[] = {"`score` is missing",
	    "offset 212: the line ends in the middle of a string",
	    "offset 34: score is not a number"};
	struct refusals *refusals = snapshot_alloc(snapshot, sizeof(*refusals));
	for (int i = 0; i < count; i++) {
		char text[80];
		snprintf(text, sizeof(text),
		    "{\"ts\":\"2026-01-28T13:%02d:01Z\",\"decision\":false}", i % 60);
		refusals_add(refusals, (uint64_t)i * 2613400 + 30541, (uint64_t)i * 5431 + 63,
		    reasons[i % 3], text, strlen(text), i % 3 == 1);
	}
	source->refusals = refusals;
	source->rejected = (uint64_t)count;
	text_copy(source->last_reason, sizeof(source->last_reason), refusals->last.reason);
}

void
fixture_files(struct snapshot *snapshot)
{
	static const char *const paths[] = {"/var/log/fraud/eu.jsonl",
	    "/var/log/fraud/eu-20260127.jsonl.zst", "/srv/fraud/decisions.db",
	    "/var/log/fraud/labels.jsonl"};
	static const enum source_kind kinds[] = {
	    SOURCE_FILE, SOURCE_PACKED, SOURCE_TABLE, SOURCE_FILE};
	snapshot->sources_count = 4;
	snapshot->sources = snapshot_alloc(snapshot, sizeof(*snapshot->sources) * 4);
	for (int i = 0; i < 4; i++) {
		struct source_view *source = &snapshot->sources[i];
		text_copy(source->name, sizeof(source->name), i == 2 ? "fraud-us" : "fraud-eu");
		text_copy(source->path, sizeof(source->path), paths[i]);
		source->kind = kinds[i];
		source->labels = i == 3;
		source->lines = source->accepted = 88213 >> (i * 2);
		source->present = true;
		source->finished = i == 1;
		source->lag_s = metric_ok(i == 0 ? 0.4 : 31, 1);
	}
	text_copy(snapshot->sources[2].table, SNAPSHOT_NAME, "decisions");
	snapshot->sources[2].sample = 10;
	snapshot->sources[2].sampled_out = 49621;
	snapshot->series[0].quality.sample = 10;
	fixture_refused(snapshot, &snapshot->sources[0], 15);
	fixture_refused(snapshot, &snapshot->sources[3], 2);
}

void
fixture_catchup(struct snapshot *snapshot, enum catchup_state state)
{
	fixture_files(snapshot);
	snapshot->sources[0].behind = 7854000000;
	snapshot->catchup = (struct catchup_view){.state = state,
	    .bytes = 2146000000,
	    .total = 10000000000,
	    .bytes_s = 483e6,
	    .left_us = 16 * CLOCK_SECOND,
	    .newest_us = 42 * CLOCK_MINUTE};
}
