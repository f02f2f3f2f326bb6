/* form.c: an exposition is texts and values in turns, a text at both ends. The texts hold the
 * names, the labels and the metadata; if they are the same as before then so is all that the rules
 * say of them, and what is left are the rules on values and the exemplars, which are read as ever.
 * What always holds: form_match answers true only where reading in full would accept. */
#include "core/poll/form.h"

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
form_free(struct form *form)
{
	free(form->list);
	free(form->values);
	*form = (struct form){0};
}

/* --- filling it --- */
void
form_begin(struct form *form, const char *text, enum exposition_format format)
{
	form->count = form->wanted = 0;
	form->format = format;
	form->known = true;
	form->from = text;
}

void
form_forget(struct form *form)
{
	form->known = false;
}

void
form_add(
    struct form *form, const char *value, const char *end, const struct point *point, bool wanted)
{
	static const struct point none = {.type = TYPE_UNKNOWN, .part = PART_VALUE};
	size_t length = (size_t)(value - form->from);
	if (!form->known)
		return;
	if (length > MAX_TEXT) {
		form_forget(form);
		return;
	}
	mem_reserve(&form->list, &form->capacity, form->count + 1, sizeof(*form->list));
	form->list[form->count++] = (struct form_value){
	    .hash = hash_text(form->from, length),
	    .length = (uint32_t)length,
	    .point = point != NULL ? *point : none,
	    .wanted = wanted,
	};
	form->wanted += wanted;
	form->from = end;
}

void
form_end(struct form *form, const char *end)
{
	if (!form->known)
		return;
	form->rest_length = (size_t)(end - form->from);
	form->rest_hash = hash_text(form->from, form->rest_length);
	mem_reserve(&form->values, &form->values_capacity, form->wanted + 1, sizeof(double));
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

/* Where the line goes on as the form has it, behind what may follow a value, or NULL. */
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
form_match(struct form *form, const char *text, size_t length, enum exposition_format format)
{
	const char *at = text, *end = text + length;
	bool strict = format == EXPOSITION_OPENMETRICS;
	double *wanted = form->values;
	struct points points = {0};
	if (!form->known || format != form->format)
		return false;
	for (size_t i = 0; i < form->count; i++) {
		const struct form_value *value = &form->list[i];
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
	return (size_t)(end - at) == form->rest_length &&
	       hash_text(at, form->rest_length) == form->rest_hash && points_close(&points) == NULL;
}
