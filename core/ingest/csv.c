/* csv.c: see csv.h. A row that reaches the end of what has come is read again once more is there.
 * After a row that is broken by a quote that never closes, reading goes on at the
 * next line, so that one stray quote costs one row; this cannot happen again before the end, since
 * from there on quotes stand only in pairs. */
#include "core/ingest/csv.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

#define CSV_STEP 1048576 /* bytes that come at a time */

static const char never_closed[] = "a quote that is never closed";

void
csv_begin(struct csv *csv, const char *text, size_t length)
{
	*csv = (struct csv){.at = text, .end = text + length, .next_line = 1, .delimiter = ','};
}

void
csv_again(struct csv *csv, const char *text, size_t length)
{
	struct csv before = *csv;
	csv_begin(csv, text, length);
	csv->fields = before.fields;
	csv->capacity = before.capacity;
	csv->unquoted = before.unquoted;
	if (before.delimiter != '\0')
		csv->delimiter = before.delimiter;
}

void
csv_begin_stream(struct csv *csv, csv_more *more, void *context)
{
	csv_begin(csv, "", 0);
	csv->more = more;
	csv->context = context;
	csv->step = CSV_STEP;
}

void
csv_free(struct csv *csv)
{
	free(csv->fields);
	buf_free(&csv->unquoted);
	buf_free(&csv->held);
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
	while (at < csv->end && *at != csv->delimiter && *at != '\n')
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
			csv->reason = never_closed;
			return NULL;
		}
		if (at + 1 == csv->end || at[1] != '"')
			break;
	}
	const char *after = at + 1;
	if (after < csv->end && *after == '\r' && (after + 1 == csv->end || after[1] == '\n'))
		after++;
	if (after < csv->end && *after != csv->delimiter && *after != '\n') {
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
		if (at == csv->end && csv->more != NULL && *csv->at == '\r')
			return; /* a newline may be coming */
		csv->at = at < csv->end ? at + 1 : at;
		csv->next_line++;
	}
}

/* Reads the row at csv->at, as far as the text has come. */
static void
read_row(struct csv *csv)
{
	const char *row = csv->at, *at = row;
	csv->line = csv->next_line;
	csv->row = row;
	csv->count = 0;
	csv->reason = NULL;
	buf_clear(&csv->unquoted);
	bool quotes = false;
	for (;; at++) {
		bool quoted = at < csv->end && *at == '"';
		quotes = quotes || quoted;
		at = quoted ? read_quoted(csv, at) : read_bare(csv, at);
		if (at == NULL || at == csv->end || *at == '\n')
			break;
	}
	csv->at = at == NULL || at == csv->end ? at : at + 1;
	if (at == NULL)
		csv->at = end_of_line(csv, row);
	csv->next_line++;
	if (quotes && at != NULL)
		for (const char *line = end_of_line(csv, row); line < csv->at;
		     line = end_of_line(csv, line))
			csv->next_line++;
}

/* Makes what stands from `from` on the beginning of a longer text. Each time at least as much comes
 * as there was, so that a long row is not read again for ever. False: there is no more. */
static bool
take_more(struct csv *csv, const char *from)
{
	if (csv->more == NULL)
		return false;
	size_t kept = (size_t)(csv->end - from);
	size_t least = kept > csv->step ? kept : csv->step;
	if (kept > 0)
		memmove(csv->held.data, from, kept);
	mem_reserve(&csv->held.data, &csv->held.capacity, kept + least, 1);
	size_t got = 0, now;
	do {
		now = csv->more(csv->context, csv->held.data + kept + got, least - got);
		got += now;
	} while (now > 0 && got < least);
	if (now == 0)
		csv->more = NULL;
	csv->at = csv->held.data;
	csv->end = csv->held.data + kept + got;
	return true;
}

bool
csv_next(struct csv *csv)
{
	for (;;) {
		skip_empty_lines(csv);
		size_t length = (size_t)(csv->end - csv->at);
		uint64_t line = csv->next_line;
		if (length > 0)
			read_row(csv);
		if (length > 0 && csv->at != csv->end && csv->reason != never_closed)
			break;
		if (!take_more(csv, csv->end - length)) {
			if (length == 0)
				return false;
			break;
		}
		csv->next_line = line;
	}
	settle_fields(csv);
	return true;
}
