/* exposition.c: a strict grammar with the liberties that real services take.
 *
 * It accepts what Prometheus' own parser accepts of text 0.0.4, and passes over what OpenMetrics
 * adds:
 * `# EOF`, `# UNIT`, exemplars, created times. Everything is bounded: the line, the labels of a
 * sample, the samples. Strings are copied into an arena once and live as long as the exposition;
 * what parses is kept only if all of it parses. */
#include "core/poll/exposition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/base/text.h"

enum { MAX_SAMPLES = 100000, MAX_LINE = 64 << 10, MAX_NUMBER = 128, BLOCK_SIZE = 64 << 10 };

struct block {
	struct block *next;
	size_t used, size;
	char bytes[];
};

struct exposition {
	struct exposition_sample *samples;
	size_t count, capacity;
	struct block *blocks;
	char *scratch; /* a label value without its escapes; a line's length */
};

/* One line under the reading finger. */
struct cursor {
	struct exposition *exposition;
	const char *at, *end;
	size_t line;
	struct err *err;
};

/* --- memory --- */
static void *
arena_take(struct exposition *exposition, size_t size)
{
	struct block *block = exposition->blocks;
	size = (size + 15) & ~(size_t)15;
	if (block == NULL || block->size - block->used < size) {
		size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
		block = mem_alloc(sizeof(*block) + room);
		block->size = room;
		block->next = exposition->blocks;
		exposition->blocks = block;
	}
	void *taken = block->bytes + block->used;
	block->used += size;
	return taken;
}

static const char *
arena_scrub(struct exposition *exposition, const char *src, size_t length)
{
	size_t size = 3 * length + 1; /* a broken byte becomes a character of three */
	char small[256];
	if (length == 0)
		return "";
	if (size <= sizeof(small)) {
		size_t used = text_scrub(small, sizeof(small), src, length);
		return memcpy(arena_take(exposition, used + 1), small, used + 1);
	}
	char *kept = arena_take(exposition, size);
	text_scrub(kept, size, src, length);
	return kept;
}

/* --- the parts of a line --- */
static bool
fail(struct cursor *cursor, const char *reason)
{
	return err_set(cursor->err, ERR_DATA, "line %zu: %s", cursor->line, reason);
}

static void
skip_blanks(struct cursor *cursor)
{
	while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t'))
		cursor->at++;
}

static bool
take_char(struct cursor *cursor, char c)
{
	if (cursor->at == cursor->end || *cursor->at != c)
		return false;
	cursor->at++;
	return true;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A name of letters, digits, underscores and, if `colon`, colons. Length 0: there is none. */
static size_t
take_name(struct cursor *cursor, bool colon)
{
	const char *start = cursor->at;
	for (; cursor->at < cursor->end; cursor->at++) {
		char c = *cursor->at;
		if (!is_letter(c) && !(c == ':' && colon) && !(is_digit(c) && cursor->at > start))
			break;
	}
	return (size_t)(cursor->at - start);
}

static size_t
take_word(struct cursor *cursor)
{
	const char *start = cursor->at;
	while (cursor->at < cursor->end && *cursor->at != ' ' && *cursor->at != '\t')
		cursor->at++;
	return (size_t)(cursor->at - start);
}

static bool
word_is(const char *word, size_t length, const char *wanted)
{
	return length == strlen(wanted) && memcmp(word, wanted, length) == 0;
}

static bool
number_is_special(const char *text, double *value)
{
	const char *bare = text + (*text == '+' || *text == '-');
	if (strcasecmp(text, "nan") == 0)
		*value = NAN;
	else if (strcasecmp(bare, "inf") == 0 || strcasecmp(bare, "infinity") == 0)
		*value = *text == '-' ? -INFINITY : INFINITY;
	else
		return false;
	return true;
}

/* A decimal number, NaN or infinity as Go's ParseFloat reads them; no hexadecimal. */
static bool
take_number(struct cursor *cursor, double *value)
{
	char text[MAX_NUMBER];
	const char *word = cursor->at;
	size_t length = take_word(cursor);
	if (length == 0 || length >= sizeof(text))
		return false;
	memcpy(text, word, length);
	text[length] = '\0';
	if (strlen(text) != length)
		return false;
	if (number_is_special(text, value))
		return true;
	if (strspn(text, "+-.0123456789eE") != length)
		return false;
	return text_to_double(text, value);
}

/* --- labels --- */
static bool
take_label_value(struct cursor *cursor, const char **value)
{
	char *scratch = cursor->exposition->scratch;
	size_t length = 0;
	if (!take_char(cursor, '"'))
		return fail(cursor, "a label value must begin with a quote");
	while (cursor->at < cursor->end && *cursor->at != '"') {
		char c = *cursor->at++;
		if (c != '\\') {
			scratch[length++] = c;
			continue;
		}
		if (cursor->at == cursor->end)
			break;
		char escaped = *cursor->at++;
		if (escaped == 'n')
			scratch[length++] = '\n';
		else if (escaped == '\\' || escaped == '"')
			scratch[length++] = escaped;
		else { /* not an escape: a Windows path that nobody escaped */
			scratch[length++] = '\\';
			scratch[length++] = escaped;
		}
	}
	if (!take_char(cursor, '"'))
		return fail(cursor, "a label value has no closing quote");
	*value = arena_scrub(cursor->exposition, scratch, length);
	return true;
}

/* Samples of one metric have the same labels in the same order: their names are kept once. */
static const char *
keep_label_name(struct exposition *exposition, size_t index, const char *name, size_t length)
{
	if (exposition->count > 0) {
		const struct exposition_sample *last = &exposition->samples[exposition->count - 1];
		if (index < last->labels_count && word_is(name, length, last->labels[index].name))
			return last->labels[index].name;
	}
	return arena_scrub(exposition, name, length);
}

static bool
take_label(struct cursor *cursor, struct exposition_label *labels, size_t *count)
{
	const char *name = cursor->at;
	size_t length = take_name(cursor, false);
	if (length == 0)
		return fail(cursor, "a label name must begin with a letter or an underscore");
	if (*count == EXPOSITION_MAX_LABELS)
		return fail(cursor, "more than 32 labels");
	if (word_is(name, length, "__name__"))
		return fail(cursor, "the label name __name__ is reserved");
	for (size_t i = 0; i < *count; i++) {
		if (word_is(name, length, labels[i].name))
			return fail(cursor, "a label stands there twice");
	}
	labels[*count].name = keep_label_name(cursor->exposition, *count, name, length);
	skip_blanks(cursor);
	if (!take_char(cursor, '='))
		return fail(cursor, "a label name must be followed by =");
	skip_blanks(cursor);
	if (!take_label_value(cursor, &labels[*count].value))
		return false;
	(*count)++;
	return true;
}

static bool
take_labels(struct cursor *cursor, struct exposition_sample *sample)
{
	struct exposition_label labels[EXPOSITION_MAX_LABELS];
	size_t count = 0;
	skip_blanks(cursor);
	while (!take_char(cursor, '}')) {
		if (!take_label(cursor, labels, &count))
			return false;
		skip_blanks(cursor);
		if (take_char(cursor, ','))
			skip_blanks(cursor); /* a comma may be the last, as TorchServe has it */
		else if (cursor->at == cursor->end || *cursor->at != '}')
			return fail(cursor, "a label must be followed by , or }");
	}
	sample->labels_count = count;
	if (count == 0)
		return true;
	struct exposition_label *kept = arena_take(cursor->exposition, count * sizeof(*kept));
	sample->labels = memcpy(kept, labels, count * sizeof(*kept));
	return true;
}

/* --- lines --- */
static const char *
keep_name(struct exposition *exposition, const char *name, size_t length)
{
	if (exposition->count > 0) { /* samples of one metric stand together */
		const char *last = exposition->samples[exposition->count - 1].name;
		if (word_is(name, length, last))
			return last;
	}
	return arena_scrub(exposition, name, length);
}

/* What may follow the value: a time, and an exemplar. */
static bool
take_rest(struct cursor *cursor)
{
	double time;
	skip_blanks(cursor);
	if (cursor->at < cursor->end && *cursor->at != '#') {
		if (!take_number(cursor, &time) || !isfinite(time))
			return fail(cursor, "the time of a sample is not a number");
		skip_blanks(cursor);
	}
	if (cursor->at == cursor->end)
		return true;
	if (cursor->end - cursor->at < 3 || memcmp(cursor->at, "# {", 3) != 0)
		return fail(cursor, "something follows the value");
	return true;
}

static bool
take_sample(struct cursor *cursor)
{
	struct exposition *exposition = cursor->exposition;
	struct exposition_sample sample = {0};
	const char *name = cursor->at;
	size_t length = take_name(cursor, true);
	if (length == 0)
		return fail(cursor, "a metric name must begin with a letter, _ or :");
	if (exposition->count == MAX_SAMPLES)
		return fail(cursor, "more than 100,000 samples");
	sample.name = keep_name(exposition, name, length);
	const char *after = cursor->at;
	skip_blanks(cursor);
	if (take_char(cursor, '{')) {
		if (!take_labels(cursor, &sample))
			return false;
	} else if (cursor->at == after && cursor->at < cursor->end) {
		return fail(cursor, "a metric name holds a character that none can hold");
	}
	skip_blanks(cursor);
	if (cursor->at == cursor->end)
		return fail(cursor, "a sample without a value");
	if (!take_number(cursor, &sample.value))
		return fail(cursor, "the value of a sample is not a number");
	if (!take_rest(cursor))
		return false;
	mem_reserve(&exposition->samples, &exposition->capacity, exposition->count + 1,
	    sizeof(*exposition->samples));
	exposition->samples[exposition->count++] = sample;
	return true;
}

/* `# TYPE name kind` and `# HELP name text` are looked at, all else that begins with # is a
 * comment. */
static bool
take_comment(struct cursor *cursor)
{
	static const char *const kinds[] = {"counter", "gauge", "histogram", "summary", "untyped",
	    "unknown", "info", "stateset", "gaugehistogram", NULL};
	cursor->at++;
	skip_blanks(cursor);
	const char *word = cursor->at;
	size_t length = take_word(cursor);
	bool type = word_is(word, length, "TYPE");
	if (!type && !word_is(word, length, "HELP"))
		return true;
	skip_blanks(cursor);
	if (cursor->at == cursor->end)
		return true;
	if (take_name(cursor, true) == 0 ||
	    (cursor->at < cursor->end && *cursor->at != ' ' && *cursor->at != '\t'))
		return fail(cursor, "a HELP or TYPE line without a metric's name");
	skip_blanks(cursor);
	if (!type || cursor->at == cursor->end)
		return true;
	word = cursor->at;
	length = take_word(cursor);
	skip_blanks(cursor);
	for (size_t i = 0; kinds[i] != NULL; i++) {
		if (word_is(word, length, kinds[i]) && cursor->at == cursor->end)
			return true;
	}
	return fail(cursor, "an unknown type of metric");
}

static bool
take_line(struct cursor *cursor)
{
	if (cursor->end - cursor->at > MAX_LINE)
		return fail(cursor, "longer than 64 KiB");
	if (cursor->end > cursor->at && cursor->end[-1] == '\r')
		cursor->end--;
	skip_blanks(cursor);
	if (cursor->at == cursor->end)
		return true;
	return *cursor->at == '#' ? take_comment(cursor) : take_sample(cursor);
}

struct exposition *
exposition_parse(const char *text, size_t length, struct err *err)
{
	struct exposition *exposition = mem_alloc(sizeof(*exposition));
	exposition->scratch = mem_alloc(MAX_LINE + 1);
	struct cursor cursor = {.exposition = exposition, .err = err};
	const char *end = text + length;
	bool good = true;
	while (good && text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		cursor.at = text;
		cursor.end = newline != NULL ? newline : end;
		cursor.line++;
		text = newline != NULL ? newline + 1 : end;
		good = take_line(&cursor);
	}
	free(exposition->scratch);
	exposition->scratch = NULL;
	if (good)
		return exposition;
	exposition_free(exposition);
	return NULL;
}

void
exposition_free(struct exposition *exposition)
{
	if (exposition == NULL)
		return;
	for (struct block *block = exposition->blocks, *next; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	free(exposition->samples);
	free(exposition);
}

const struct exposition_sample *
exposition_samples(const struct exposition *exposition, size_t *count)
{
	*count = exposition->count;
	return exposition->samples;
}

const char *
exposition_label_of(const struct exposition_sample *sample, const char *name)
{
	for (size_t i = 0; i < sample->labels_count; i++) {
		if (strcmp(sample->labels[i].name, name) == 0)
			return sample->labels[i].value;
	}
	return "";
}
