/* record.c: see record.h. Leniencies, all for loggers that exist: null is as good as absent; a
 * string field may be a number, whose text is taken. */
#include "core/ingest/record.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/ingest/record_parts.h"

_Static_assert(RECORD_MAX_TEXT == JSONSCAN_MAX_TEXT, "the reader keeps what the scanner keeps");

static const struct record_paths default_log = {.fields = {[RECORD_TS] = "$.ts",
						    [RECORD_REQUEST_ID] = "$.request_id",
						    [RECORD_SERVICE] = "$.service",
						    [RECORD_MODEL] = "$.model",
						    [RECORD_VERSION] = "$.version",
						    [RECORD_SEGMENT] = "$.segment",
						    [RECORD_SCORE] = "$.score",
						    [RECORD_THRESHOLD] = "$.threshold",
						    [RECORD_DECISION] = "$.decision",
						    [RECORD_LATENCY] = "$.latency_ms",
						    [RECORD_STATUS] = "$.status",
						    [RECORD_LABEL] = "$.label",
						    [RECORD_FEATURES] = "$.features",
						    [RECORD_ATTRIBUTIONS] = "$.attributions"}};

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
	members_free(reader);
	routes_free(&reader->routes);
	free(reader->slots);
	free(reader->arena);
	free(reader);
}

bool
record_read_prediction(struct record_reader *reader, const char *line, size_t length,
    struct prediction *prediction, struct err *err)
{
	struct jsonscan scan;
	jsonscan_begin(&scan, line, length, err);
	return record_scan(reader, &scan) && record_judge_prediction(reader, &scan, prediction);
}

bool
record_read_label(struct record_reader *reader, const char *line, size_t length,
    struct label *label, struct err *err)
{
	struct jsonscan scan;
	jsonscan_begin(&scan, line, length, err);
	return record_scan(reader, &scan) && record_judge_label(reader, &scan, label);
}

bool
record_next_prediction(struct record_reader *reader, const char *at, const char *end,
    const char **next, size_t *length, struct prediction *prediction, struct err *err)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));
	*length = (size_t)((newline != NULL ? newline : end) - at);
	*next = newline != NULL ? newline + 1 : end;
	if (*length > 0 && at[*length - 1] == '\r')
		--*length;
	if (*length == 0)
		return err_set(err, ERR_NONE, "an empty line");
	return record_read_prediction(reader, at, *length, prediction, err);
}
