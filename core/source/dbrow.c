/* dbrow.c: see dbrow.h. Texts go out with what JSON asks to be escaped and no more: whoever reads
 * the line scrubs what it keeps. */
#include "core/source/dbrow.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/source/stretch.h"

static void
write_string(struct buf *out, const char *text, size_t length)
{
	buf_append(out, "\"", 1);
	for (size_t i = 0, from = 0; i <= length; i++) {
		bool plain = i < length && (unsigned char)text[i] >= 0x20 && text[i] != '"' &&
			     text[i] != '\\';
		if (plain)
			continue;
		buf_append(out, text + from, i - from);
		from = i + 1;
		if (i < length && (text[i] == '"' || text[i] == '\\'))
			buf_append(out, (const char[]){'\\', text[i]}, 2);
		else if (i < length)
			buf_printf(out, "\\u%04x", (unsigned)(unsigned char)text[i]);
	}
	buf_append(out, "\"", 1);
}

/* Is the text one JSON object or list? */
static bool
is_json(const char *text, size_t length)
{
	const char *end = NULL;
	size_t first = strspn(text, " \t\r\n");
	if ((text[first] != '{' && text[first] != '[') || length > STRETCH_MAX_RECORD)
		return false;
	cJSON *json = cJSON_ParseWithLengthOpts(text, length, &end, false);
	bool whole = json != NULL && end + strspn(end, " \t\r\n") == text + length;
	cJSON_Delete(json);
	return whole;
}

static void
write_text(struct buf *out, const char *text, size_t length)
{
	if (!is_json(text, length)) {
		write_string(out, text, length);
		return;
	}
	/* A newline in it stands between values: one in a string would be escaped. */
	size_t from = out->length;
	buf_append(out, text, length);
	for (size_t i = from; i < out->length; i++) {
		if (out->data[i] == '\n' || out->data[i] == '\r')
			out->data[i] = ' ';
	}
}

static bool
write_value(struct buf *out, sqlite3_stmt *row, int column)
{
	char number[32];
	switch (sqlite3_column_type(row, column)) {
	case SQLITE_INTEGER:
		buf_printf(out, "%lld", (long long)sqlite3_column_int64(row, column));
		break;
	case SQLITE_FLOAT: {
		double value = sqlite3_column_double(row, column);
		buf_puts(out,
		    isfinite(value) ? jsonw_format_double(number, sizeof(number), value) : "null");
		break;
	}
	case SQLITE_TEXT: {
		const char *text = (const char *)sqlite3_column_text(row, column);
		write_text(
		    out, text != NULL ? text : "", (size_t)sqlite3_column_bytes(row, column));
		break;
	}
	case SQLITE_BLOB:
		buf_printf(out, "{\"blob_bytes\":%d}", sqlite3_column_bytes(row, column));
		return false;
	default:
		buf_puts(out, "null");
	}
	return true;
}

const char *
dbrow_write(struct buf *out, sqlite3_stmt *row)
{
	const char *blob = NULL;
	int columns = sqlite3_column_count(row);
	buf_append(out, "{", 1);
	for (int i = 1; i < columns; i++) {
		const char *name = sqlite3_column_name(row, i);
		if (i > 1)
			buf_append(out, ",", 1);
		write_string(out, name, strlen(name));
		buf_append(out, ":", 1);
		if (!write_value(out, row, i))
			blob = name;
	}
	buf_append(out, "}\n", 2);
	return blob;
}
