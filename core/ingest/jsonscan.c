/* jsonscan.c: see jsonscan.h. The end of a string of plain ASCII, which nearly all are, is found by
 * blocks (block.h), and so is a usual number's value; anything else takes the slow way, which
 * decodes and scrubs. */
#include "core/ingest/jsonscan.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/ingest/decimal.h"

#include "core/ingest/value.h"
#include "core/source/stretch.h"

_Static_assert(2 * BLOCK <= STRETCH_PAD, "blocks fit into the pad");

/* Printable ASCII that stands for itself in a string. */
static bool
is_plain(char c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* May blocks be read from here? */
static inline bool
has_room(const struct jsonscan *scan, const char *at)
{
	return at < scan->end && (size_t)(scan->end - at) >= scan->room;
}

/* The first byte that is not, or the end. */
static inline const char *
pass_plain(const struct jsonscan *scan, const char *at)
{
	for (; has_room(scan, at); at += BLOCK) {
		uint32_t stops = block_stops(at, NULL);
		if (stops != 0) {
			at += __builtin_ctz(stops);
			return at < scan->end ? at : scan->end;
		}
	}
	while (at < scan->end && is_plain(*at))
		at++;
	return at < scan->end ? at : scan->end;
}

void
jsonscan_begin(struct jsonscan *scan, const char *text, size_t length, struct err *err)
{
	*scan = (struct jsonscan){
	    .start = text, .at = text, .end = text + length, .room = 2 * BLOCK, .err = err};
}

void
jsonscan_begin_padded(struct jsonscan *scan, const char *text, size_t length, struct err *err)
{
	jsonscan_begin(scan, text, length, err);
	scan->room = 0;
}

bool
jsonscan_fail(const struct jsonscan *scan, const char *where, const char *format, ...)
{
	char reason[400];
	va_list args;
	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	return err_set(
	    scan->err, ERR_DATA, "offset %zu: %s", (size_t)(where - scan->start), reason);
}

/* What was wanted, and that it is not what stands there. */
static bool
fail_expected(const struct jsonscan *scan, const char *what)
{
	if (scan->at == scan->end)
		return jsonscan_fail(scan, scan->at, "the line ends, expected %s", what);
	return jsonscan_fail(scan, scan->at, "expected %s", what);
}

bool
jsonscan_take(struct jsonscan *scan, char wanted)
{
	if (jsonscan_peek(scan) == wanted && scan->at < scan->end) {
		scan->at++;
		return true;
	}
	return fail_expected(scan, (const char[]){'\'', wanted, '\'', '\0'});
}

/* As Python's json writes what JSON has no number for. */
static bool
fail_nan(const struct jsonscan *scan)
{
	return jsonscan_fail(scan, scan->at, "NaN and Infinity are not JSON (log null instead)");
}

bool
jsonscan_number(struct jsonscan *scan, double *value)
{
	const char *wrong, *after = has_room(scan, scan->at) ? value_number(scan->at, value) : NULL;
	if (after == NULL || after > scan->end)
		after = decimal_read(scan->at, scan->end, value, &wrong);
	if (after == NULL) {
		scan->at = wrong;
		return wrong < scan->end && *wrong == 'I' ? fail_nan(scan)
							  : fail_expected(scan, "a digit");
	}
	scan->at = after;
	return true;
}

static bool
take_hex(struct jsonscan *scan, uint32_t *code)
{
	*code = 0;
	for (int i = 0; i < 4; i++, scan->at++) {
		char c = scan->at < scan->end ? *scan->at : '\0';
		uint32_t digit;
		if (c >= '0' && c <= '9')
			digit = (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return fail_expected(scan, "four hexadecimal digits after \\u");
		*code = *code << 4 | digit;
	}
	return true;
}

/* After `\u`. A surrogate that is not one of a pair becomes U+FFFD, and what follows it stays. */
static bool
take_unicode(struct jsonscan *scan, uint32_t *code)
{
	if (!take_hex(scan, code))
		return false;
	if (*code < 0xD800 || *code > 0xDFFF)
		return true;
	uint32_t high = *code, low;
	*code = 0xFFFD;
	if (high > 0xDBFF || scan->end - scan->at < 2 || scan->at[0] != '\\' || scan->at[1] != 'u')
		return true;
	const char *back = scan->at;
	scan->at += 2;
	if (!take_hex(scan, &low))
		return false;
	if (low >= 0xDC00 && low <= 0xDFFF)
		*code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
	else
		scan->at = back;
	return true;
}

const char jsonscan_escapes[128] = {['"'] = '"',
    ['\\'] = '\\',
    ['/'] = '/',
    ['b'] = '\b',
    ['f'] = '\f',
    ['n'] = '\n',
    ['r'] = '\r',
    ['t'] = '\t'};

/* After the backslash. */
static bool
take_escape(struct jsonscan *scan, uint32_t *code)
{
	if (scan->at == scan->end)
		return fail_expected(scan, "an escape");
	unsigned char name = (unsigned char)*scan->at;
	if (name == 'u') {
		scan->at++;
		return take_unicode(scan, code);
	}
	*code = name < sizeof(jsonscan_escapes) ? (unsigned char)jsonscan_escapes[name] : 0;
	if (*code == 0)
		return jsonscan_fail(scan, scan->at - 1, "an escape that JSON does not know");
	scan->at++;
	return true;
}

static bool
string_slow(struct jsonscan *scan, const char *from, char *dst, size_t *length)
{
	/* Scrubbing never shrinks a character by more than a quarter: enough to fill dst. */
	char raw[2 * JSONSCAN_MAX_TEXT];
	size_t used = 0;
	for (scan->at = from;;) {
		uint32_t code;
		if (dst == NULL)
			scan->at = pass_plain(scan, scan->at);
		if (scan->at == scan->end)
			return fail_expected(scan, "'\"'");
		unsigned char c = (unsigned char)*scan->at;
		if (c == '"')
			break;
		if (c == '\\') {
			scan->at++;
			if (!take_escape(scan, &code))
				return false;
		} else if (c < 0x20) {
			return jsonscan_fail(
			    scan, scan->at, "a control character (0x%02x) in a string", c);
		} else {
			size_t width = text_decode(scan->at, (size_t)(scan->end - scan->at), &code);
			if (width == 0)
				return jsonscan_fail(scan, scan->at, "not UTF-8");
			scan->at += width;
		}
		if (dst != NULL && used + 4 <= sizeof(raw))
			used += text_encode(raw + used, code);
	}
	scan->at++;
	if (dst != NULL)
		*length = text_scrub(dst, JSONSCAN_MAX_TEXT + 1, raw, used);
	return true;
}

bool
jsonscan_string(struct jsonscan *scan, char *dst, size_t *length)
{
	if (scan->at == scan->end || *scan->at != '"')
		return fail_expected(scan, "'\"'");
	const char *from = scan->at + 1, *at = pass_plain(scan, from);
	if (at == scan->end || *at != '"')
		return string_slow(scan, from, dst, length);
	scan->at = at + 1;
	if (dst != NULL) {
		size_t kept = (size_t)(at - from);
		if (kept > JSONSCAN_MAX_TEXT)
			kept = JSONSCAN_MAX_TEXT;
		memcpy(dst, from, kept);
		dst[kept] = '\0';
		*length = kept;
	}
	return true;
}

bool
jsonscan_literal(struct jsonscan *scan, const char *word)
{
	for (const char *wanted = word; *wanted != '\0'; wanted++, scan->at++)
		if (scan->at == scan->end || *scan->at != *wanted)
			return fail_expected(scan, word);
	return true;
}

static bool
skip_scalar(struct jsonscan *scan)
{
	double ignored;
	switch (jsonscan_peek(scan)) {
	case '"':
		return jsonscan_string(scan, NULL, NULL);
	case 't':
		return jsonscan_literal(scan, "true");
	case 'f':
		return jsonscan_literal(scan, "false");
	case 'n':
		return jsonscan_literal(scan, "null");
	case 'N':
	case 'I':
		return fail_nan(scan);
	case '-':
		return jsonscan_number(scan, &ignored);
	default:
		if (scan->at == scan->end || *scan->at < '0' || *scan->at > '9')
			return fail_expected(scan, "a value");
		return jsonscan_number(scan, &ignored);
	}
}

enum jsonscan_step
jsonscan_next(struct jsonscan *scan, bool first)
{
	char c = jsonscan_peek(scan);
	if (c == '}') {
		scan->at++;
		return JSONSCAN_END;
	}
	if (!first) {
		if (c != ',') {
			fail_expected(scan, "',' or '}'");
			return JSONSCAN_FAILED;
		}
		scan->at++;
		c = jsonscan_peek(scan);
	}
	if (c != '"') {
		fail_expected(scan, "a key in quotes");
		return JSONSCAN_FAILED;
	}
	return JSONSCAN_MEMBER;
}

bool
jsonscan_key(struct jsonscan *scan, char *dst, size_t *length)
{
	if (!jsonscan_string(scan, dst, length) || !jsonscan_take(scan, ':'))
		return false;
	jsonscan_peek(scan);
	return true;
}

enum jsonscan_step
jsonscan_member(struct jsonscan *scan, size_t *count, char *key, size_t *length)
{
	enum jsonscan_step step = jsonscan_next(scan, (*count)++ == 0);
	return step == JSONSCAN_MEMBER && !jsonscan_key(scan, key, length) ? JSONSCAN_FAILED : step;
}

enum jsonscan_step
jsonscan_next_element(struct jsonscan *scan, bool first)
{
	char c = jsonscan_peek(scan);
	if (c == ']') {
		scan->at++;
		return JSONSCAN_END;
	}
	if (first)
		return JSONSCAN_MEMBER;
	if (c != ',') {
		fail_expected(scan, "',' or ']'");
		return JSONSCAN_FAILED;
	}
	scan->at++;
	if (jsonscan_peek(scan) != ']')
		return JSONSCAN_MEMBER;
	fail_expected(scan, "a value");
	return JSONSCAN_FAILED;
}

bool
jsonscan_skip(struct jsonscan *scan, unsigned depth)
{
	uint64_t objects = 0; /* one bit a level, the innermost lowest: is it an object? */
	unsigned level = 0;
	do {
		char c = jsonscan_peek(scan);
		bool first = c == '{' || c == '[';
		if (first) {
			if (depth + level >= JSONSCAN_MAX_DEPTH)
				return jsonscan_fail(
				    scan, scan->at, "nested deeper than %d", JSONSCAN_MAX_DEPTH);
			level++;
			objects = objects << 1 | (c == '{');
			scan->at++;
		} else if (!skip_scalar(scan)) {
			return false;
		}
		for (enum jsonscan_step step = JSONSCAN_END; level > 0; first = false) {
			step = objects & 1 ? jsonscan_next(scan, first)
					   : jsonscan_next_element(scan, first);
			if (step == JSONSCAN_FAILED)
				return false;
			if (step == JSONSCAN_MEMBER) {
				if (objects & 1 && !jsonscan_key(scan, NULL, NULL))
					return false;
				break;
			}
			level--;
			objects >>= 1;
		}
	} while (level > 0);
	return true;
}

bool
jsonscan_finish(struct jsonscan *scan)
{
	jsonscan_peek(scan);
	if (scan->at != scan->end)
		return jsonscan_fail(scan, scan->at, "more text after the object");
	return true;
}
