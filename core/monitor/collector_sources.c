/* collector_sources.c: the files that are read, and the newest of their lines. */
#include <string.h>

#include "core/base/text.h"
#include "core/monitor/collector_parts.h"
#include "core/monitor/intake_view.h"

static bool
is_packed(const char *path)
{
	const char *dot = strrchr(path, '.');
	return dot != NULL && (strcmp(dot, ".gz") == 0 || strcmp(dot, ".zst") == 0);
}

static enum source_kind
kind_of(const struct intake_file *file)
{
	if (strcmp(file->source->path, "-") == 0)
		return SOURCE_STDIN;
	if (!file->source->labels && file->service->table[0] != '\0')
		return SOURCE_TABLE;
	return is_packed(file->source->path) ? SOURCE_PACKED : SOURCE_FILE;
}

static void
view_reason(struct source_view *view, const struct intake_file *file)
{
	const struct source_stats *stats = file->source;
	if (stats->error[0] != '\0')
		text_copy(view->last_reason, sizeof(view->last_reason), stats->error);
	else if (file->refusals.count > 0)
		text_copy(view->last_reason, sizeof(view->last_reason), file->refusals.last.reason);
}

static void
view_source(struct snapshot *snapshot, struct source_view *view, const struct intake_file *file)
{
	const struct source_stats *stats = file->source;
	struct refusals *refusals = snapshot_alloc(snapshot, sizeof(*refusals));
	*refusals = file->refusals;
	text_copy(view->name, sizeof(view->name), file->service->name);
	text_scrub(view->path, sizeof(view->path), stats->path, strlen(stats->path));
	view->kind = kind_of(file);
	if (view->kind == SOURCE_TABLE)
		text_copy(view->table, sizeof(view->table), file->service->table);
	view->labels = stats->labels;
	view->lines = stats->lines + stats->too_long;
	view->bytes = stats->bytes;
	view->behind = stats->size > stats->bytes ? stats->size - stats->bytes : 0;
	view->accepted = file->accepted;
	view->rejected = refusals->count;
	view->late = file->late;
	view->sampled_out = file->sampled_out;
	view->sample = file->service->sample;
	view->present = stats->present;
	view->finished = stats->finished;
	view->refusals = refusals;
	view->lag_s = file->newest == 0
			  ? metric_none()
			  : metric_ok((double)(snapshot->made_at - file->newest) / 1e6, 1);
	view_reason(view, file);
}

bool
collector_input_open(const struct collector *collector)
{
	struct intake *whole = collector->main.intake;
	bool open = false;
	intake_lock(whole);
	for (size_t i = 0; i < intake_files(whole) && !open; i++) {
		const struct intake_file *file = intake_file(whole, i);
		open = kind_of(file) == SOURCE_STDIN && !file->source->finished;
	}
	intake_unlock(whole);
	return open;
}

/* What the shown feed reads too, as it is there: its counts are those of the figures. */
static const struct intake_file *
file_shown(struct collector *collector, const struct intake_file *file)
{
	const struct intake *preview = collector->preview.intake;
	for (size_t i = 0; preview != NULL && i < intake_files(preview); i++) {
		const struct intake_file *other = intake_file(preview, i);
		if (other->source->labels == file->source->labels &&
		    strcmp(other->source->path, file->source->path) == 0)
			return other;
	}
	return file;
}

void
collector_sources_view(struct collector *collector, struct snapshot *snapshot)
{
	struct intake *whole = collector->main.intake;
	size_t count = intake_files(whole);
	snapshot->sources = snapshot_alloc(snapshot, count * sizeof(*snapshot->sources));
	snapshot->sources_count = count;
	for (size_t i = 0; i < count; i++)
		view_source(
		    snapshot, &snapshot->sources[i], file_shown(collector, intake_file(whole, i)));
}

void
collector_lines_view(struct collector *collector, struct snapshot *snapshot)
{
	const struct line_view *list[LOG_LINES];
	size_t count = log_lines_by_time(&collector_shown(collector)->lines, list);
	snapshot->lines = snapshot_alloc(snapshot, count * sizeof(*snapshot->lines));
	snapshot->lines_count = count;
	for (size_t i = 0; i < count; i++)
		snapshot->lines[i] = *list[i];
}
