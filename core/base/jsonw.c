#include "core/base/jsonw.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"

char *
jsonw_format_double(char *dst, size_t size, double value)
{
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(dst, size, "%.*g", digits, value);
		if (strtod(dst, NULL) == value)
			break;
	}
	return dst;
}

static void
put_string(struct buf *out, const char *text)
{
	buf_append(out, "\"", 1);
	const char *run = text; /* what needs no escape is copied in one go */
	for (const char *at = text; *at != '\0'; at++) {
		unsigned char c = (unsigned char)*at;
		if (c >= 0x20 && c != 0x7F && c != '"' && c != '\\')
			continue;
		buf_append(out, run, (size_t)(at - run));
		run = at + 1;
		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else
			buf_printf(out, "\\u%04x", c);
	}
	buf_puts(out, run);
	buf_append(out, "\"", 1);
}

static void
break_line(struct jsonw *json)
{
	if (!json->pretty)
		return;
	buf_append(json->out, "\n", 1);
	for (unsigned i = 0; i < json->depth; i++)
		buf_append(json->out, "  ", 2);
}

static void
begin(struct jsonw *json, const char *key)
{
	if (json->depth > 0) {
		if (json->filled[json->depth - 1])
			buf_append(json->out, ",", 1);
		json->filled[json->depth - 1] = true;
		break_line(json);
	}
	if (key != NULL) {
		put_string(json->out, key);
		buf_puts(json->out, json->pretty ? ": " : ":");
	}
}

static void
open_level(struct jsonw *json, const char *key, const char *bracket)
{
	begin(json, key);
	buf_puts(json->out, bracket);
	if (json->depth >= sizeof(json->filled) / sizeof(json->filled[0]))
		mem_die("JSON nested too deep");
	json->filled[json->depth++] = false;
}

static void
close_level(struct jsonw *json, const char *bracket)
{
	bool filled = json->filled[--json->depth];
	if (filled)
		break_line(json);
	buf_puts(json->out, bracket);
}

void
jsonw_open_object(struct jsonw *json, const char *key)
{
	open_level(json, key, "{");
}

void
jsonw_close_object(struct jsonw *json)
{
	close_level(json, "}");
}

void
jsonw_open_array(struct jsonw *json, const char *key)
{
	open_level(json, key, "[");
}

void
jsonw_close_array(struct jsonw *json)
{
	close_level(json, "]");
}

void
jsonw_string(struct jsonw *json, const char *key, const char *value)
{
	begin(json, key);
	if (value == NULL)
		buf_puts(json->out, "null");
	else
		put_string(json->out, value);
}

void
jsonw_number(struct jsonw *json, const char *key, double value)
{
	char text[32];
	begin(json, key);
	buf_puts(
	    json->out, isfinite(value) ? jsonw_format_double(text, sizeof(text), value) : "null");
}

void
jsonw_int(struct jsonw *json, const char *key, int64_t value)
{
	begin(json, key);
	buf_printf(json->out, "%" PRId64, value);
}

void
jsonw_bool(struct jsonw *json, const char *key, bool value)
{
	begin(json, key);
	buf_puts(json->out, value ? "true" : "false");
}

void
jsonw_raw(struct jsonw *json, const char *key, const char *value)
{
	begin(json, key);
	buf_puts(json->out, value);
}

void
jsonw_null(struct jsonw *json, const char *key)
{
	jsonw_string(json, key, NULL);
}

void
jsonw_time(struct jsonw *json, const char *key, int64_t time)
{
	char text[32];
	jsonw_string(json, key, time == 0 ? NULL : clock_format(text, sizeof(text), time));
}
