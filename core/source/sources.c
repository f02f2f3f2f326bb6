/* sources.c: see sources.h. Files at their end are looked at only when no other has anything to
 * read, or LOOK_US have gone by: so that the many that are over cost little. */
#include "core/source/sources.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/source/sources_state.h"

#define LOOK_US (CLOCK_SECOND / 10)
#define FILES_OPEN 65536
#define LABEL_PARTS 16 /* labels are short: in small parts they do not run far ahead of the log */

static const struct origin *const origins[ORIGIN_KINDS] = {
    [ORIGIN_TAIL] = &origin_tail,
    [ORIGIN_PACKED] = &origin_packed,
    [ORIGIN_PIPE] = &origin_pipe,
    [ORIGIN_DBROWS] = &origin_dbrows,
};

/* Each file that is followed is kept open: more than the 1,024 that are allowed at first, if the
 * system lets us. */
static void
allow_many_files(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= FILES_OPEN)
		return;
	limit.rlim_cur = limit.rlim_max < FILES_OPEN ? limit.rlim_max : FILES_OPEN;
	setrlimit(RLIMIT_NOFILE, &limit);
}

struct sources *
sources_new(void)
{
	allow_many_files();
	struct sources *sources = mem_alloc(sizeof(*sources));
	sources->bodies = mem_alloc(sizeof(*sources->bodies));
	return sources;
}

void
sources_close(struct sources *sources)
{
	for (size_t i = 0; i < sources->files_count; i++) {
		struct source_file *file = sources->files[i];
		file->origin->free(file->self);
		cutter_free(&file->cutter);
		free(file);
	}
	free(sources->files);
	bodies_free(sources->bodies);
	free(sources->bodies);
}

void
sources_free_specs(struct sources *sources)
{
	for (size_t i = 0; i < sources->specs_count; i++) {
		free(sources->specs[i]->path);
		free(sources->specs[i]->table);
		free(sources->specs[i]);
	}
	free(sources->specs);
}

void
sources_free(struct sources *sources)
{
	if (sources == NULL)
		return;
	sources_close(sources);
	sources_free_specs(sources);
	free(sources);
}

struct source_spec *
sources_add_spec(struct sources *sources, const struct source_options *options)
{
	struct source_spec *spec = mem_alloc(sizeof(*spec));
	*spec = (struct source_spec){.path = mem_string(options->path),
	    .table = mem_string(options->table != NULL ? options->table : ""),
	    .frame = options->frame,
	    .labels = options->labels,
	    .ahead = options->ahead,
	    .context = options->context};
	mem_reserve(&sources->specs, &sources->specs_capacity, sources->specs_count + 1,
	    sizeof(struct source_spec *));
	sources->specs[sources->specs_count++] = spec;
	return spec;
}

void
sources_add(struct sources *sources, const struct source_options *options)
{
	const struct source_spec *spec = sources_add_spec(sources, options);
	sources_find(sources, spec);
	if (options->newest > 0)
		sources_skip(sources, spec, options->newest);
}

void
sources_look(struct sources *sources)
{
	for (size_t i = 0; i < sources->specs_count; i++)
		sources_find(sources, sources->specs[i]);
}

void
sources_tell(struct source_file *file)
{
	struct source_stats *stats = &file->stats;
	file->origin->tell(file->self, stats);
	file->live = stats->at_end;
	stats->lines = file->cutter.lines;
	stats->too_long = file->cutter.too_long;
	memcpy(stats->long_ones, file->cutter.long_ones, sizeof(stats->long_ones));
	stats->finished = file->cutter.over && !file->ready;
	stats->at_end = stats->at_end && !file->ready && !file->cutter.busy;
}

struct source_file *
sources_open(struct sources *sources, const struct source_spec *spec, const char *path,
    enum origin_kind kind, void *self)
{
	const struct origin *origin = origins[kind];
	struct source_file *file = mem_alloc(sizeof(*file));
	*file = (struct source_file){
	    .spec = spec, .kind = kind, .origin = origin, .self = self, .ready = true};
	text_copy(file->stats.path, sizeof(file->stats.path), path);
	file->stats.context = spec->context;
	file->stats.labels = spec->labels;
	cutter_init(&file->cutter, spec->frame, origin->read, self);
	mem_reserve(&sources->files, &sources->files_capacity, sources->files_count + 1,
	    sizeof(struct source_file *));
	sources->files[sources->files_count++] = file;
	sources_tell(file);
	return file;
}

/* --- whose turn it is ----------------------------------------------------------------------------
 */

static void
look_at_files(struct sources *sources)
{
	for (size_t i = 0; i < sources->files_count; i++) {
		struct source_file *file = sources->files[i];
		if (file->cutter.over && !file->ready)
			continue;
		sources_find_lost(sources, file);
		if (file->origin->look != NULL)
			file->origin->look(file->self);
		file->ready = true;
	}
	sources->polled_at = clock_mono();
}

static bool
any_ready(const struct sources *sources)
{
	for (size_t i = 0; i < sources->files_count; i++) {
		if (sources->files[i]->ready)
			return true;
	}
	return false;
}

/* How old is what would be read next? Labels that do not tell come after all else that is there,
 * for they count from when they are read. */
static void
ask_time(struct sources *sources, struct source_file *file)
{
	struct source_record record;
	record.text = cutter_peek(&file->cutter, &record.length);
	record.header = cutter_header(&file->cutter, &record.header_length);
	file->ready = file->timed = record.text != NULL;
	file->time = file->timed ? sources->ask(&record, file->spec->context) : 0;
	if (file->timed && file->time == 0 && file->spec->labels)
		file->time = INT64_MAX;
	if (file->origin->rest != NULL)
		file->origin->rest(file->self);
	sources_tell(file);
}

/* Of equally old ones the log comes before its labels. */
static bool
is_before(const struct source_file *a, const struct source_file *b)
{
	if (a->time != b->time)
		return a->time < b->time;
	return b->spec->labels && !a->spec->labels;
}

static struct source_file *
next_file(struct sources *sources, size_t *number)
{
	struct source_file *next = NULL;
	for (size_t i = 0; i < sources->files_count; i++) {
		size_t at = sources->ask != NULL ? i : (sources->turn + i) % sources->files_count;
		struct source_file *file = sources->files[at];
		if (file->ready && !file->timed && sources->ask != NULL)
			ask_time(sources, file);
		if (!file->ready || (next != NULL && !is_before(file, next)))
			continue;
		next = file;
		*number = at;
		if (sources->ask == NULL)
			break;
	}
	return next;
}

static bool
take_from(struct sources *sources, size_t number, struct stretch *stretch, size_t max_bytes)
{
	struct source_file *file = sources->files[number];
	if (sources->ask != NULL && file->spec->labels)
		max_bytes = max_bytes / LABEL_PARTS + 1;
	file->timed = false;
	file->ready = cutter_take(&file->cutter, stretch, max_bytes);
	sources_tell(file);
	if (!file->ready)
		return false;
	sources->turn = number + 1;
	stretch->file = number;
	stretch->live = file->live;
	return true;
}

bool
sources_take(struct sources *sources, struct stretch *stretch, size_t max_bytes)
{
	size_t number = 0;
	bool looked = !any_ready(sources) || clock_mono() - sources->polled_at >= LOOK_US;
	if (looked)
		look_at_files(sources);
	for (;;) {
		while (next_file(sources, &number) != NULL) {
			if (take_from(sources, number, stretch, max_bytes))
				return true;
		}
		if (looked)
			return false;
		look_at_files(sources);
		looked = true;
	}
}

bool
sources_is_busy(const struct sources *sources)
{
	for (size_t i = 0; i < sources->files_count; i++) {
		const struct cutter *cutter = &sources->files[i]->cutter;
		if (cutter->busy && !cutter->over)
			return true;
	}
	return false;
}

void
sources_on_time(
    struct sources *sources, wall_us (*ask)(const struct source_record *record, void *file_context))
{
	sources->ask = ask;
}

/* --- how far it is -------------------------------------------------------------------------------
 */

size_t
sources_count(const struct sources *sources)
{
	return sources->files_count;
}

const struct source_stats *
sources_stats(const struct sources *sources, size_t file)
{
	return &sources->files[file]->stats;
}

uint64_t
sources_behind(const struct sources *sources)
{
	uint64_t behind = 0;
	for (size_t i = 0; i < sources->files_count; i++) {
		const struct source_stats *stats = &sources->files[i]->stats;
		if (stats->size > stats->bytes && !stats->finished)
			behind += stats->size - stats->bytes;
	}
	return behind;
}

bool
sources_at_end(const struct sources *sources)
{
	for (size_t i = 0; i < sources->files_count; i++) {
		const struct source_stats *stats = &sources->files[i]->stats;
		if (stats->present && !stats->at_end && !stats->finished)
			return false;
	}
	return true;
}
