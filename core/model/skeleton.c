/* skeleton.c: finds the trees in a model's JSON. It follows strings and brackets and nothing else;
 * whether the text is JSON at all, cJSON says about each part. */
#include "core/model/skeleton.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/model/trees.h"

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_word(char c)
{
	/* Not isalnum, which a third of loading a large model would go to. */
	unsigned code = (unsigned char)c;
	return code - '0' < 10 || (code | 32) - 'a' < 26 || c == '-' || c == '+' || c == '.' ||
	       c == '_';
}

static size_t
skip_space(const char *text, size_t length, size_t at)
{
	while (at < length && is_space(text[at]))
		at++;
	return at;
}

/* Where the token that begins at `at` ends: a string, a run of word characters, or one character.
 */
static size_t
token_end(const char *text, size_t length, size_t at)
{
	size_t end = at + 1;
	if (text[at] == '"') {
		while (end < length && text[end] != '"')
			end += text[end] == '\\' ? 2 : 1;
		return end < length ? end + 1 : length;
	}
	if (is_word(text[at])) {
		while (end < length && is_word(text[end]))
			end++;
	}
	return end;
}

static bool
token_is(const char *text, size_t at, size_t end, const char *word)
{
	size_t length = strlen(word);
	return end - at == length && memcmp(text + at, word, length) == 0;
}

/* What JSON writes for a word that is not JSON, or NULL. */
static const char *
json_word(const char *text, size_t at, size_t end)
{
	if (token_is(text, at, end, "NaN") || token_is(text, at, end, "-NaN"))
		return "null";
	if (token_is(text, at, end, "Infinity"))
		return "1e999";
	if (token_is(text, at, end, "-Infinity"))
		return "-1e999";
	return NULL;
}

/* Appends text[at, end), words made JSON, and counts its values. False: more than
 * SKELETON_VALUES_MAX. */
static bool
copy(struct buf *out, const char *text, size_t at, size_t end, size_t *values)
{
	size_t pending = at;
	while (at < end) {
		size_t next = token_end(text, end, at);
		char c = text[at];
		if (c == ',' || c == '[' || c == '{')
			++*values;
		const char *word =
		    c == 'N' || c == 'I' || c == '-' ? json_word(text, at, next) : NULL;
		if (word != NULL) {
			buf_append(out, text + pending, at - pending);
			buf_puts(out, word);
			pending = next;
		}
		at = next;
	}
	buf_append(out, text + pending, end - pending);
	return *values <= SKELETON_VALUES_MAX;
}

/* The end of the value (an object, if the file is sound) at `at`, or 0 if the text ends inside it.
 */
static size_t
value_end(const char *text, size_t length, size_t at)
{
	size_t depth = 0;
	while (at < length) {
		size_t next = token_end(text, length, at);
		char c = text[at];
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && depth > 0)
			depth--;
		at = next;
		if (depth == 0)
			return at;
	}
	return 0;
}

/* Lists the elements of the array that opens at *at; *at moves behind it. */
static bool
list_trees(struct skeleton *skeleton, size_t *at, struct err *err)
{
	const char *text = skeleton->source;
	size_t length = skeleton->source_length;
	size_t place = skip_space(text, length, *at + 1);
	bool more = place < length && text[place] != ']';
	while (more) {
		if (skeleton->count >= TREES_MAX)
			return err_set(err, ERR_DATA, "more than %d trees", TREES_MAX);
		if (place < length && text[place] != '{')
			return err_set(
			    err, ERR_DATA, "tree %zu: it is not a JSON object", skeleton->count);
		size_t end = value_end(text, length, place);
		if (end == 0)
			return err_set(
			    err, ERR_DATA, "tree %zu: the file ends inside it", skeleton->count);
		mem_reserve(&skeleton->trees, &skeleton->capacity, skeleton->count + 1,
		    sizeof(*skeleton->trees));
		skeleton->trees[skeleton->count++] =
		    (struct skeleton_span){.offset = place, .length = end - place};
		place = skip_space(text, length, end);
		more = place < length && text[place] == ',';
		if (more)
			place = skip_space(text, length, place + 1);
	}
	if (place >= length || text[place] != ']')
		return err_set(err, ERR_DATA, "%s after tree %zu",
		    place >= length ? "the file ends" : "not valid JSON", skeleton->count);
	*at = place + 1;
	return true;
}

/* Is the string [at, end) the key "trees" with an array for its value? Then *open is its bracket.
 */
static bool
opens_trees(const char *text, size_t length, size_t at, size_t end, size_t *open)
{
	if (!token_is(text, at, end, "\"trees\""))
		return false;
	size_t colon = skip_space(text, length, end);
	if (colon >= length || text[colon] != ':')
		return false;
	*open = skip_space(text, length, colon + 1);
	return *open < length && text[*open] == '[';
}

static bool
too_many_values(struct err *err)
{
	return err_set(err, ERR_DATA, "more than %d values outside its trees", SKELETON_VALUES_MAX);
}

bool
skeleton_cut(struct skeleton *skeleton, const char *text, size_t length, struct err *err)
{
	skeleton->source = text;
	skeleton->source_length = length;
	size_t pending = 0, at = 0, values = 0;
	while (at < length) {
		size_t end = token_end(text, length, at), open;
		if (text[at] != '"' || !opens_trees(text, length, at, end, &open)) {
			at = end;
			continue;
		}
		if (skeleton->found)
			return err_set(err, ERR_DATA, "it has two arrays called \"trees\"");
		skeleton->found = true;
		if (!copy(&skeleton->text, text, pending, open, &values))
			return too_many_values(err);
		at = open;
		if (!list_trees(skeleton, &at, err))
			return false;
		buf_puts(&skeleton->text, "[]");
		pending = at;
	}
	if (!copy(&skeleton->text, text, pending, length, &values))
		return too_many_values(err);
	return true;
}

cJSON *
skeleton_parse_text(const char *text, struct err *err)
{
	const char *stop = NULL;
	cJSON *json = cJSON_ParseWithOpts(text, &stop, true);
	if (json != NULL)
		return json;
	size_t left = stop != NULL ? strlen(stop) : 0;
	char near[40];
	text_scrub(near, sizeof(near), stop, left < 24 ? left : 24);
	if (left == 0)
		err_set(err, ERR_DATA, "not valid JSON: it ends too early");
	else
		err_set(err, ERR_DATA, "not valid JSON at `%s`", near);
	return NULL;
}

cJSON *
skeleton_parse(const struct skeleton *skeleton, struct err *err)
{
	return skeleton_parse_text(skeleton->text.data != NULL ? skeleton->text.data : "", err);
}

cJSON *
skeleton_tree(const struct skeleton *skeleton, size_t index, struct err *err)
{
	const struct skeleton_span *span = &skeleton->trees[index];
	struct buf text = {0};
	size_t values = 0;
	cJSON *json = NULL;
	if (!copy(&text, skeleton->source, span->offset, span->offset + span->length, &values))
		err_set(err, ERR_DATA, "more than %d values", SKELETON_VALUES_MAX);
	else
		json = skeleton_parse_text(text.data, err);
	if (json == NULL)
		err_prefix(err, "tree %zu", index);
	buf_free(&text);
	return json;
}

void
skeleton_free(struct skeleton *skeleton)
{
	buf_free(&skeleton->text);
	free(skeleton->trees);
	*skeleton = (struct skeleton){0};
}
