/* record.c: see record.h. Leniencies, all for loggers that exist: null is as good as absent; a
 * string field may be a number, whose text is taken. */
#include "core/ingest/record_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/ingest/record_parts.h"
#include "core/ingest/walkers.h"

_Static_assert(RECORD_MAX_TEXT == JSONSCAN_MAX_TEXT, "the reader keeps what the scanner keeps");

enum { ARENA = 65536 };

const struct prediction record_nothing = {.ts = RECORD_NO_TIME,
    .request_id = "",
    .service = "",
    .model = "",
    .version = "",
    .segment = "",
    .score = NAN,
    .threshold = NAN,
    .decision = -1,
    .latency_ms = NAN,
    .label = -1};

static const struct record_paths default_log = {.fields = {RECORD_DEFAULT_PATHS}};

struct record_reader *
record_reader_new_paths(const struct record_paths *paths, struct err *err)
{
	struct record_reader *reader = mem_alloc(sizeof(*reader));
	if (paths == NULL)
		paths = &default_log;
	if (!routes_compile(&reader->routes, paths, err)) {
		free(reader);
		return NULL;
	}
	reader->flat = paths->flat;
	reader->scoreless = paths->scoreless;
	reader->flags = paths->flags != NULL ? paths->flags : &reader->common;
	reader->walk = walkers_best();
	record_forget_keys(reader);
	mem_reserve(&reader->arena, &reader->capacity, ARENA, 1);
	reader->slots = mem_alloc((reader->routes.slots_count + 1) * sizeof(*reader->slots));
	return reader;
}

struct record_reader *
record_reader_new(void)
{
	struct err err;
	struct record_reader *reader = record_reader_new_paths(NULL, &err);
	if (reader == NULL)
		mem_die("the paths of the default log make no sense: %s", err.text);
	return reader;
}

void
record_reader_free(struct record_reader *reader)
{
	if (reader == NULL)
		return;
	members_free(&reader->features);
	members_free(&reader->attributions);
	free(reader->shapes.list);
	intern_free(&reader->names);
	outline_free(&reader->outline);
	free(reader->trace);
	free(reader->known);
	routes_free(&reader->routes);
	free(reader->slots);
	free(reader->arena);
	free(reader);
}

/* Is what the walk found a prediction? What it found not to be one is judged, and its reason told,
 * by the long way. */
static bool
is_prediction(const struct record_reader *reader, const struct prediction *found)
{
	return found->ts != RECORD_NO_TIME &&
	       (!isnan(found->score) || found->status >= 400 || reader->scoreless);
}

/* The long way, from which the walk learns. */
static bool
read_prediction(struct record_reader *reader, const char *line, size_t length,
    struct prediction *prediction, struct err *err)
{
	struct jsonscan scan;
	jsonscan_begin_padded(&scan, line, length, err);
	if (!record_scan(reader, &scan) || !record_judge_prediction(reader, &scan, prediction))
		return false;
	outline_learn(reader, line, length, prediction->shape);
	return true;
}

bool
record_read_prediction(struct record_reader *reader, const char *line, size_t length,
    struct prediction *prediction, struct err *err)
{
	const char *end = line + length;
	if (reader->walk(reader, line, end, prediction) == end &&
	    is_prediction(reader, prediction)) {
		reader->outline.walked++;
		return true;
	}
	return read_prediction(reader, line, length, prediction, err);
}

bool
record_read_label(struct record_reader *reader, const char *line, size_t length,
    struct label *label, struct err *err)
{
	struct jsonscan scan;
	struct prediction found;
	const char *end = line + length;
	if (reader->walk(reader, line, end, &found) == end && found.request_id[0] != '\0' &&
	    found.label >= 0) {
		label->ts = found.ts == RECORD_NO_TIME ? 0 : found.ts;
		label->request_id = found.request_id;
		label->value = found.label;
		reader->outline.walked++;
		return true;
	}
	jsonscan_begin_padded(&scan, line, length, err);
	if (!record_scan(reader, &scan) || !record_judge_label(reader, &scan, label))
		return false;
	outline_learn(reader, line, length, shapes_number(&reader->shapes, &reader->features));
	return true;
}

bool
record_next_prediction(struct record_reader *reader, const char *at, const char *end,
    const char **next, size_t *length, struct prediction *prediction, struct err *err)
{
	const char *after = reader->walk(reader, at, end, prediction);
	if (after != NULL) {
		const char *newline = after < end && *after == '\r' ? after + 1 : after;
		if ((newline >= end || *newline == '\n') && is_prediction(reader, prediction)) {
			reader->outline.walked++;
			*length = (size_t)(after - at);
			*next = newline < end ? newline + 1 : end;
			return true;
		}
	}
	const char *newline = memchr(at, '\n', (size_t)(end - at));
	*length = (size_t)((newline != NULL ? newline : end) - at);
	*next = newline != NULL ? newline + 1 : end;
	if (*length > 0 && at[*length - 1] == '\r')
		--*length;
	if (*length == 0)
		return err_set(err, ERR_NONE, "an empty line");
	return read_prediction(reader, at, *length, prediction, err);
}
