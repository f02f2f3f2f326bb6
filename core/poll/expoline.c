/* expoline.c: names, labels and exemplars of one line.
 *
 * What always holds: no byte beyond `end` is read; a line that was refused is forgotten, so that
 * the next is read from its beginning. Lines of one metric begin alike up to their last label or
 * so: they are compared with the line before, and the labels that are the same stay as they were
 * read. */
#include "core/poll/expoline.h"

#include <string.h>

enum { EXEMPLAR_CHARACTERS = 128 };

struct cursor {
	const char *at, *end;
	bool strict;
};

enum { LETTER = 1, DIGIT = 2, COLON = 4 };

#define LETTERS_FROM(c) [c] = LETTER, [(c) + 1] = LETTER, [(c) + 2] = LETTER, [(c) + 3] = LETTER
#define DIGITS_FROM(c) [c] = DIGIT, [(c) + 1] = DIGIT, [(c) + 2] = DIGIT, [(c) + 3] = DIGIT
static const unsigned char classes[256] = {
    LETTERS_FROM('a'),
    LETTERS_FROM('e'),
    LETTERS_FROM('i'),
    LETTERS_FROM('m'),
    LETTERS_FROM('q'),
    LETTERS_FROM('u'),
    ['y'] = LETTER,
    ['z'] = LETTER,
    LETTERS_FROM('A'),
    LETTERS_FROM('E'),
    LETTERS_FROM('I'),
    LETTERS_FROM('M'),
    LETTERS_FROM('Q'),
    LETTERS_FROM('U'),
    ['Y'] = LETTER,
    ['Z'] = LETTER,
    ['_'] = LETTER,
    [':'] = COLON,
    DIGITS_FROM('0'),
    DIGITS_FROM('4'),
    ['8'] = DIGIT,
    ['9'] = DIGIT,
};

static inline bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static inline bool
at_char(const struct cursor *cursor, char c)
{
	return cursor->at < cursor->end && *cursor->at == c;
}

/* Blanks between the parts of a line, where 0.0.4 allows any. */
static inline void
skip_blanks(struct cursor *cursor)
{
	while (!cursor->strict && cursor->at < cursor->end && is_blank(*cursor->at))
		cursor->at++;
}

static size_t
bare_name(const char *text, const char *end, bool colon)
{
	const char *at = text;
	unsigned char first = (unsigned char)(colon ? LETTER | COLON : LETTER);
	if (at == end || !(classes[(unsigned char)*at] & first))
		return 0;
	while (at < end && classes[(unsigned char)*at] & (first | DIGIT))
		at++;
	return (size_t)(at - text);
}

/* --- quotes --- */
/* Where the text ends that begins behind a quote: at its closing quote, or NULL. */
static const char *
find_quote(const char *at, const char *end, bool *escaped)
{
	for (; at < end && *at != '"'; at++) {
		if (*at != '\\')
			continue;
		*escaped = true;
		if (++at == end)
			break;
	}
	return at < end ? at : NULL;
}

const char *
expoline_name(const char *text, const char *end, bool colon, const char **name, size_t *length)
{
	bool escaped = false;
	if (text == end || *text != '"') {
		*name = text;
		*length = bare_name(text, end, colon);
		return *length > 0 ? text + *length : NULL;
	}
	*name = text + 1;
	const char *quote = find_quote(*name, end, &escaped);
	*length = quote != NULL ? (size_t)(quote - *name) : 0;
	return *length > 0 ? quote + 1 : NULL;
}

/* --- labels --- */
static const char *
take_label_value(struct cursor *cursor, struct expoline_label *label)
{
	if (!at_char(cursor, '"'))
		return "a label value must begin with a quote";
	label->value = cursor->at + 1;
	const char *quote = find_quote(label->value, cursor->end, &label->escaped);
	if (quote == NULL)
		return "a label value has no closing quote";
	label->value_length = (uint32_t)(quote - label->value);
	cursor->at = quote + 1;
	return NULL;
}

static const char *
take_label(struct cursor *cursor, struct expoline_label *labels, size_t *count)
{
	const char *name;
	size_t length;
	const char *after = expoline_name(cursor->at, cursor->end, false, &name, &length);
	if (after == NULL)
		return "a label name must begin with a letter or an underscore";
	if (*count == EXPOSITION_MAX_LABELS)
		return "more than 32 labels";
	if (length == 8 && memcmp(name, "__name__", 8) == 0)
		return "the label name __name__ is reserved";
	for (size_t i = 0; i < *count; i++) {
		if (labels[i].name_length == length && memcmp(labels[i].name, name, length) == 0)
			return "a label stands there twice";
	}
	struct expoline_label *label = &labels[*count];
	*label = (struct expoline_label){.name = name, .name_length = (uint32_t)length};
	cursor->at = after;
	skip_blanks(cursor);
	if (!at_char(cursor, '='))
		return "a label name must be followed by =";
	cursor->at++;
	skip_blanks(cursor);
	const char *reason = take_label_value(cursor, label);
	if (reason == NULL)
		(*count)++;
	return reason;
}

/* The labels from the cursor to the closing brace, behind the `count` that are there already. */
static const char *
take_labels(struct cursor *cursor, const char *start, struct expoline_label *labels, size_t *count)
{
	bool closing = *count == 0 || !cursor->strict; /* a brace may close here */
	for (;;) {
		skip_blanks(cursor);
		if (closing && at_char(cursor, '}'))
			break;
		const char *reason = take_label(cursor, labels, count);
		if (reason != NULL)
			return reason;
		skip_blanks(cursor);
		if (at_char(cursor, '}'))
			break;
		if (!at_char(cursor, ','))
			return "a label must be followed by , or }";
		cursor->at++;
		labels[*count - 1].after = (uint32_t)(cursor->at - start);
		closing = !cursor->strict; /* a comma may be the last, as TorchServe has it */
	}
	cursor->at++;
	return NULL;
}

size_t
expoline_unescape(char *dst, const struct expoline_label *label)
{
	size_t length = 0;
	for (const char *at = label->value, *end = at + label->value_length; at < end; at++) {
		if (*at != '\\') {
			dst[length++] = *at;
			continue;
		}
		at++; /* there is one: a backslash before the quote would have escaped it */
		if (*at != 'n' && *at != '\\' && *at != '"')
			dst[length++] = '\\'; /* not an escape: a Windows path as it is */
		dst[length++] = *at == 'n' ? '\n' : *at;
	}
	return length;
}

/* --- what follows the value --- */
static size_t
count_characters(const struct expoline_label *label)
{
	size_t count = label->name_length;
	for (uint32_t i = 0; i < label->value_length; i++) {
		char c = label->value[i];
		if (c == '\\' && strchr("n\\\"", label->value[i + 1]) != NULL)
			i++;
		count += ((unsigned char)c & 0xC0) != 0x80;
	}
	return count;
}

/* What parts a value from what follows it: one space, or blanks in 0.0.4. */
static bool
take_space(struct cursor *cursor)
{
	if (!cursor->strict)
		skip_blanks(cursor);
	else if (*cursor->at++ != ' ')
		return false;
	return true;
}

static const char *
take_time(struct cursor *cursor, struct exponumber *time)
{
	const char *after = exponumber_take(time, cursor->at, cursor->end);
	if (after == NULL || time->nan || time->infinite ||
	    (after < cursor->end && !is_blank(*after)))
		return "the time of a sample is not a number";
	cursor->at = after;
	return NULL;
}

/* `# {a="b"} 0.5 123`, from the # to the end of the line. */
static const char *
take_exemplar(struct cursor *cursor)
{
	struct expoline_label labels[EXPOSITION_MAX_LABELS];
	struct exponumber number;
	size_t count = 0, characters = 0;
	if (cursor->end - cursor->at < 3 || memcmp(cursor->at, "# {", 3) != 0)
		return "something follows the value";
	cursor->at += 3;
	const char *reason = take_labels(cursor, cursor->at, labels, &count);
	if (reason != NULL)
		return reason;
	for (size_t i = 0; i < count; i++)
		characters += count_characters(&labels[i]);
	if (characters > EXEMPLAR_CHARACTERS)
		return "the labels of an exemplar are longer than 128 characters";
	const char *at = cursor->at, *end = cursor->end;
	if (at == end || *at != ' ' || (at = exponumber_take(&number, at + 1, end)) == NULL)
		return "the value of an exemplar is not a number";
	if (at == end)
		return NULL;
	if (*at != ' ' || (at = exponumber_take(&number, at + 1, end)) != end || number.nan ||
	    number.infinite)
		return "the time of an exemplar is not a number";
	return NULL;
}

static const char *
take_rest(struct cursor *cursor, struct expoline *line)
{
	const char *reason = NULL;
	if (cursor->at == cursor->end)
		return NULL;
	if (!take_space(cursor))
		return "something follows the value";
	if (cursor->at < cursor->end && *cursor->at != '#') {
		line->timed = true;
		if ((reason = take_time(cursor, &line->time)) != NULL)
			return reason;
		if (cursor->at == cursor->end)
			return NULL;
		if (!take_space(cursor))
			return "something follows the time";
	}
	if (cursor->at == cursor->end)
		return cursor->strict ? "a blank at the end of the line" : NULL;
	line->exemplar = true;
	if (cursor->strict)
		return take_exemplar(cursor);
	if (cursor->end - cursor->at < 3 || memcmp(cursor->at, "# {", 3) != 0)
		return "something follows the value";
	return NULL;
}

/* `{count:5,sum:...}`: how OpenMetrics 2 writes a native histogram in place of a value. */
static bool
at_native(const struct cursor *cursor)
{
	static const char *const keys[] = {"{count:", "{sum:", "{schema:"};
	size_t left = (size_t)(cursor->end - cursor->at);
	if (!at_char(cursor, '{'))
		return false;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t length = strlen(keys[i]);
		if (left > length && memcmp(cursor->at, keys[i], length) == 0)
			return true;
	}
	return false;
}

static const char *
take_value(struct cursor *cursor, struct expoline *line)
{
	if (cursor->at == cursor->end)
		return "a sample without a value";
	if (at_native(cursor)) {
		line->native = true;
		return NULL;
	}
	const char *after = exponumber_take(&line->value, cursor->at, cursor->end);
	if (after == NULL || (after < cursor->end && !is_blank(*after)))
		return "the value of a sample is not a number";
	cursor->at = after;
	return take_rest(cursor, line);
}

/* --- the line --- */
static size_t
common_length(const char *a, const char *b, size_t limit)
{
	size_t length = 0;
	uint64_t left, right;
	while (length + sizeof(left) <= limit) {
		memcpy(&left, a + length, sizeof(left));
		memcpy(&right, b + length, sizeof(right));
		if (left != right)
			break;
		length += sizeof(left);
	}
	while (length < limit && a[length] == b[length])
		length++;
	return length;
}

/* Goes on behind the labels that the line before has, too; false if not even the first is the same.
 * The line before ends where this one begins, or earlier: limit is within both. */
static bool
resume(struct expoline *line, struct cursor *cursor)
{
	const char *before = line->start, *text = cursor->at;
	if (before == NULL || line->open == 0)
		return false;
	size_t left = (size_t)(cursor->end - text), room = (size_t)(text - before);
	size_t same = common_length(before, text, left < room ? left : room);
	size_t kept = 0, at = 0;
	while (kept < line->labels_count && line->labels[kept].after != 0 &&
	       line->labels[kept].after <= same)
		at = line->labels[kept++].after;
	if (kept == 0)
		return false;
	line->labels_count = kept;
	cursor->at = text + at;
	return true;
}

/* `{"name"` and what follows it: a comma and labels, or the brace that closes. */
static const char *
take_quoted_name(struct expoline *line, struct cursor *cursor)
{
	const char *start = cursor->at++;
	skip_blanks(cursor);
	if (!at_char(cursor, '"'))
		return "labels without a metric's name before them or quoted among them";
	cursor->at = expoline_name(cursor->at, cursor->end, true, &line->name, &line->name_length);
	if (cursor->at == NULL)
		return "a quoted metric name is empty or has no closing quote";
	skip_blanks(cursor);
	if (!at_char(cursor, ',') && !at_char(cursor, '}'))
		return "a quoted metric name must be followed by , or }";
	if (*cursor->at++ == ',')
		line->open = (uint32_t)(cursor->at - start);
	return NULL;
}

static const char *
take_name(struct expoline *line, struct cursor *cursor)
{
	line->open = 0;
	line->labels_count = 0;
	if (at_char(cursor, '{'))
		return take_quoted_name(line, cursor);
	line->name = cursor->at;
	line->name_length = bare_name(cursor->at, cursor->end, true);
	if (line->name_length == 0)
		return "a metric name must begin with a letter, _ or :";
	cursor->at += line->name_length;
	const char *after = cursor->at;
	skip_blanks(cursor);
	if (at_native(cursor)) {
		return NULL; /* take_value's */
	} else if (at_char(cursor, '{')) {
		cursor->at++;
		line->open = (uint32_t)(cursor->at - line->name);
	} else if (cursor->at == after && cursor->at < cursor->end && *cursor->at != ' ') {
		return "a metric name holds a character that none can hold";
	}
	return NULL;
}

static const char *
read_line(struct expoline *line, struct cursor *cursor)
{
	const char *reason, *text = cursor->at;
	line->timed = line->exemplar = line->native = false;
	if (!resume(line, cursor) && (reason = take_name(line, cursor)) != NULL)
		return reason;
	line->start = text;
	if (line->open != 0 &&
	    (reason = take_labels(cursor, text, line->labels, &line->labels_count)) != NULL)
		return reason;
	if (cursor->strict && cursor->at < cursor->end) {
		if (*cursor->at != ' ')
			return "a space must stand before the value";
		cursor->at++;
	}
	skip_blanks(cursor);
	return take_value(cursor, line);
}

const char *
expoline_rest(struct expoline *line, const char *text, const char *end, bool strict)
{
	struct cursor cursor = {.at = text, .end = end, .strict = strict};
	line->timed = line->exemplar = false;
	return take_rest(&cursor, line);
}

const char *
expoline_read(struct expoline *line, const char *text, const char *end, bool strict)
{
	struct cursor cursor = {.at = text, .end = end, .strict = strict};
	const char *reason = read_line(line, &cursor);
	if (reason != NULL)
		line->start = NULL;
	return reason;
}
