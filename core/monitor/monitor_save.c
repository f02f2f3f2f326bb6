/* monitor_save.c: the whole of the monitor; its parts are in monitor_save_*.c. Only what was ever
 * used is written, so that a checkpoint is as large as what is known and not as what might be. */
#include "core/monitor/monitor_save.h"

#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/monitor/monitor_save_parts.h"

enum { LAYOUT = 4, SOURCES_MOST = 1 << 20 };

PACK_WHOLE(struct source_state, 32);

static void
save_sources(const struct monitor *monitor, struct buf *pack)
{
	mono_us now = clock_mono();
	pack_varint(pack, monitor->sources_count);
	for (size_t i = 0; i < monitor->sources_count; i++) {
		const struct source_state *source = &monitor->sources[i];
		bool known = source->watermark != INT64_MIN;
		pack_varint(pack, known);
		pack_i64(pack, known ? source->watermark : 0);
		pack_i64(pack, now - source->heard);
		pack_varint(pack, source->weight);
	}
}

static void
load_sources(struct monitor *monitor, struct unpack *unpack)
{
	mono_us now = clock_mono();
	size_t count = (size_t)unpack_varint(unpack, SOURCES_MOST);
	for (size_t i = 0; i < count && !unpack->failed; i++) {
		size_t number = monitor_add_source(monitor);
		struct source_state *source = &monitor->sources[number];
		bool known = unpack_flag(unpack);
		source->watermark = unpack_time(unpack);
		source->heard = now - unpack_time(unpack);
		source->weight = (uint32_t)unpack_varint(unpack, UINT32_MAX);
		if (!known)
			source->watermark = INT64_MIN;
	}
}

static void
save_tally(const struct tally *tally, struct buf *pack)
{
	pack_varint(pack, tally->all);
	pack_varint(pack, tally->recent);
	pack_i64(pack, tally->until);
	pack_i64(pack, tally->began);
}

static void
load_tally(struct tally *tally, struct unpack *unpack)
{
	tally->all = unpack_varint(unpack, UINT64_MAX);
	tally->recent = unpack_varint(unpack, UINT64_MAX);
	tally->until = unpack_time(unpack);
	tally->began = unpack_time(unpack);
}

void
monitor_save(const struct monitor *monitor, struct buf *pack)
{
	pack_i64(pack, monitor->clock);
	pack_varint(pack, monitor->live);
	save_sources(monitor, pack);
	save_models(monitor, pack);
	pack_varint(pack, monitor->room.passed);
	pack_varint(pack, monitor->room.elsewhere);
	pack_varint(pack, monitor->series_count);
	for (size_t i = 0; i < monitor->series_count; i++) {
		const struct series *series = monitor->series[i];
		pack_text(pack, series->service);
		pack_text(pack, series->model);
		pack_text(pack, series->version);
		pack_varint(pack, series->mixed);
		pack_varint(pack, series->folded);
		pack_i64(pack, series->since);
		save_tally(&series->tally, pack);
		save_series(monitor, series, pack);
	}
}

static void
load_one(struct monitor *monitor, struct series *series, struct unpack *unpack)
{
	series->mixed = unpack_flag(unpack);
	bool folded = unpack_flag(unpack);
	series->since = unpack_i64(unpack);
	load_tally(&series->tally, unpack);
	load_series(monitor, series, unpack);
	room_count_recent(monitor, series);
	if (folded)
		room_fold(monitor, series, series->since);
}

bool
monitor_load(struct monitor *monitor, struct unpack *unpack)
{
	char service[SNAPSHOT_NAME], model[SNAPSHOT_NAME], version[SNAPSHOT_NAME];
	monitor->clock = unpack_time(unpack);
	monitor->live = unpack_flag(unpack);
	load_sources(monitor, unpack);
	load_models(monitor, unpack);
	monitor->room.passed = unpack_varint(unpack, UINT64_MAX);
	monitor->room.elsewhere = unpack_varint(unpack, UINT64_MAX);
	size_t count = (size_t)unpack_varint(unpack, MONITOR_SERIES_ALL);
	for (size_t i = 0; i < count && !unpack->failed; i++) {
		unpack_text(unpack, service, sizeof(service));
		unpack_text(unpack, model, sizeof(model));
		unpack_text(unpack, version, sizeof(version));
		if (!unpack->failed)
			load_one(
			    monitor, monitor_add_series(monitor, service, model, version), unpack);
	}
	return unpack_good(unpack);
}

/* --- what it depends on --- */

static void
print_config(const struct config *config, struct buf *out)
{
	const int64_t whole[] = {config->comparison_us, config->quality_us, config->lateness_us,
	    config->idle_after_us, config->label_ttl_us, config->assume_negative_us,
	    config->reference_records, config->of_windows, config->legacy_scan, config->cohort_most,
	    config->replay_rows, config->join_sample, config->windows_memory};
	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++)
		pack_i64(out, whole[i]);
	pack_f64(out, config->concept_delta);
	pack_text(out, config->detector);
	pack_text(out, config->cohort_by);
	for (size_t i = 0; i < config->features_count; i++) {
		pack_text(out, config->features[i].name);
		pack_i64(out, config->features[i].window_us);
	}
}

static void
print_layout(struct buf *out)
{
	const size_t sizes[] = {LAYOUT, SERIES_BUCKETS, SERIES_SLACK, SERIES_SECONDS,
	    SERIES_QUALITY_BUCKETS, RING_WINDOW, RING_STEP, RING_SLACK, LATENCY_BUCKETS,
	    QUALITY_BINS, QUALITY_WIDTH_BINS, ATTRIBUTIONS_RING, EXPECTATIONS_RING, CONCEPT_MARKS,
	    UNSEEN_ENTRIES, UNSEEN_WORD, SEASON_HOURS, sizeof(void *)};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		pack_varint(out, sizes[i]);
	pack_text(out, FRAUDTOP_VERSION);
}

void
monitor_print(const struct monitor *monitor, char hex[65])
{
	struct buf out = {0}, profile = {0};
	print_layout(&out);
	print_config(monitor->config, &out);
	for (size_t i = 0; i < monitor->models_count; i++) {
		const struct model_state *model = monitor->models[i];
		if (model->profile == NULL && model->suites_count == 0)
			continue; /* it came with a record */
		pack_text(&out, model->name);
		buf_clear(&profile);
		if (model->profile != NULL)
			profile_to_json(model->profile, &profile);
		pack_varint(&out, profile.length);
		pack_bytes(&out, profile.data, profile.length);
		for (size_t k = 0; k < model->suites_count; k++)
			pack_text(&out, suite_print(model->suites[k]));
	}
	hash_sha256(out.data, out.length, hex);
	buf_free(&profile);
	buf_free(&out);
}
