/* ubjson.c: see ubjson.h. All numbers are big-endian. */
#include "core/model/ubjson.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"

bool
ubjson_fail(size_t place, struct err *err, const char *format, ...)
{
	char text[256];
	va_list list;
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	return err_set(err, ERR_DATA, "byte %zu: %s", place, text);
}

const char *
ubjson_word(enum ubjson_kind kind)
{
	static const char *const words[] = {
	    [UBJSON_NULL] = "null",
	    [UBJSON_FALSE] = "a boolean",
	    [UBJSON_TRUE] = "a boolean",
	    [UBJSON_NUMBER] = "a number",
	    [UBJSON_STRING] = "a string",
	    [UBJSON_ARRAY] = "an array",
	    [UBJSON_OBJECT] = "an object",
	};
	return words[kind];
}

static size_t
left_of(const struct ubjson *reader)
{
	return reader->length - reader->at;
}

static bool
ends(const struct ubjson *reader, struct err *err)
{
	return ubjson_fail(reader->at, err, "the file ends too early");
}

static bool
take_byte(struct ubjson *reader, char *byte, struct err *err)
{
	if (left_of(reader) == 0)
		return ends(reader, err);
	*byte = (char)reader->data[reader->at++];
	return true;
}

/* How many bytes a number of this type takes; 0: it is no type of numbers. */
static size_t
number_size(char type)
{
	switch (type) {
	case 'i':
	case 'U':
	case 'C':
		return 1;
	case 'I':
		return 2;
	case 'l':
	case 'd':
		return 4;
	case 'L':
	case 'D':
		return 8;
	default:
		return 0;
	}
}

static uint64_t
big_endian(const unsigned char *bytes, size_t size)
{
	uint64_t word = 0;
	for (size_t i = 0; i < size; i++)
		word = word << 8 | bytes[i];
	return word;
}

static double
to_number(char type, const unsigned char *bytes)
{
	uint64_t word = big_endian(bytes, number_size(type));
	uint32_t low = (uint32_t)word;
	float single;
	double number;
	switch (type) {
	case 'i':
		return (int8_t)low;
	case 'I':
		return (int16_t)low;
	case 'l':
		return (int32_t)low;
	case 'L':
		return (double)(int64_t)word;
	case 'd':
		memcpy(&single, &low, sizeof(single));
		return (double)single;
	case 'D':
		memcpy(&number, &word, sizeof(number));
		return number;
	default:
		return low;
	}
}

/* A length or a count: an integer of its own type, never below 0. */
static bool
take_length(struct ubjson *reader, size_t *length, struct err *err)
{
	size_t place = reader->at;
	char type = '\0';
	if (!take_byte(reader, &type, err))
		return false;
	size_t size = number_size(type);
	if (size == 0 || type == 'd' || type == 'D' || type == 'C')
		return ubjson_fail(place, err, "a length should stand here");
	if (left_of(reader) < size)
		return ends(reader, err);
	uint64_t word = big_endian(reader->data + reader->at, size);
	if (type != 'U' && word >> (8 * size - 1) != 0)
		return ubjson_fail(place, err, "a length below 0");
	reader->at += size;
	*length = word < SIZE_MAX ? (size_t)word : SIZE_MAX; /* as on 32 bits */
	return true;
}

static bool
take_string(struct ubjson *reader, struct ubjson_value *value, struct err *err)
{
	if (!take_length(reader, &value->length, err))
		return false;
	if (value->length > left_of(reader))
		return ubjson_fail(value->place, err,
		    "a string of %zu bytes, but the file has only %zu more", value->length,
		    left_of(reader));
	const unsigned char *text = reader->data + reader->at;
	if (memchr(text, '\0', value->length) != NULL)
		return ubjson_fail(value->place, err, "a string with a NUL inside");
	value->kind = UBJSON_STRING;
	value->text = (const char *)text;
	reader->at += value->length;
	return true;
}

/* Behind `[`: nothing, `#count` or `$type#count`. */
static bool
begin_array(struct ubjson *reader, struct ubjson_value *array, struct err *err)
{
	char mark = left_of(reader) > 0 ? (char)reader->data[reader->at] : '\0';
	size_t size = 1;
	array->kind = UBJSON_ARRAY;
	if (mark != '$' && mark != '#')
		return true;
	reader->at++;
	if (mark == '$') {
		size_t place = reader->at;
		if (!take_byte(reader, &array->type, err))
			return false;
		size = number_size(array->type);
		if (size == 0)
			return ubjson_fail(place, err,
			    "an array of type 0x%02x, which is none of numbers",
			    (unsigned)(unsigned char)array->type);
		if (!take_byte(reader, &mark, err))
			return false;
		if (mark != '#')
			return ubjson_fail(
			    reader->at - 1, err, "a typed array's count should stand here");
	}
	array->counted = true;
	if (!take_length(reader, &array->left, err))
		return false;
	if (array->left > left_of(reader) / size)
		return ubjson_fail(array->place, err,
		    "an array of %zu elements, but the file has only %zu more bytes", array->left,
		    left_of(reader));
	return true;
}

bool
ubjson_next(struct ubjson *reader, struct ubjson_value *value, struct err *err)
{
	char mark = '\0';
	*value = (struct ubjson_value){.place = reader->at};
	if (!take_byte(reader, &mark, err))
		return false;
	size_t size = number_size(mark);
	if (size > 0) {
		if (left_of(reader) < size)
			return ends(reader, err);
		value->kind = UBJSON_NUMBER;
		value->number = to_number(mark, reader->data + reader->at);
		reader->at += size;
		return true;
	}
	switch (mark) {
	case 'Z':
		value->kind = UBJSON_NULL;
		return true;
	case 'F':
		value->kind = UBJSON_FALSE;
		return true;
	case 'T':
		value->kind = UBJSON_TRUE;
		return true;
	case 'S':
		return take_string(reader, value, err);
	case '[':
		return begin_array(reader, value, err);
	case '{':
		value->kind = UBJSON_OBJECT;
		return true;
	default:
		return ubjson_fail(
		    value->place, err, "0x%02x begins no value", (unsigned)(unsigned char)mark);
	}
}

bool
ubjson_element(struct ubjson *reader, struct ubjson_value *array, struct ubjson_value *element,
    bool *end, struct err *err)
{
	*end = array->counted && array->left == 0;
	if (!array->counted && left_of(reader) > 0 && reader->data[reader->at] == ']') {
		reader->at++;
		*end = true;
	}
	if (*end)
		return true;
	if (array->counted)
		array->left--;
	if (array->type == '\0')
		return ubjson_next(reader, element, err);
	*element = (struct ubjson_value){
	    .kind = UBJSON_NUMBER,
	    .place = reader->at,
	    .number = to_number(array->type, reader->data + reader->at),
	};
	reader->at += number_size(array->type);
	return true;
}

bool
ubjson_key(struct ubjson *reader, struct ubjson_value *key, bool *end, struct err *err)
{
	*key = (struct ubjson_value){.place = reader->at};
	*end = left_of(reader) > 0 && reader->data[reader->at] == '}';
	if (!*end)
		return take_string(reader, key, err);
	reader->at++;
	return true;
}

bool
ubjson_is(const struct ubjson_value *string, const char *word)
{
	return string->kind == UBJSON_STRING && string->length == strlen(word) &&
	       memcmp(string->text, word, string->length) == 0;
}

static bool
skip_deep(struct ubjson *reader, struct ubjson_value *value, size_t depth, struct err *err)
{
	struct ubjson_value part;
	bool end = false;
	if (value->kind != UBJSON_ARRAY && value->kind != UBJSON_OBJECT)
		return true;
	if (depth == UBJSON_DEPTH_MAX)
		return ubjson_fail(
		    value->place, err, "nested deeper than %d levels", UBJSON_DEPTH_MAX);
	if (value->type != '\0') {
		reader->at += value->left * number_size(value->type);
		return true;
	}
	for (;;) {
		bool read = value->kind == UBJSON_ARRAY
				? ubjson_element(reader, value, &part, &end, err)
				: ubjson_key(reader, &part, &end, err) &&
				      (end || ubjson_next(reader, &part, err));
		if (!read || end)
			return read;
		if (!skip_deep(reader, &part, depth + 1, err))
			return false;
	}
}

bool
ubjson_skip(struct ubjson *reader, struct ubjson_value *value, struct err *err)
{
	return skip_deep(reader, value, 0, err);
}

bool
ubjson_numbers(struct ubjson *reader, struct ubjson_value *array, double **values, size_t *count,
    size_t *capacity, size_t limit, struct err *err)
{
	size_t done = 0;
	if (array->counted && array->left <= limit)
		mem_reserve(values, capacity, array->left, sizeof(**values));
	for (;; done++) {
		struct ubjson_value element;
		bool end;
		if (!ubjson_element(reader, array, &element, &end, err))
			return false;
		if (end)
			break;
		if (done == limit)
			return ubjson_fail(array->place, err,
			    "an array of more than the %zu values that may still be read", limit);
		if (element.kind > UBJSON_NUMBER)
			return ubjson_fail(element.place, err, "element %zu is %s, not a number",
			    done, ubjson_word(element.kind));
		mem_reserve(values, capacity, done + 1, sizeof(**values));
		(*values)[done] = element.kind == UBJSON_NUMBER ? element.number
				  : element.kind == UBJSON_NULL
				      ? (double)NAN
				      : (double)(element.kind == UBJSON_TRUE);
	}
	*count = done;
	return true;
}
