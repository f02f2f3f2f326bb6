/* csv.c: see csv.h. After a row that is broken by a quote that never closes, reading goes on at the
 * next line, so that one stray quote costs one row; this cannot happen again before the end, since
 * from there on quotes stand only in pairs. */
#include "core/ingest/csv.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

void
csv_begin(struct csv *csv, const char *text, size_t length)
{
	*csv = (struct csv){.at = text, .end = text + length, .next_line = 1};
}

void
csv_seek(struct csv *csv, const char *row)
{
	csv->at = row;
}

void
csv_free(struct csv *csv)
{
	free(csv->fields);
	buf_free(&csv->unquoted);
	*csv = (struct csv){0};
}

static void
add_field(struct csv *csv, const char *text, size_t length)
{
	mem_reserve(&csv->fields, &csv->capacity, csv->count + 1, sizeof(*csv->fields));
	csv->fields[csv->count++] = (struct csv_field){.text = text, .length = length};
}

/* A field without quotes. Returns the byte after it. */
static const char *
read_bare(struct csv *csv, const char *at)
{
	const char *from = at;
	while (at < csv->end && *at != ',' && *at != '\n')
		at++;
	size_t length = (size_t)(at - from);
	if (length > 0 && at[-1] == '\r' && (at == csv->end || *at == '\n'))
		length--;
	add_field(csv, from, length);
	return at;
}

/* Copies text with doubled quotes made single. The buffer may move while a row is read, so the
 * field keeps no pointer into it: its text is NULL until the row is whole. */
static void
add_unquoted(struct csv *csv, const char *from, const char *to)
{
	size_t before = csv->unquoted.length;
	while (from < to) {
		const char *quote = memchr(from, '"', (size_t)(to - from));
		const char *stop = quote != NULL ? quote + 1 : to;
		buf_append(&csv->unquoted, from, (size_t)(stop - from));
		from = quote != NULL ? quote + 2 : to;
	}
	add_field(csv, NULL, csv->unquoted.length - before);
}

static void
settle_fields(struct csv *csv)
{
	const char *text = csv->unquoted.data;
	for (size_t i = 0; i < csv->count; i++) {
		if (csv->fields[i].text == NULL) {
			csv->fields[i].text = text;
			text += csv->fields[i].length;
		}
	}
}

/* A field that begins with a quote. Returns the byte after it, or NULL with csv->reason set. */
static const char *
read_quoted(struct csv *csv, const char *at)
{
	const char *from = ++at;
	bool doubled = false;
	for (;; at += 2, doubled = true) {
		at = memchr(at, '"', (size_t)(csv->end - at));
		if (at == NULL) {
			csv->reason = "a quote that is never closed";
			return NULL;
		}
		if (at + 1 == csv->end || at[1] != '"')
			break;
	}
	const char *after = at + 1;
	if (after < csv->end && *after == '\r' && (after + 1 == csv->end || after[1] == '\n'))
		after++;
	if (after < csv->end && *after != ',' && *after != '\n') {
		csv->reason = "text after a closing quote";
		return NULL;
	}
	if (doubled)
		add_unquoted(csv, from, at);
	else
		add_field(csv, from, (size_t)(at - from));
	return after;
}

static const char *
end_of_line(const struct csv *csv, const char *at)
{
	const char *newline = memchr(at, '\n', (size_t)(csv->end - at));
	return newline != NULL ? newline + 1 : csv->end;
}

static void
skip_empty_lines(struct csv *csv)
{
	while (csv->at < csv->end) {
		const char *at = csv->at + (*csv->at == '\r');
		if (at < csv->end && *at != '\n')
			return;
		csv->at = at < csv->end ? at + 1 : at;
		csv->next_line++;
	}
}

bool
csv_next(struct csv *csv)
{
	skip_empty_lines(csv);
	if (csv->at == csv->end)
		return false;
	csv->row = csv->at;
	csv->line = csv->next_line;
	csv->count = 0;
	csv->reason = NULL;
	buf_clear(&csv->unquoted);
	bool quotes = false;
	const char *at = csv->at;
	for (;; at++) {
		bool quoted = at < csv->end && *at == '"';
		quotes = quotes || quoted;
		at = quoted ? read_quoted(csv, at) : read_bare(csv, at);
		if (at == NULL || at == csv->end || *at == '\n')
			break;
	}
	csv->at = at == NULL || at == csv->end ? at : at + 1;
	if (at == NULL)
		csv->at = end_of_line(csv, csv->row);
	csv->next_line++;
	if (quotes && at != NULL)
		for (const char *line = end_of_line(csv, csv->row); line < csv->at;
		     line = end_of_line(csv, line))
			csv->next_line++;
	settle_fields(csv);
	return true;
}
