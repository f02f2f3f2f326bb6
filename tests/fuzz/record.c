/* Fuzzes the reader of log lines beside cJSON: what one takes as JSON the other takes, but for the
 * differences named in `lenient`, and what a record holds is what cJSON's tree holds. */
#include <cJSON.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/ingest/jsonscan.h"
#include "core/ingest/record_reader.h"
#include "core/source/stretch.h"
#include "tests/fuzz/check.h"

/* Is the run of bytes that can stand in a number one number by RFC 8259? */
static bool
is_number(const char *at, const char *end)
{
	at += at < end && *at == '-';
	const char *digits = at;
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	if (at == digits || (*digits == '0' && at - digits > 1))
		return false;
	if (at < end && *at == '.') {
		digits = ++at;
		while (at < end && *at >= '0' && *at <= '9')
			at++;
		if (at == digits)
			return false;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		at++;
		at += at < end && (*at == '-' || *at == '+');
		digits = at;
		while (at < end && *at >= '0' && *at <= '9')
			at++;
		if (at == digits)
			return false;
	}
	return at == end;
}

/* Does the text, which cJSON took, hold one of the things that it takes against RFC 8259 (control
 * characters as blanks and in strings, bytes that are not UTF-8, a byte order mark, numbers of any
 * form that strtod knows, any four bytes after \u), or is it nested deeper than we go? */
static bool
lenient(const char *text, size_t length)
{
	bool quoted = false;
	unsigned depth = 0;
	uint32_t code;
	for (size_t i = 0; i < length;) {
		size_t width = text_decode(text + i, length - i, &code);
		if (width == 0 || code == 0xFEFF ||
		    (code < 0x20 && (quoted || (code != '\t' && code != '\n' && code != '\r'))))
			return true;
		if (quoted && code == '\\') {
			if (i + 1 < length && text[i + 1] == 'u' &&
			    (i + 6 > length || strspn(text + i + 2, "0123456789abcdefABCDEF") < 4))
				return true;
			i += 2;
			continue;
		}
		if (code == '"')
			quoted = !quoted;
		if (!quoted && (code == '[' || code == '{') && ++depth > JSONSCAN_MAX_DEPTH)
			return true;
		if (!quoted && (code == ']' || code == '}'))
			depth--;
		if (!quoted && (code == '-' || (code >= '0' && code <= '9'))) {
			size_t run = strspn(text + i, "0123456789+-.eE");
			if (!is_number(text + i, text + i + run))
				return true;
			width = run;
		}
		i += width;
	}
	return false;
}

/* And what we take and cJSON does not: half a surrogate pair, and a number of 64 characters or
 * more. */
static bool
stricter(const char *text)
{
	if (strstr(text, "\\ud") != NULL || strstr(text, "\\uD") != NULL)
		return true;
	for (; *text != '\0'; text++)
		if (strspn(text, "0123456789+-.eE") >= 63)
			return true;
	return false;
}

static cJSON *
last_item(const cJSON *object, const char *name)
{
	cJSON *found = NULL;
	for (cJSON *item = object->child; item != NULL; item = item->next)
		if (strcmp(item->string, name) == 0)
			found = item;
	return found != NULL && cJSON_IsNull(found) ? NULL : found;
}

static bool
same(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static void
check_number(const cJSON *tree, const char *name, double ours)
{
	const cJSON *item = last_item(tree, name);
	CHECK(item == NULL ? isnan(ours) : cJSON_IsNumber(item) && same(item->valuedouble, ours));
}

static void
check_text(const cJSON *tree, const char *name, const char *ours)
{
	char clean[RECORD_MAX_TEXT + 1] = "";
	const cJSON *item = last_item(tree, name);
	if (item != NULL && !cJSON_IsString(item)) {
		CHECK(cJSON_IsNumber(item) && *ours != '\0');
		return;
	}
	if (item != NULL)
		text_scrub(clean, sizeof(clean), item->valuestring, strlen(item->valuestring));
	CHECK(strcmp(ours, clean) == 0);
}

/* The members in cJSON's tree are counted by their last appearance. */
static void
check_members(const cJSON *tree, const char *key, const struct feature_value *values, size_t count)
{
	const cJSON *features = last_item(tree, key);
	CHECK(features == NULL || cJSON_IsObject(features));
	for (size_t i = 0; i < count; i++) {
		const struct feature_value *value = &values[i];
		const cJSON *found = NULL;
		CHECK(features != NULL);
		for (const cJSON *item = features->child; item != NULL; item = item->next) {
			char name[RECORD_MAX_TEXT + 1];
			text_scrub(name, sizeof(name), item->string, strlen(item->string));
			if (strcmp(name, value->name) == 0)
				found = item;
		}
		CHECK(found != NULL);
		if (cJSON_IsNumber(found))
			CHECK(
			    value->kind == VALUE_NUMBER && same(value->number, found->valuedouble));
		else if (cJSON_IsBool(found))
			CHECK(value->kind == VALUE_NUMBER && value->number == cJSON_IsTrue(found));
		else if (cJSON_IsString(found))
			CHECK(value->kind == VALUE_TEXT);
		else
			CHECK(value->kind == VALUE_MISSING && cJSON_IsNull(found));
	}
}

static void
check_prediction(const cJSON *tree, const struct prediction *prediction)
{
	CHECK(cJSON_IsObject(tree));
	check_number(tree, "score", prediction->score);
	check_number(tree, "threshold", prediction->threshold);
	check_number(tree, "latency_ms", prediction->latency_ms);
	check_text(tree, "request_id", prediction->request_id);
	check_text(tree, "service", prediction->service);
	check_text(tree, "model", prediction->model);
	check_text(tree, "version", prediction->version);
	check_text(tree, "segment", prediction->segment);
	CHECK(isnan(prediction->score) || (prediction->score >= 0 && prediction->score <= 1));
	CHECK(!isnan(prediction->score) || prediction->status >= 400);
	CHECK(prediction->decision >= -1 && prediction->decision <= 1);
	CHECK(prediction->label >= -1 && prediction->label <= 1);
	check_members(tree, "features", prediction->features, prediction->features_count);
	check_members(
	    tree, "attributions", prediction->attributions, prediction->attributions_count);
}

static void
compare(const char *text, size_t length, bool taken, const struct prediction *prediction)
{
	struct err err;
	struct jsonscan scan;
	jsonscan_begin(&scan, text, length, &err);
	bool ours = jsonscan_skip(&scan, 0) && jsonscan_finish(&scan);
	CHECK(ours || !taken);
	const char *end = NULL;
	cJSON *tree = cJSON_ParseWithLengthOpts(text, length + 1, &end, true);
	if (tree != NULL && !ours)
		CHECK(lenient(text, length));
	if (tree == NULL && ours)
		CHECK(stricter(text));
	/* An escaped NUL ends cJSON's strings, for it knows no lengths. */
	if (tree != NULL && taken && strstr(text, "\\u0000") == NULL)
		check_prediction(tree, prediction);
	cJSON_Delete(tree);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record_reader *reader = record_reader_new();
	struct prediction prediction;
	struct label label;
	struct err err;
	/* Copies of the exact size and the pad, one with a NUL for cJSON. */
	char *line = malloc(size + STRETCH_PAD), *text = malloc(size + 1 + STRETCH_PAD);
	memcpy(line, data, size);
	memset(line + size, '"', STRETCH_PAD);
	memcpy(text, data, size);
	memset(text + size, 0, 1 + STRETCH_PAD);
	record_read_label(reader, line, size, &label, &err);
	bool taken = record_read_prediction(reader, line, size, &prediction, &err);
	if (memchr(text, '\0', size) == NULL)
		compare(text, size, taken, &prediction);
	else
		CHECK(!taken);
	free(line);
	free(text);
	record_reader_free(reader);
	return 0;
}
