/* intake_read.c: one stretch from the sources into the monitor: taken, decoded, committed. What is
 * decoded depends on the stretch alone, and what is taken on the sources alone: so the monitor
 * comes out the same whoever does it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/monitor/intake_state.h"

enum {
	FIRST_BYTES = 64 * 1024, /* of a file whose pace is not known yet */
	LEAST_BYTES = 32 * 1024,
	KEEP_BYTES = 32 * 1024 * 1024, /* before a file's end: its rows are kept, */
	SHOW_BYTES = 2 * 1024 * 1024, /* and its lines */
	SPANS = 8 /* of the comparison window: so far files may be read ahead of each other */
};
static const uint64_t sample_seed = 0x66726175647A7031;

void
slot_init(struct slot *slot)
{
	*slot = (struct slot){.batch = batch_new()};
	slot->lines = mem_alloc(INTAKE_LINES * sizeof(*slot->lines));
}

void
slot_clear(struct slot *slot)
{
	stretch_free(&slot->stretch);
	batch_free(slot->batch);
	free(slot->lines);
}

wall_us
intake_tell(struct stretch *told, struct intake_kind *kind, const struct source_record *record)
{
	struct decoded_record decoded;
	if (kind->teller == NULL)
		return 0;
	stretch_reserve(told, record->length);
	memcpy(told->text, record->text, record->length);
	memset(told->text + record->length, 0, STRETCH_PAD);
	told->length = record->length;
	told->header = record->header;
	told->header_length = record->header_length;
	decoder_begin(kind->teller, told);
	switch (decoder_next(kind->teller, &decoded)) {
	case DECODED_PREDICTION:
		return decoded.prediction.ts;
	case DECODED_LABEL:
		return decoded.label.ts;
	default:
		return 0;
	}
}

wall_us
intake_ask(const struct source_record *record, void *file_context)
{
	struct intake_context *context = file_context;
	struct intake *intake = context->intake;
	return intake_tell(&intake->told, &intake->kinds[context->kind], record);
}

/* The last line of a stretch, without its newline. */
static const char *
last_line(const struct stretch *stretch, size_t *length)
{
	const char *end = stretch->text + stretch->length;
	if (end > stretch->text && end[-1] == '\n')
		end--;
	const char *at = end;
	while (at > stretch->text && at[-1] != '\n')
		at--;
	*length = (size_t)(end - at);
	return at;
}

static struct intake_pace *
pace_of(struct intake *intake, size_t file)
{
	if (file >= intake->paces_count) {
		intake->paces = mem_grow(intake->paces, file + 1, sizeof(*intake->paces));
		while (intake->paces_count <= file)
			intake->paces[intake->paces_count++] = (struct intake_pace){0};
	}
	return &intake->paces[file];
}

/* Several files are merged by time: none may be read so far ahead of the others that these come too
 * late for the windows. */
static size_t
choose_bytes(struct intake *intake, size_t most)
{
	size_t open = 0, least = most, count = sources_count(intake->sources);
	double span = (double)intake->config->comparison_us / SPANS;
	for (size_t i = 0; i < count; i++) {
		const struct source_stats *stats = sources_stats(intake->sources, i);
		if (!stats->present || stats->at_end)
			continue;
		open++;
		double us_byte = pace_of(intake, i)->us_byte;
		double bytes = us_byte > 0 ? span / us_byte : FIRST_BYTES;
		if (bytes < (double)least)
			least = bytes > LEAST_BYTES ? (size_t)bytes : LEAST_BYTES;
	}
	return open > 1 && least < most ? least : most;
}

/* What the stretch's first and last records tell of its file's pace. */
static void
measure(struct intake *intake, struct slot *slot, struct intake_kind *kind)
{
	const struct stretch *stretch = &slot->stretch;
	struct intake_pace *pace = pace_of(intake, stretch->file);
	bool first = pace->us_byte == 0;
	slot->oldest = 0;
	if (!first && sources_count(intake->sources) < 2)
		return;
	const char *newline = memchr(stretch->text, '\n', stretch->length);
	struct source_record record = {.text = stretch->text,
	    .length = newline != NULL ? (size_t)(newline - stretch->text) : stretch->length,
	    .header = stretch->header,
	    .header_length = stretch->header_length};
	wall_us from = intake_tell(&intake->told, kind, &record);
	record.text = last_line(stretch, &record.length);
	wall_us to = intake_tell(&intake->told, kind, &record);
	if (from == 0 || to <= from)
		return;
	if (first)
		slot->oldest = from;
	pace->us_byte = (double)(to - from) / (double)stretch->length;
}

static struct intake_item *
item_of(struct intake *intake, size_t file)
{
	pthread_mutex_lock(&intake->mutex);
	struct intake_item *item = file < intake->items_count ? intake->items[file] : NULL;
	pthread_mutex_unlock(&intake->mutex);
	if (item != NULL)
		return item;
	turnlock_enter(&intake->monitor_lock, false);
	intake_adopt(intake);
	item = intake->items[file];
	turnlock_leave(&intake->monitor_lock);
	return item;
}

/* Is the stretch's end less than so many bytes before its file's? */
static bool
is_near_end(const struct slot *slot, uint64_t bytes)
{
	const struct source_stats *source = &slot->source;
	return slot->stretch.live || source->size <= source->bytes + bytes;
}

enum intake_taken
intake_take(struct intake *intake, struct slot *slot, size_t max_bytes)
{
	bool got = sources_take(intake->sources, &slot->stretch, choose_bytes(intake, max_bytes));
	if (got) {
		slot->source = *sources_stats(intake->sources, slot->stretch.file);
		slot->behind = sources_behind(intake->sources);
		slot->item = item_of(intake, slot->stretch.file);
		measure(intake, slot, &intake->kinds[slot->item->context->kind]);
		slot->keep = !slot->source.labels && is_near_end(slot, KEEP_BYTES);
		slot->show = !slot->source.labels && is_near_end(slot, SHOW_BYTES);
	}
	bool busy = !got && sources_is_busy(intake->sources);
	return got ? TAKEN_STRETCH : busy ? TAKEN_LATER : TAKEN_NOTHING;
}

static bool
is_sampled_out(const struct slot *slot, const struct decoded_record *record, const char *id)
{
	uint64_t most = slot->item->context->most;
	if (most == UINT64_MAX)
		return false;
	const char *seed = id[0] != '\0' ? id : record->text;
	size_t length = id[0] != '\0' ? strlen(id) : record->length;
	return hash_bytes(seed, length, sample_seed) > most;
}

/* Where in the file the lines begin that are shown. */
static uint64_t
shown_from(const struct slot *slot, enum frame frame)
{
	const char *at = slot->stretch.text + slot->stretch.length;
	if (!slot->show)
		return UINT64_MAX;
	for (size_t i = 0; frame == FRAME_LINES && i <= INTAKE_LINES; i++) {
		while (at > slot->stretch.text && *--at != '\n')
			continue;
	}
	size_t passed = frame == FRAME_LINES ? (size_t)(at - slot->stretch.text) : 0;
	return slot->stretch.offset + passed;
}

static void
show(struct slot *slot, const struct decoded_record *record, bool rejected)
{
	struct intake_line *line = &slot->lines[slot->lines_count++ % INTAKE_LINES];
	line->offset = record->offset;
	intake_line_fill(&line->view, slot->item->context, record, rejected);
}

static void
decode_prediction(struct slot *slot, const struct decoded_record *record, uint64_t from)
{
	if (is_sampled_out(slot, record, record->prediction.request_id)) {
		slot->sampled_out++;
		return;
	}
	batch_prediction(slot->batch, &record->prediction, record->offset, record->line);
	if (record->offset >= from)
		show(slot, record, false);
}

void
intake_decode(struct intake *intake, struct slot *slot, struct decoder *decoder)
{
	const struct intake_context *context = slot->item->context;
	const struct config_service *service = context->service;
	struct decoded_record record;
	uint64_t from = shown_from(slot, mapping_frame(intake->kinds[context->kind].mapping));
	slot->refusals = slot->refused = (struct refusals){0};
	slot->sampled_out = slot->lines_count = 0;
	batch_begin(slot->batch, intake->monitor, slot->item->number, slot->keep, service->name,
	    service->model);
	decoder_begin(decoder, &slot->stretch);
	for (;;) {
		switch (decoder_next(decoder, &record)) {
		case DECODED_END:
			return;
		case DECODED_PREDICTION:
			decode_prediction(slot, &record, from);
			break;
		case DECODED_LABEL:
			if (is_sampled_out(slot, &record, record.label.request_id))
				slot->sampled_out++;
			else
				batch_label(slot->batch, &record.label);
			break;
		case DECODED_REFUSED:
			refusals_add(&slot->refusals, record.offset, record.line, record.err.text,
			    record.text, record.length, record.cut);
			if (slot->show)
				show(slot, &record, true);
			break;
		}
	}
}

/* The monitor would not have it. */
static void
refused(const char *reason, uint64_t offset, uint64_t line, void *context)
{
	struct slot *slot = context;
	struct decoded_record record = {.offset = offset, .line = line};
	const char *end = slot->stretch.text + slot->stretch.length;
	record.text = slot->stretch.text + (offset - slot->stretch.offset);
	const char *newline = memchr(record.text, '\n', (size_t)(end - record.text));
	record.length = (size_t)((newline != NULL ? newline : end) - record.text);
	refusals_add(&slot->refused, offset, line, reason, record.text, record.length, false);
	for (size_t i = 0; i < slot->lines_count && i < INTAKE_LINES; i++) {
		if (slot->lines[i].offset == offset)
			intake_line_fill(&slot->lines[i].view, slot->item->context, &record, true);
	}
}

/* The decoder's and the monitor's, as if they had come by the line. */
static void
merge_refusals(struct refusals *refusals, const struct refusals *refused)
{
	struct refusal first = refusals->first, last = refusals->last;
	bool any = refusals->count > 0;
	refusals_merge(refusals, refused);
	if (!any || refused->count == 0)
		return;
	refusals->first = first.offset < refused->first.offset ? first : refused->first;
	refusals->last = last.offset > refused->last.offset ? last : refused->last;
}

void
intake_source(struct intake_item *item, const struct source_stats *source)
{
	struct intake_file *file = &item->file;
	char reason[64];
	snprintf(reason, sizeof(reason), "longer than %d bytes", STRETCH_MAX_RECORD);
	for (; item->too_long < source->too_long; item->too_long++) {
		const struct record_place *place =
		    &source->long_ones[item->too_long % STRETCH_LONG_ONES];
		refusals_add(&file->refusals, place->offset, place->line, reason, "", 0, false);
	}
	item->source = *source;
}

/* The rate is that of the last second or so. */
static void
count_progress(struct intake *intake, const struct slot *slot)
{
	struct intake_progress *progress = &intake->progress;
	mono_us now = clock_mono();
	progress->bytes += slot->stretch.length;
	progress->total = progress->bytes + slot->behind;
	if (slot->oldest != 0 && (progress->oldest == 0 || slot->oldest < progress->oldest))
		progress->oldest = slot->oldest;
	if (intake->rated_at != 0 && now - intake->rated_at < CLOCK_SECOND &&
	    progress->bytes_s != 0)
		return;
	if (intake->rated_at != 0 && now - intake->rated_at > CLOCK_SECOND / 20) {
		progress->bytes_s = (double)(progress->bytes - intake->rated_bytes) * 1e6 /
				    (double)(now - intake->rated_at);
	} else if (intake->rated_at != 0) {
		return;
	}
	intake->rated_at = now;
	intake->rated_bytes = progress->bytes;
}

void
intake_commit(struct intake *intake, struct slot *slot)
{
	struct intake_file *file = &slot->item->file;
	struct batch_result result = {0};
	monitor_commit(intake->monitor, slot->batch, &result, refused, slot);
	monitor_tick(intake->monitor);
	file->accepted += slot->source.labels ? result.labels : result.accepted;
	file->late += result.late;
	file->sampled_out += slot->sampled_out;
	if (result.newest > file->newest)
		file->newest = result.newest;
	intake_source(slot->item, &slot->source); /* what was passed over came before */
	merge_refusals(&slot->refusals, &slot->refused);
	refusals_merge(&file->refusals, &slot->refusals);
	count_progress(intake, slot);
	size_t shown = slot->lines_count < INTAKE_LINES ? slot->lines_count : INTAKE_LINES;
	for (size_t i = 0; i < shown && intake->take_line != NULL; i++)
		intake->take_line(file,
		    &slot->lines[(slot->lines_count - shown + i) % INTAKE_LINES].view,
		    intake->line_context);
}
