/* probe_looks.c: what a file is that is no log for any preset, as its first bytes tell. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/format/probe.h"
#include "core/format/probe_parts.h"
#include "core/ingest/jsonscan.h"
#include "core/source/frame.h"

#define HEAD 65536

#define UNPACK ", which is not read: unpack it, or pack it with gzip or zstd"

static const struct {
	const char *magic;
	size_t length;
	const char *what;
} kinds[] = {
    {"\xfd"
     "7zXZ",
	5, "packed with xz" UNPACK},
    {"BZh", 3, "packed with bzip2" UNPACK},
    {"PK\x03\x04", 4, "a zip archive" UNPACK},
    {"\x04\x22\x4d\x18", 4, "packed with lz4" UNPACK},
    {"PAR1", 4, "Parquet, which is not read: export it as CSV"},
    {"Obj\x01", 4, "Avro, which is not read: export it as JSON lines"},
    {"SQLite format 3", 16, "a SQLite database: a service reads one by its `table`"},
    {"\xff\xfe", 2, "UTF-16, and logs are UTF-8: iconv -f UTF-16 -t UTF-8"},
    {"\xfe\xff", 2, "UTF-16, and logs are UTF-8: iconv -f UTF-16 -t UTF-8"},
    {"# HELP ", 7, "metrics: they are for `url` of a service, not for its `log`"},
    {"# TYPE ", 7, "metrics: they are for `url` of a service, not for its `log`"},
};

static size_t
count_of(const char *text, size_t length, char c)
{
	size_t count = 0;
	for (size_t i = 0; i < length; i++)
		count += text[i] == c;
	return count;
}

/* Do fields with a comma among their digits outnumber those with a point? */
static bool
has_decimal_commas(const char *text, size_t length, char delimiter)
{
	size_t commas = 0, points = 0;
	for (const char *at = text, *end = text + length; at < end; at++) {
		const char *from = at;
		while (at < end && *at != delimiter && *at != '\n' && *at != '\r' && *at != '"')
			at++;
		size_t size = (size_t)(at - from), digits = 0;
		for (size_t i = 0; i < size; i++)
			digits += (from[i] >= '0' && from[i] <= '9') || from[i] == '-';
		commas += digits > 1 && digits + 1 == size && memchr(from, ',', size) != NULL;
		points += digits > 1 && digits + 1 == size && memchr(from, '.', size) != NULL;
	}
	return commas > points;
}

bool
probe_style(const char *text, size_t length, struct table_style *style)
{
	const char *newline = memchr(text, '\n', length);
	size_t line = newline != NULL ? (size_t)(newline - text) : length, most = 0;
	*style = (struct table_style){.frame = FRAME_CSV};
	for (enum frame frame = FRAME_CSV; frame <= FRAME_CSV_BAR; frame++) {
		size_t count = count_of(text, line, frame_delimiter(frame));
		if (count > most) {
			most = count;
			style->frame = frame;
		}
	}
	style->decimal_comma =
	    style->frame != FRAME_CSV &&
	    has_decimal_commas(text + line, length - line, frame_delimiter(style->frame));
	return most > 0;
}

/* JSON that does not stand a record in a line. */
static const char *
looks_of_json(const char *text, size_t length)
{
	struct jsonscan scan;
	size_t line = strcspn(text, "\n");
	char first = text[1 + strspn(text + 1, " \t\r\n")];
	if (*text == '[' && (first == '{' || first == '[' || first == '"'))
		return "one JSON list: records must be lines of their own, as `jq -c .[]` makes "
		       "them";
	jsonscan_begin(&scan, text, line < length ? line : length, NULL);
	if (*text == '{' && line < length && !jsonscan_skip(&scan, 0)) {
		jsonscan_begin(&scan, text, length, NULL);
		if (jsonscan_skip(&scan, 0) || scan.at == scan.end)
			return "JSON over several lines: records must be lines of their own, as "
			       "`jq -c .` makes them";
	}
	return NULL;
}

static const char *
looks_of_text(const char *text, size_t length)
{
	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		length -= 3;
	}
	while (length > 0 && strchr(" \t\r\n", *text) != NULL && *text != '\0') {
		text++;
		length--;
	}
	if (length == 0)
		return NULL;
	const char *json = *text == '{' || *text == '[' ? looks_of_json(text, length) : NULL;
	if (json != NULL || *text == '{')
		return json;
	size_t line = strcspn(text, "\n");
	const char *brace = memchr(text, '{', line);
	if (brace != NULL && memchr(brace, '}', (size_t)(text + line - brace)) != NULL)
		return "lines with text before their JSON, in which no preset finds a record: a "
		       "mapping "
		       "with `inside: text` reads what is after it";
	struct table_style style;
	return probe_style(text, length, &style) ? NULL : "neither JSON nor a table";
}

const char *
probe_looks(const char *path)
{
	struct probe_file file;
	struct err ignored;
	const char *looks = NULL;
	char *head = mem_alloc(HEAD + 1);
	size_t length = 0, got = 0;
	bool open = probe_open(&file, path, FRAME_LINES, &ignored);
	while (open && length < HEAD &&
	       probe_more(&file, head + length, HEAD - length, &got) == GOT_BYTES)
		length += got;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && looks == NULL; i++)
		if (length >= kinds[i].length && memcmp(head, kinds[i].magic, kinds[i].length) == 0)
			looks = kinds[i].what;
	if (looks == NULL && length > 0 && memchr(head, '\0', length) != NULL)
		looks = "no text";
	if (looks == NULL && length > 0) {
		head[length] = '\0';
		looks = looks_of_text(head, length);
	}
	probe_close(&file);
	free(head);
	return looks;
}
