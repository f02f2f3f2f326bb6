/* probe_guess.c: which format a log has, and what stands in its first record. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/ingest/columns.h"
#include "core/ingest/jsonscan.h"
#include "core/format/probe.h"
#include "core/format/probe_parts.h"
#include "core/source/frame.h"

/* Words by which one sees what a log is that cannot be read. */
static const struct {
	const char *word, *format;
} signs[] = {{"\"captureData\"", "sagemaker-capture"}, {"\"groundTruthData\"", "sagemaker-capture"},
    {"\"specversion\"", "cloudevents"}, {"inference.request", "cloudevents"},
    {"\"outputs\"", "mlserver-v2"}, {"\"inputs\"", "mlserver-v2"}, {"fraud_probability", "fastapi"},
    {"\"request\"", "fastapi"}, {"\"input\"", "fastapi"}, {"\"timestamp\"", "fastapi"},
    {"\"transaction_id\"", "fastapi"}};

static uint64_t
good_of(const struct probe_counts *counts)
{
	return counts->predictions + counts->labels + counts->waiting;
}

static double
share_of(const struct probe_counts *counts)
{
	uint64_t good = good_of(counts), all = good + counts->refusals.count;
	return all > 0 ? (double)good / (double)all : 0;
}

/* More understood; if as much, with features rather than without. */
static bool
is_better(const struct probe_try *a, const struct probe_try *b)
{
	double more = share_of(&a->counts) - share_of(&b->counts);
	if (more != 0)
		return more > 0;
	return good_of(&a->counts) > 0 && a->counts.featured > 0 && b->counts.featured == 0 &&
	       b->counts.labels == 0;
}

static size_t
find_try(const struct probe_tries *tries, const char *format)
{
	size_t i = 0;
	while (i + 1 < tries->count && strcmp(tries->list[i].format, format) != 0)
		i++;
	return i;
}

/* By what its beginning looks like: a preset that could not read it either. */
static size_t
guess_by_looks(const char *path, const struct probe_tries *tries)
{
	struct probe_file file;
	const char *format = "fraudtop";
	struct table_style style;
	struct err ignored;
	if (probe_open(&file, path, FRAME_LINES, &ignored) && probe_take(&file)) {
		const char *text = file.stretch.text;
		size_t blank = strspn(text, " \t\r\n\xef\xbb\xbf");
		if (text[blank] != '{' && text[blank] != '[' &&
		    probe_style(text + blank, file.stretch.length - blank, &style))
			format = "csv";
		for (size_t i = sizeof(signs) / sizeof(*signs); i-- > 0;)
			if (strstr(text, signs[i].word) != NULL)
				format = signs[i].format;
	}
	probe_close(&file);
	return find_try(tries, format);
}

struct mapping *
probe_mapping(const char *path, const struct config *config, const char *format, struct err *err)
{
	struct mapping *mapping = mapping_new(config, format, err);
	struct probe_file file;
	struct table_style style;
	struct err ignored;
	if (mapping == NULL || strcmp(format, "csv") != 0)
		return mapping;
	if (probe_open(&file, path, FRAME_LINES, &ignored) && probe_take(&file) &&
	    probe_style(file.stretch.text, file.stretch.length, &style))
		mapping_set_style(mapping, style);
	probe_close(&file);
	return mapping;
}

static bool
try_format(const char *path, const struct config *config, struct probe_try *try, struct err *err)
{
	struct mapping *mapping = probe_mapping(path, config, try->format, err);
	if (mapping == NULL)
		return false;
	if (*try->inside != '\0' && !mapping_put_inside(mapping, try->inside, err)) {
		mapping_free(mapping);
		return true;
	}
	bool read = probe_read(path, mapping, false, PROBE_BYTES, &try->counts, NULL, NULL, err);
	if (read && good_of(&try->counts) == 0) {
		struct probe_counts counts;
		read = probe_read(path, mapping, true, PROBE_BYTES, &counts, NULL, NULL, err);
		try->labels = counts.labels > 0;
		if (try->labels)
			try->counts = counts;
	}
	mapping_free(mapping);
	return read;
}

/* Every format, on what is inside the lines. */
static bool
try_formats(const char *path, const struct config *config, const char *inside,
    struct probe_tries *tries, struct err *err)
{
	size_t presets = 0;
	while (mapping_presets[presets] != NULL)
		presets++;
	size_t count = presets + config->mappings_count;
	tries->list = mem_grow(tries->list, tries->count + count, sizeof(*tries->list));
	for (size_t i = 0; i < count; i++) {
		struct probe_try *try = &tries->list[tries->count];
		*try =
		    (struct probe_try){.format = i < presets ? mapping_presets[i]
							     : config->mappings[i - presets].name};
		text_copy(try->inside, sizeof(try->inside), inside);
		if (!try_format(path, config, try, err))
			return false;
		if (is_better(try, &tries->list[tries->best]))
			tries->best = tries->count;
		tries->count++;
	}
	tries->understood = good_of(&tries->list[tries->best].counts) > 0;
	return true;
}

bool
probe_guess(
    const char *path, const struct config *config, struct probe_tries *tries, struct err *err)
{
	char insides[PROBE_INSIDES][256];
	*tries = (struct probe_tries){0};
	if (!try_formats(path, config, "", tries, err))
		return false;
	size_t count = tries->understood ? 0 : probe_insides(path, insides);
	for (size_t i = 0; i < count; i++)
		if (!try_formats(path, config, insides[i], tries, err))
			return false;
	if (!tries->understood)
		tries->best = guess_by_looks(path, tries);
	return true;
}

void
probe_tries_free(struct probe_tries *tries)
{
	free(tries->list);
	*tries = (struct probe_tries){0};
}

/* --- what stands where --- */

struct places {
	struct buf *out;
	size_t left; /* lines */
};

void
probe_add_key(char *path, size_t size, const char *key)
{
	bool plain = *key != '\0' && strpbrk(key, ".[]| \t\"'") == NULL;
	const char *quote = strchr(key, '"') == NULL ? "\"" : "'";
	if (plain)
		text_append(path, size, ".%s", key);
	else
		text_append(path, size, "[%s%s%s]", quote, key, quote);
}

static bool
list_places(struct places *places, struct jsonscan *scan, const char *path, unsigned depth)
{
	char inner[512], key[RECORD_MAX_TEXT + 1];
	char c = jsonscan_peek(scan);
	size_t length, count = 0;
	if (c == '{' && depth < 12) {
		enum jsonscan_step step;
		scan->at++;
		while ((step = jsonscan_member(scan, &count, key, &length)) == JSONSCAN_MEMBER) {
			text_copy(inner, sizeof(inner), path);
			probe_add_key(inner, sizeof(inner), key);
			if (!list_places(places, scan, inner, depth + 1))
				return false;
		}
		return step == JSONSCAN_END;
	}
	const char *from = scan->at;
	if (!jsonscan_skip(scan, depth))
		return false;
	if (places->left == 0)
		return true;
	places->left--;
	length = (size_t)(scan->at - from);
	length = text_scrub(key, 61, from, length);
	buf_printf(places->out, "%s  %s%s\n", path, key, length > 56 ? "..." : "");
	return true;
}

static bool
list_columns(
    struct places *places, enum frame frame, const struct stretch *stretch, struct err *err)
{
	struct csv header = {0}, row = {0};
	struct columns columns;
	csv_begin(&header, stretch->header, stretch->header_length);
	csv_begin(&row, stretch->text, stretch->length);
	header.delimiter = row.delimiter = frame_delimiter(frame);
	bool read = csv_next(&header) && columns_read(&columns, &header, "the header", err);
	bool first = csv_next(&row) && row.reason == NULL;
	for (size_t i = 0; read && i < columns.count && places->left > 0; i++, places->left--) {
		char value[64] = "";
		if (first && i < row.count)
			text_scrub(value, sizeof(value), row.fields[i].text, row.fields[i].length);
		buf_printf(places->out, "%s  %s\n", columns.list[i].name, value);
	}
	if (read)
		columns_free(&columns);
	csv_free(&header);
	csv_free(&row);
	return read;
}

bool
probe_places(const char *path, enum frame frame, size_t most, struct buf *out, struct err *err)
{
	struct probe_file file;
	struct places places = {out, most};
	buf_puts(out, "");
	bool open = probe_open(&file, path, frame, err);
	if (open && probe_take(&file)) {
		const struct stretch *stretch = &file.stretch;
		const char *object = memchr(stretch->text, '{', stretch->length);
		struct jsonscan scan;
		struct err ignored;
		if (stretch->header != NULL) {
			list_columns(&places, frame, stretch, &ignored);
		} else if (object != NULL) {
			jsonscan_begin(&scan, object,
			    stretch->length - (size_t)(object - stretch->text), &ignored);
			list_places(&places, &scan, "$", 0);
		}
	}
	probe_close(&file);
	return open;
}
