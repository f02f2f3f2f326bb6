/* payload_json.c: payloads of JSON as rows: payload.h says which. An object is looked at once for
 * the keys that make it more than a row, and then read. */
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/format/payload_parts.h"

#define MAX_DEPTH 8 /* of objects and lists in a row */

/* A name as it grows. */
struct prefix {
	char text[RECORD_MAX_TEXT + 1];
	size_t length;
};

static void
prefix_add(struct prefix *prefix, const char *name, size_t length)
{
	if (prefix->length > 0 && prefix->length < RECORD_MAX_TEXT)
		prefix->text[prefix->length++] = '.';
	prefix->text[prefix->length] = '\0';
	size_t room = sizeof(prefix->text) - prefix->length;
	if (length < room) {
		memcpy(prefix->text + prefix->length, name, length + 1);
		prefix->length += length;
	} else {
		prefix->length += text_copy(prefix->text + prefix->length, room, name);
	}
}

static bool flatten(
    struct payload *payload, struct jsonscan *scan, const struct prefix *prefix, unsigned depth);

/* The names of the values that came from a list: of one value the list's own. */
static bool
rename_single(struct payload *payload, const struct prefix *prefix, size_t before)
{
	struct payload_row *row = &payload->rows[payload->rows_count - 1];
	if (prefix->length == 0 || payload->count != before + 1 ||
	    payload->values[before].name == NULL)
		return true;
	const char *name = payload_name(payload, prefix->text, prefix->length);
	if (name == NULL)
		return false;
	struct feature_value value = payload->values[before];
	payload->count--;
	row->count--;
	/* It goes back to its place, or the name stands twice. */
	struct feature_value *place = payload_add(payload, name);
	if (place == NULL)
		return false;
	value.name = name;
	*place = value;
	return true;
}

static bool
flatten_list(
    struct payload *payload, struct jsonscan *scan, const struct prefix *prefix, unsigned depth)
{
	size_t before = payload->count;
	scan->at++;
	for (size_t i = 0;; i++) {
		enum jsonscan_step step = jsonscan_next_element(scan, i == 0);
		if (step == JSONSCAN_FAILED)
			return false;
		if (step == JSONSCAN_END)
			return i != 1 || rename_single(payload, prefix, before);
		struct prefix inner;
		char number[24];
		inner.length = prefix->length;
		memcpy(inner.text, prefix->text, prefix->length);
		if (prefix->length > 0)
			prefix_add(
			    &inner, number, (size_t)snprintf(number, sizeof(number), "%zu", i));
		if (!flatten(payload, scan, &inner, depth + 1))
			return false;
	}
}

/* A value that is neither object nor list, under its key. */
static bool
read_scalar(struct payload *payload, struct jsonscan *scan, const char *key, size_t length)
{
	const char *name = payload_name(payload, key, length);
	struct feature_value *value = name != NULL ? payload_add(payload, name) : NULL;
	return value != NULL && payload_scalar(payload, scan, value, 1);
}

static bool
flatten_object(
    struct payload *payload, struct jsonscan *scan, const struct prefix *prefix, unsigned depth)
{
	char key[RECORD_MAX_TEXT + 1];
	size_t length, count = 0;
	enum jsonscan_step step;
	scan->at++;
	while ((step = jsonscan_member(scan, &count, key, &length)) == JSONSCAN_MEMBER) {
		char c = jsonscan_peek(scan);
		if (prefix->length == 0 && c != '{' && c != '[') {
			if (!read_scalar(payload, scan, key, length))
				return false;
			continue;
		}
		struct prefix inner;
		inner.length = prefix->length;
		memcpy(inner.text, prefix->text, prefix->length);
		prefix_add(&inner, key, length);
		if (!flatten(payload, scan, &inner, depth + 1))
			return false;
	}
	return step == JSONSCAN_END;
}

/* Adds what stands there to the last row. */
static bool
flatten(struct payload *payload, struct jsonscan *scan, const struct prefix *prefix, unsigned depth)
{
	char c = jsonscan_peek(scan);
	if ((c == '{' || c == '[') && depth == MAX_DEPTH)
		return jsonscan_fail(scan, scan->at, "a value nested deeper than %d", MAX_DEPTH);
	if (c == '[')
		return flatten_list(payload, scan, prefix, depth);
	if (c == '{')
		return flatten_object(payload, scan, prefix, depth);
	const char *name = NULL;
	if (prefix->length > 0 &&
	    (name = payload_name(payload, prefix->text, prefix->length)) == NULL)
		return false;
	struct feature_value *value = payload_add(payload, name);
	return value != NULL && payload_scalar(payload, scan, value, depth);
}

/* An object that is a row: if it has `features`, these. */
static bool
read_object_row(struct payload *payload, struct jsonscan *scan)
{
	char key[RECORD_MAX_TEXT + 1];
	size_t length, count = 0;
	bool features = false;
	enum jsonscan_step step;
	scan->at++;
	while ((step = jsonscan_member(scan, &count, key, &length)) == JSONSCAN_MEMBER) {
		char c = jsonscan_peek(scan);
		if (!features && c != '{' && c != '[') {
			if (!read_scalar(payload, scan, key, length))
				return false;
			continue;
		}
		struct prefix prefix;
		prefix.length = 0;
		if (strcmp(key, "features") == 0 && (c == '{' || c == '[')) {
			features = true;
			payload_drop_values(payload);
		} else if (features) {
			if (!payload_skip(payload, scan, 1))
				return false;
			continue;
		} else {
			prefix_add(&prefix, key, length);
		}
		if (!flatten(payload, scan, &prefix, 1))
			return false;
	}
	return step == JSONSCAN_END;
}

static bool
read_row(struct payload *payload, struct jsonscan *scan)
{
	payload_begin_row(payload);
	if (jsonscan_peek(scan) == '{')
		return read_object_row(payload, scan);
	struct prefix none;
	none.length = 0;
	return flatten(payload, scan, &none, 0);
}

static bool
read_rows(struct payload *payload, struct jsonscan *scan)
{
	if (jsonscan_peek(scan) != '[')
		return read_row(payload, scan);
	scan->at++;
	for (bool first = true;; first = false) {
		enum jsonscan_step step = jsonscan_next_element(scan, first);
		if (step != JSONSCAN_MEMBER)
			return step == JSONSCAN_END;
		if (!read_row(payload, scan))
			return false;
	}
}

static bool
read_heads(struct payload *payload, struct jsonscan *scan)
{
	char name[RECORD_MAX_TEXT + 1];
	size_t length;
	payload->heads_count = 0;
	if (!jsonscan_take(scan, '['))
		return false;
	for (bool first = true;; first = false) {
		enum jsonscan_step step = jsonscan_next_element(scan, first);
		if (step != JSONSCAN_MEMBER)
			return step == JSONSCAN_END;
		if (!jsonscan_string(scan, name, &length))
			return false;
		mem_reserve(&payload->heads, &payload->heads_capacity, payload->heads_count + 1,
		    sizeof(*payload->heads));
		const char *head = payload_name(payload, name, length);
		if (head == NULL)
			return false;
		payload->heads[payload->heads_count++] = head;
	}
}

enum special {
	SPECIAL_NONE,
	SPECIAL_ROWS,
	SPECIAL_TENSORS,
	SPECIAL_TENSOR,
	SPECIAL_HEADS,
	SPECIAL_WITHIN,
	SPECIAL_MODEL,
	SPECIAL_VERSION
};

/* Has the list objects with a shape? */
static bool
holds_tensors(const struct jsonscan *scan)
{
	struct jsonscan look = *scan;
	struct err ignored;
	char key[RECORD_MAX_TEXT + 1];
	size_t length, count = 0;
	look.err = &ignored;
	look.at++;
	if (jsonscan_peek(&look) != '{')
		return false;
	look.at++;
	while (jsonscan_member(&look, &count, key, &length) == JSONSCAN_MEMBER) {
		if (strcmp(key, "shape") == 0)
			return true;
		if (!jsonscan_skip(&look, 2))
			return false;
	}
	return false;
}

/* What the key of an object says about it. */
static enum special
special_key(const struct payload *payload, const char *key, const struct jsonscan *scan)
{
	char c = scan->at < scan->end ? *scan->at : '\0';
	bool list = c == '[';
	if (strcmp(key, payload->response ? "outputs" : "inputs") == 0 && (list || c == '{'))
		return c == '{'		     ? SPECIAL_WITHIN
		       : holds_tensors(scan) ? SPECIAL_TENSORS
					     : SPECIAL_ROWS;
	if (strcmp(key, payload->response ? "predictions" : "instances") == 0 ||
	    (payload->truth && strcmp(key, "instances") == 0))
		return SPECIAL_ROWS;
	if (list && (strcmp(key, "data") == 0 || strcmp(key, "ndarray") == 0 ||
			strcmp(key, "dataframe_records") == 0))
		return SPECIAL_ROWS;
	if (c == '{' && (strcmp(key, "data") == 0 || strcmp(key, "dataframe_split") == 0))
		return SPECIAL_WITHIN;
	if (c == '{' && strcmp(key, "tensor") == 0)
		return SPECIAL_TENSOR;
	if (list && (strcmp(key, "names") == 0 || strcmp(key, "columns") == 0))
		return SPECIAL_HEADS;
	if (strcmp(key, "model_name") == 0)
		return SPECIAL_MODEL;
	return strcmp(key, "model_version") == 0 ? SPECIAL_VERSION : SPECIAL_NONE;
}

static bool read_object(struct payload *payload, struct jsonscan *scan, unsigned depth);

static bool
read_special(struct payload *payload, struct jsonscan *scan, enum special special, unsigned depth)
{
	size_t length;
	bool text = scan->at < scan->end && *scan->at == '"';
	switch (special) {
	case SPECIAL_ROWS:
		return read_rows(payload, scan);
	case SPECIAL_TENSORS:
		return payload_tensors(payload, scan);
	case SPECIAL_TENSOR:
		return payload_tensor(payload, scan);
	case SPECIAL_HEADS:
		return read_heads(payload, scan);
	case SPECIAL_WITHIN:
		return read_object(payload, scan, depth + 1);
	case SPECIAL_MODEL:
		return text ? jsonscan_string(scan, payload->model, &length)
			    : jsonscan_skip(scan, depth + 1);
	case SPECIAL_VERSION:
		return text ? jsonscan_string(scan, payload->version, &length)
			    : jsonscan_skip(scan, depth + 1);
	case SPECIAL_NONE:
		break;
	}
	return payload_skip(payload, scan, depth + 1);
}

/* Behind the value at `at`, or the end of the text: nothing is checked, for it is read yet. */
static const char *
pass_value(const char *at, const char *end)
{
	size_t depth = 0;
	for (; at < end; at++) {
		if (*at == '"') {
			while (++at < end && *at != '"')
				at += *at == '\\';
			if (at >= end)
				return end;
		} else if (*at == '{' || *at == '[') {
			depth++;
		} else if (*at == '}' || *at == ']') {
			if (depth == 0)
				return at;
			depth--;
		} else if (*at == ',' && depth == 0) {
			return at;
		}
		if (depth == 0 && (*at == '}' || *at == ']'))
			return at + 1;
	}
	return end;
}

/* Are there rows in the object? Of one that is broken any answer will do. */
static bool
holds_rows(const struct payload *payload, struct jsonscan look)
{
	struct err ignored;
	char key[RECORD_MAX_TEXT + 1];
	size_t length, count = 0;
	look.err = &ignored;
	look.at++;
	while (jsonscan_member(&look, &count, key, &length) == JSONSCAN_MEMBER) {
		enum special special = special_key(payload, key, &look);
		if (special >= SPECIAL_ROWS && special <= SPECIAL_WITHIN &&
		    special != SPECIAL_HEADS)
			return true;
		look.at = pass_value(look.at, look.end);
	}
	return false;
}

/* Reads what is special in an object. */
static bool
read_specials(struct payload *payload, struct jsonscan *scan, unsigned depth)
{
	char key[RECORD_MAX_TEXT + 1];
	size_t length, count = 0;
	enum jsonscan_step step;
	scan->at++;
	while ((step = jsonscan_member(scan, &count, key, &length)) == JSONSCAN_MEMBER)
		if (!read_special(payload, scan, special_key(payload, key, scan), depth))
			return false;
	return step == JSONSCAN_END;
}

static bool
read_object(struct payload *payload, struct jsonscan *scan, unsigned depth)
{
	if (depth < MAX_DEPTH && holds_rows(payload, *scan))
		return read_specials(payload, scan, depth);
	if (!payload->whole || depth > 0)
		return read_row(payload, scan);
	payload->odd = true;
	return jsonscan_skip(scan, depth);
}

bool
payload_json(struct payload *payload, const char *text, size_t length)
{
	struct jsonscan scan;
	jsonscan_begin(&scan, text, length, payload->err);
	while (jsonscan_peek(&scan) != '\0' || scan.at < scan.end) {
		char c = *scan.at;
		size_t from = payload->rows_count;
		if (c == '{' ? !read_object(payload, &scan, 0) : !read_rows(payload, &scan))
			return false;
		if (c == '[' && !payload->response)
			payload_join_rows(payload, from);
	}
	return true;
}
