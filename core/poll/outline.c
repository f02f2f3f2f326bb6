/* outline.c: an exposition is texts and values in turns, a text at both ends. The texts hold the
 * names, the labels and the metadata; if they are the same as before then so is all that the rules
 * say of them, and what is left are the rules on values and the exemplars, which are read as ever.
 * What always holds: outline_match answers true only where reading in full would accept. */
#include "core/poll/outline.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/poll/expoline.h"
#include "core/poll/exponumber.h"

/* Lines that come near the longest that are read are left to the reader. */
enum { MAX_TEXT = 16 << 10, MAX_REST = 4 << 10 };

/* Four words at a time, each in a lane of its own, so that they need not wait for each other. */
static uint64_t
hash_text(const char *text, size_t length)
{
	static const uint64_t odd = UINT64_C(0x9E3779B97F4A7C15);
	uint64_t a = length * odd, b = ~a, c = a << 32 | a >> 32, d = ~c, words[4];
	const char *end = text + length;
	bool whole = length >= sizeof(words);
	for (; end - text >= (ptrdiff_t)sizeof(words); text += sizeof(words)) {
		memcpy(words, text, sizeof(words));
		a = (a ^ words[0]) * odd;
		b = (b ^ words[1]) * odd;
		c = (c ^ words[2]) * odd;
		d = (d ^ words[3]) * odd;
		a ^= a >> 32;
		b ^= b >> 32;
		c ^= c >> 32;
		d ^= d >> 32;
	}
	if (whole) { /* the last words, some of them again */
		memcpy(words, end - sizeof(words), sizeof(words));
	} else {
		memset(words, 0, sizeof(words));
		memcpy(words, text, length);
	}
	a = (a ^ words[0]) * odd;
	b = (b ^ words[1]) * odd;
	c = (c ^ words[2]) * odd;
	d = (d ^ words[3]) * odd;
	uint64_t hash = (a ^ a >> 29) * UINT64_C(0xBF58476D1CE4E5B9) + b;
	hash = (hash ^ hash >> 31) * UINT64_C(0x94D049BB133111EB) + c;
	hash = (hash ^ hash >> 30) * UINT64_C(0xBF58476D1CE4E5B9) + d;
	hash = (hash ^ hash >> 32) * UINT64_C(0x94D049BB133111EB);
	return hash ^ hash >> 29;
}

void
outline_free(struct outline *outline)
{
	free(outline->list);
	free(outline->values);
	*outline = (struct outline){0};
}

/* --- filling it --- */
void
outline_begin(struct outline *outline, const char *text, enum exposition_format format)
{
	outline->count = outline->wanted = 0;
	outline->format = format;
	outline->known = true;
	outline->from = text;
}

void
outline_forget(struct outline *outline)
{
	outline->known = false;
}

void
outline_add(struct outline *outline, const char *value, const char *end, const struct point *point,
    bool wanted)
{
	static const struct point none = {.type = TYPE_UNKNOWN, .part = PART_VALUE};
	size_t length = (size_t)(value - outline->from);
	if (!outline->known)
		return;
	if (length > MAX_TEXT) {
		outline_forget(outline);
		return;
	}
	mem_reserve(&outline->list, &outline->capacity, outline->count + 1, sizeof(*outline->list));
	outline->list[outline->count++] = (struct outline_value){
	    .hash = hash_text(outline->from, length),
	    .length = (uint32_t)length,
	    .point = point != NULL ? *point : none,
	    .wanted = wanted,
	};
	outline->wanted += wanted;
	outline->from = end;
}

void
outline_end(struct outline *outline, const char *end)
{
	if (!outline->known)
		return;
	outline->rest_length = (size_t)(end - outline->from);
	outline->rest_hash = hash_text(outline->from, outline->rest_length);
	mem_reserve(
	    &outline->values, &outline->values_capacity, outline->wanted + 1, sizeof(double));
}

/* --- comparing --- */
static bool
is_ascii(const char *text, const char *end)
{
	unsigned char high = 0;
	for (; text < end; text++)
		high |= (unsigned char)*text;
	return high < 0x80;
}

/* Where the line goes on as the outline has it, behind what may follow a value; NULL: it does not.
 */
static const char *
skip_rest(const char *at, const char *end, bool strict, const struct point *point)
{
	struct expoline line;
	if (at == end || *at == '\n' || (!strict && *at == '\r'))
		return at;
	if (*at != ' ' && (strict || *at != '\t'))
		return NULL;
	const char *newline = memchr(at, '\n', (size_t)(end - at));
	const char *stop = newline != NULL ? newline : end;
	if (!strict && stop > at && stop[-1] == '\r')
		stop--;
	if (stop - at > MAX_REST || !is_ascii(at, stop) ||
	    expoline_rest(&line, at, stop, strict) != NULL || line.timed ||
	    (strict && line.exemplar && !point_takes_exemplar(point)))
		return NULL;
	return stop;
}

bool
outline_match(
    struct outline *outline, const char *text, size_t length, enum exposition_format format)
{
	const char *at = text, *end = text + length;
	bool strict = format == EXPOSITION_OPENMETRICS;
	double *wanted = outline->values;
	struct points points = {0};
	if (!outline->known || format != outline->format)
		return false;
	for (const struct outline_value *value = outline->list, *last = value + outline->count;
	     value < last; value++) {
		struct exponumber number;
		if ((size_t)(end - at) < value->length ||
		    hash_text(at, value->length) != value->hash)
			return false;
		at = exponumber_take(&number, at + value->length, end);
		if (at == NULL || (at = skip_rest(at, end, strict, &value->point)) == NULL)
			return false;
		if (value->point.begins && points_close(&points) != NULL)
			return false;
		if (!value->wanted && point_is_free(&value->point))
			continue;
		double figure = exponumber_value(&number);
		if (strict && points_take(&points, &value->point, figure) != NULL)
			return false;
		if (value->wanted)
			*wanted++ = figure;
	}
	return (size_t)(end - at) == outline->rest_length &&
	       hash_text(at, outline->rest_length) == outline->rest_hash &&
	       points_close(&points) == NULL;
}
