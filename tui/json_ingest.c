#include "tui/json_ingest.h"

#include "tui/json_series.h"

void
json_refusal(struct jsonw *json, const char *key, const struct refusal *refusal)
{
	jsonw_open_object(json, key);
	jsonw_int(json, "line", (int64_t)refusal->line);
	jsonw_int(json, "offset", (int64_t)refusal->offset);
	jsonw_string(json, "reason", refusal->reason);
	jsonw_string(json, "text", refusal->text);
	jsonw_close_object(json);
}

static void
put_refusals(struct jsonw *json, const struct refusals *refusals)
{
	jsonw_open_object(json, "refused");
	jsonw_int(json, "count", (int64_t)refusals->count);
	jsonw_int(json, "cut", (int64_t)refusals->cut);
	if (refusals->count > 0) {
		json_refusal(json, "first", &refusals->first);
		json_refusal(json, "last", &refusals->last);
	}
	jsonw_open_array(json, "sample");
	for (size_t i = 0; i < refusals->sample_count; i++)
		json_refusal(json, NULL, &refusals->sample[i]);
	jsonw_close_array(json);
	jsonw_close_object(json);
}

static void
put_source(struct jsonw *json, const struct source_view *source)
{
	jsonw_open_object(json, NULL);
	jsonw_string(json, "path", source->path);
	jsonw_string(json, "kind", source->labels ? "labels" : "log");
	jsonw_string(json, "source", snapshot_kind_name(source->kind));
	if (source->kind == SOURCE_TABLE)
		jsonw_string(json, "table", source->table);
	jsonw_bool(json, "present", source->present);
	jsonw_bool(json, "finished", source->finished);
	jsonw_int(json, "lines", (int64_t)source->lines);
	jsonw_int(json, "accepted", (int64_t)source->accepted);
	jsonw_int(json, "rejected", (int64_t)source->rejected);
	jsonw_int(json, "late", (int64_t)source->late);
	jsonw_int(json, "sample", source->sample > 1 ? source->sample : 1);
	jsonw_int(json, "sampled_out", (int64_t)source->sampled_out);
	jsonw_int(json, "bytes", (int64_t)source->bytes);
	jsonw_int(json, "behind", (int64_t)source->behind);
	json_metric(json, "lag_s", &source->lag_s);
	jsonw_string(json, "last_reason", json_word(source->last_reason));
	if (source->refusals != NULL)
		put_refusals(json, source->refusals);
	jsonw_close_object(json);
}

static void
put_progress(struct jsonw *json, const struct catchup_view *catchup)
{
	static const char *const states[] = {"done", "running", "stopped"};
	jsonw_open_object(json, "progress");
	jsonw_string(json, "state", states[catchup->state]);
	jsonw_int(json, "bytes", (int64_t)catchup->bytes);
	jsonw_int(json, "total", (int64_t)catchup->total);
	jsonw_number(json, "bytes_s", catchup->bytes_s);
	if (catchup->state == CATCHUP_RUNNING && catchup->left_us >= 0)
		jsonw_number(json, "left_s", (double)catchup->left_us / 1e6);
	else
		jsonw_null(json, "left_s");
	if (catchup->newest_us > 0)
		jsonw_number(json, "newest_s", (double)catchup->newest_us / 1e6);
	else
		jsonw_null(json, "newest_s");
	jsonw_close_object(json);
}

static void
put_checkpoint(struct jsonw *json, const struct checkpoint_view *checkpoint)
{
	jsonw_open_object(json, "checkpoint");
	jsonw_bool(json, "kept", checkpoint->kept);
	jsonw_bool(json, "resumed", checkpoint->resumed);
	if (checkpoint->made_at != 0)
		jsonw_time(json, "made_at", checkpoint->made_at);
	else
		jsonw_null(json, "made_at");
	jsonw_string(json, "reason", json_word(checkpoint->reason));
	jsonw_close_object(json);
}

static void
put_labels(struct jsonw *json, const struct join_view *join)
{
	jsonw_open_object(json, "labels");
	jsonw_int(json, "pending", (int64_t)join->pending);
	jsonw_int(json, "joined", (int64_t)join->joined);
	jsonw_int(json, "waiting", (int64_t)join->waiting_labels);
	jsonw_int(json, "duplicates", (int64_t)join->duplicates);
	jsonw_int(json, "expired", (int64_t)join->expired);
	jsonw_int(json, "evicted", (int64_t)join->evicted);
	jsonw_string(json, "reason", json_word(join->reason));
	jsonw_close_object(json);
}

static void
put_windows(struct jsonw *json, const struct windows_view *windows)
{
	jsonw_open_object(json, "windows");
	jsonw_int(json, "memory", (int64_t)windows->most);
	jsonw_int(json, "used", (int64_t)windows->used);
	jsonw_int(json, "folded", (int64_t)windows->folded);
	jsonw_int(json, "as_other", (int64_t)windows->elsewhere);
	jsonw_int(json, "passed_over", (int64_t)windows->passed);
	jsonw_close_object(json);
}

void
json_ingest(struct jsonw *json, const struct snapshot *snapshot)
{
	uint64_t lines = 0, rejected = 0, late = 0, bytes = 0, behind = 0, sampled_out = 0;
	struct metric lag = metric_none(); /* of the log that is furthest behind */
	for (size_t i = 0; i < snapshot->sources_count; i++) {
		const struct source_view *source = &snapshot->sources[i];
		lines += source->lines;
		rejected += source->rejected;
		late += source->late;
		bytes += source->bytes;
		behind += source->behind;
		sampled_out += source->sampled_out;
		if (!source->labels && metric_known(&source->lag_s) &&
		    (!metric_known(&lag) || source->lag_s.value > lag.value))
			lag = source->lag_s;
	}
	jsonw_open_object(json, "ingest");
	jsonw_int(json, "lines", (int64_t)lines);
	jsonw_int(json, "rejected", (int64_t)rejected);
	jsonw_int(json, "late", (int64_t)late);
	jsonw_int(json, "sampled_out", (int64_t)sampled_out);
	jsonw_int(json, "bytes", (int64_t)bytes);
	jsonw_int(json, "behind", (int64_t)behind);
	json_metric(json, "lag_s", &lag);
	put_progress(json, &snapshot->catchup);
	put_checkpoint(json, &snapshot->checkpoint);
	jsonw_open_array(json, "sources");
	for (size_t i = 0; i < snapshot->sources_count; i++)
		put_source(json, &snapshot->sources[i]);
	jsonw_close_array(json);
	put_labels(json, &snapshot->join);
	put_windows(json, &snapshot->windows);
	jsonw_close_object(json);
}
