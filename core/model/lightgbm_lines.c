/* lightgbm_lines.c: lines, fields, words and numbers of a LightGBM model's text. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/model/lightgbm.h"

bool
lightgbm_next(struct lightgbm_lines *lines)
{
	struct lightgbm_span *line = &lines->line;
	if (line->text != NULL)
		lines->bytes += line->length + 1;
	if (lines->next == lines->end) {
		line->text = NULL;
		line->length = 0;
		return false;
	}
	const char *start = lines->next;
	const char *stop = memchr(start, '\n', (size_t)(lines->end - start));
	lines->next = stop != NULL ? stop + 1 : lines->end;
	if (stop == NULL)
		stop = lines->end;
	if (stop > start && stop[-1] == '\r')
		stop--;
	line->text = start;
	line->length = (size_t)(stop - start);
	line->line++;
	return true;
}

bool
lightgbm_next_block(struct lightgbm_lines *lines)
{
	do {
		if (!lightgbm_next(lines))
			return false;
	} while (lines->line.length == 0);
	return true;
}

bool
lightgbm_begins(const struct lightgbm_span *span, const char *with)
{
	size_t length = strlen(with);
	return span->length >= length && memcmp(span->text, with, length) == 0;
}

/* Puts a line's value where its key belongs. */
static bool
take_field(const struct lightgbm_span *line, const char *const *keys, size_t count,
    struct lightgbm_span *spans, struct err *err)
{
	const char *equals = memchr(line->text, '=', line->length);
	size_t key = equals != NULL ? (size_t)(equals - line->text) : line->length;
	for (size_t i = 0; i < count; i++) {
		if (strlen(keys[i]) != key || memcmp(keys[i], line->text, key) != 0)
			continue;
		if (spans[i].text != NULL)
			return err_set(
			    err, ERR_DATA, "line %zu: %s stands twice", line->line, keys[i]);
		size_t used = key + (equals != NULL);
		spans[i] = (struct lightgbm_span){
		    .text = line->text + used,
		    .length = line->length - used,
		    .line = line->line,
		};
		return true;
	}
	return true;
}

bool
lightgbm_fields(struct lightgbm_lines *lines, const char *const *keys, size_t count,
    struct lightgbm_span *spans, struct err *err)
{
	while (lightgbm_next(lines)) {
		if (lines->line.length == 0)
			return true;
		if (!take_field(&lines->line, keys, count, spans, err))
			return false;
	}
	return err_set(err, ERR_DATA, "the file ends here: it is cut");
}

bool
lightgbm_word(struct lightgbm_span *rest, struct lightgbm_span *word)
{
	while (rest->length > 0 && *rest->text == ' ') {
		rest->text++;
		rest->length--;
	}
	*word = *rest;
	if (rest->length == 0)
		return false;
	const char *stop = memchr(rest->text, ' ', rest->length);
	if (stop != NULL)
		word->length = (size_t)(stop - rest->text);
	rest->text += word->length;
	rest->length -= word->length;
	return true;
}

size_t
lightgbm_words(struct lightgbm_span span)
{
	struct lightgbm_span word;
	size_t count = 0;
	while (lightgbm_word(&span, &word))
		count++;
	return count;
}

bool
lightgbm_number(const struct lightgbm_span *word, double *value)
{
	/* strtod would also take hexadecimal digits, words, and the line that follows. */
	if (word->length == 0 || strspn(word->text, "0123456789+-.eE") < word->length)
		return false;
	char *stop;
	*value = strtod(word->text, &stop);
	return stop == word->text + word->length && isfinite(*value);
}

bool
lightgbm_infinite(const struct lightgbm_span *word, double *value)
{
	bool negative = lightgbm_begins(word, "-");
	*value = (double)(negative ? -INFINITY : INFINITY);
	return word->length == 3U + negative && memcmp(word->text + negative, "inf", 3) == 0;
}

bool
lightgbm_whole(const struct lightgbm_span *span, const char *name, double low, double high,
    double *value, struct err *err)
{
	if (span->text == NULL)
		return err_set(err, ERR_DATA, "%s is missing", name);
	if (!lightgbm_number(span, value) || *value != floor(*value) ||
	    !(*value >= low && *value <= high))
		return err_set(err, ERR_DATA,
		    "line %zu: %s is `%.*s`, not a whole number from %.0f to %.0f", span->line,
		    name, LIGHTGBM_SHOWN(*span), low, high);
	return true;
}
