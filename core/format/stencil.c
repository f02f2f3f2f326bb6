/* stencil.c: see stencil.h. */
#include "core/format/stencil.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/ingest/decimal.h"
#include "core/ingest/jsonscan.h"
#include "core/ingest/rounding.h"

/* What is done for every hole. */
#define INLINE static inline __attribute__((always_inline))

enum { PAYS = 8, REST = 64, MOST_REST = 65536 };

bool
stencil_begin(struct stencil *stencil, const char *text, size_t length)
{
	bool paid = !stencil->whole || stencil->fitted >= PAYS;
	if (stencil->whole)
		stencil->pause = paid			      ? 0
				 : stencil->pause < MOST_REST ? 2 * stencil->pause + REST
							      : MOST_REST;
	if (stencil->whole)
		stencil->rest = stencil->pause;
	stencil->whole = false;
	if (stencil->rest > 0) {
		stencil->rest--;
		return false;
	}
	if (length > STENCIL_BYTES)
		return false;
	buf_clear(&stencil->text);
	buf_append(&stencil->text, text, length);
	stencil->count = stencil->open_count = 0;
	stencil->fitted = 0;
	return true;
}

bool
stencil_add(struct stencil *stencil, size_t at, size_t length, enum hole_kind kind, uint32_t value)
{
	if (stencil->count == STENCIL_HOLES)
		return false;
	mem_reserve(
	    &stencil->holes, &stencil->capacity, stencil->count + 1, sizeof(*stencil->holes));
	stencil->holes[stencil->count++] = (struct hole){
	    .at = (uint32_t)at, .length = (uint32_t)length, .kind = kind, .value = value};
	return true;
}

/* Behind the string that begins at `at`. */
static const char *
pass_string(const char *at)
{
	while (*++at != '"')
		at += *at == '\\';
	return at + 1;
}

bool
stencil_add_json(struct stencil *stencil)
{
	const char *text = stencil->text.data, *end = text + stencil->text.length, *at = text;
	while (at < end) {
		const char *from = at++;
		bool string = *from == '"';
		if (string)
			at = pass_string(from);
		else if (*from == '-' || (*from >= '0' && *from <= '9'))
			at = from + strspn(from, "+-.0123456789eE");
		else
			continue;
		if (string && at[strspn(at, " \t\r\n")] == ':')
			continue;
		if (!stencil_add(stencil, (size_t)(from - text), (size_t)(at - from),
			string ? HOLE_STRING : HOLE_NUMBER, STENCIL_NOTHING))
			return false;
	}
	return true;
}

void
stencil_end(struct stencil *stencil)
{
	stencil->whole = true;
}

void
stencil_free(struct stencil *stencil)
{
	buf_free(&stencil->text);
	free(stencil->holes);
}

/* A number; the quotient of two that are exact is the nearest to it. */
INLINE const char *
read_number(const char *at, const char *end, double *number)
{
	const char *from = at, *point = NULL, *wrong;
	uint64_t digits = 0;
	for (; at < end; at++) {
		unsigned digit = (unsigned char)*at - (unsigned)'0';
		if (digit < 10)
			digits = digits * 10 + digit;
		else if (*at == '.' && point == NULL)
			point = at;
		else
			break;
	}
	size_t length = (size_t)(at - from),
	       whole = point != NULL ? (size_t)(point - from) : length;
	if (length > 16 || whole == 0 || whole + 1 == length || (*from == '0' && whole > 1) ||
	    (at < end && (*at | 0x20) == 'e') || digits > UINT64_C(1) << 53)
		return decimal_read(from, end, number, &wrong);
	*number = (double)(int64_t)digits / rounding_tens[point != NULL ? length - whole - 1 : 0];
	return at;
}

static const char *
pass_text(const char *at, const char *end, const char *word)
{
	struct jsonscan scan;
	jsonscan_begin(&scan, at, (size_t)(end - at), NULL);
	bool read =
	    word == NULL ? jsonscan_string(&scan, NULL, NULL) : jsonscan_literal(&scan, word);
	return read ? scan.at : NULL;
}

/* To the comma, quote or line's end that ends a field. What may make another text of it (JSON, or
 * an empty line) is none here. */
static const char *
pass_field(const char *at, const char *end)
{
	const char *from = at;
	if (at < end && (*at == '{' || *at == '[' || *at == ' ' || *at == '\t'))
		return NULL;
	while (at < end && *at != ',' && *at != '"' && *at != '\n' && *at != '\r')
		at++;
	return at > from || (at < end && *at == ',') ? at : NULL;
}

INLINE const char *
fill_field(struct hole *hole, const char *at, const char *end)
{
	const char *after = hole->is_number ? read_number(at, end, &hole->number) : NULL;
	if (after != NULL && (after == end || *after == ',' || *after == '\n' || *after == '\r'))
		return after;
	hole->is_number = false;
	return pass_field(at, end);
}

/* Behind what stands in the hole, or NULL. */
INLINE const char *
fill(struct hole *hole, const char *at, const char *end)
{
	const char *after = NULL;
	char c = at < end ? *at : '\0';
	hole->now = at;
	hole->is_number = c == '-' || (c >= '0' && c <= '9');
	if (hole->kind == HOLE_FIELD)
		after = fill_field(hole, at, end);
	else if (hole->is_number && hole->kind != HOLE_STRING)
		after = read_number(at, end, &hole->number);
	else if (c == '"' && hole->kind != HOLE_NUMBER)
		after = pass_text(at, end, NULL);
	else if (hole->kind == HOLE_SCALAR && (c == 't' || c == 'f' || c == 'n'))
		after = pass_text(at, end, c == 't' ? "true" : c == 'f' ? "false" : "null");
	if (after != NULL)
		hole->now_length = (size_t)(after - at);
	return after;
}

/* Passes what is not in a hole. */
static inline const char *
pass(const struct stencil *stencil, size_t from, size_t to, const char *at, const char *end)
{
	size_t length = to - from;
	if (length == 1)
		return at < end && *at == stencil->text.data[from] ? at + 1 : NULL;
	return (size_t)(end - at) >= length && memcmp(at, stencil->text.data + from, length) == 0
		   ? at + length
		   : NULL;
}

const char *
stencil_fit(struct stencil *stencil, const char *at, const char *end)
{
	size_t done = 0;
	int64_t shift = 0;
	if (!stencil->whole)
		return NULL;
	for (size_t i = 0; i < stencil->open_count; i++) {
		struct hole *hole = &stencil->holes[stencil->open[i]];
		at = pass(stencil, done, hole->at, at, end);
		if (at == NULL || (at = fill(hole, at, end)) == NULL)
			return NULL;
		done = hole->at + hole->length;
		shift += (int64_t)hole->now_length - hole->length;
		stencil->shifts[i + 1] = shift;
	}
	at = pass(stencil, done, stencil->text.length, at, end);
	stencil->fitted += at != NULL;
	return at;
}

bool
stencil_widen(struct stencil *stencil, const char *at, const char *end)
{
	size_t done = 0;
	bool differs[STENCIL_HOLES];
	if (!stencil->whole)
		return false;
	for (size_t i = 0; i < stencil->count; i++) {
		struct hole *hole = &stencil->holes[i];
		const char *from = at = pass(stencil, done, hole->at, at, end);
		if (at == NULL || (at = fill(hole, at, end)) == NULL)
			return false;
		done = hole->at + hole->length;
		differs[i] = hole->now_length != hole->length ||
			     memcmp(from, stencil->text.data + hole->at, hole->length) != 0;
	}
	if (pass(stencil, done, stencil->text.length, at, end) != end)
		return false;
	for (size_t i = 0; i < stencil->open_count; i++)
		differs[stencil->open[i]] = true;
	stencil->open_count = 0;
	for (size_t i = 0; i < stencil->count; i++)
		if (differs[i])
			stencil->open[stencil->open_count++] = (uint16_t)i;
	return true;
}

size_t
stencil_open_before(const struct stencil *stencil, size_t at)
{
	size_t before = 0;
	while (before < stencil->open_count && stencil->holes[stencil->open[before]].at < at)
		before++;
	return before;
}
