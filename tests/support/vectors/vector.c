/* vector.c: reading a case, comparing, and seeing to it that nothing is passed over. */
#include "tests/support/vectors/vectors.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

const cJSON *
vector_item(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

double
vector_number(const cJSON *json)
{
	double value = NAN;
	if (cJSON_IsNumber(json))
		return json->valuedouble;
	if (!cJSON_IsString(json))
		return NAN;
	if (strcmp(json->valuestring, "Infinity") == 0)
		return INFINITY;
	if (strcmp(json->valuestring, "-Infinity") == 0)
		return -INFINITY;
	return text_to_double(json->valuestring, &value) ? value : NAN;
}

const char *
vector_text(const cJSON *json)
{
	return cJSON_IsString(json) ? json->valuestring : "";
}

void
vector_fault(struct vector *v, const char *format, ...)
{
	char line[512];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	buf_printf(&v->faults, "%s: %s\n", v->id, line);
}

static void
mark(struct vector *v, const cJSON *json)
{
	mem_reserve(&v->seen, &v->seen_capacity, v->seen_count + 1, sizeof(*v->seen));
	v->seen[v->seen_count++] = json;
}

static const cJSON *
read_marked(struct vector *v, const cJSON *object, const char *key)
{
	const cJSON *json = vector_item(object, key);
	if (json != NULL)
		mark(v, json);
	return cJSON_IsNull(json) ? NULL : json;
}

const cJSON *
vector_input(struct vector *v, const char *key)
{
	return read_marked(v, v->inputs, key);
}

double
vector_input_number(struct vector *v, const char *key)
{
	return vector_number(vector_input(v, key));
}

uint64_t
vector_input_count(struct vector *v, const char *key)
{
	double value = vector_input_number(v, key);
	if (value >= 0 && value < 9e18)
		return (uint64_t)value;
	vector_fault(v, "input %s is not a count", key);
	return 0;
}

const cJSON *
vector_param(struct vector *v, const char *key)
{
	return read_marked(v, v->params, key);
}

double
vector_param_number(struct vector *v, const char *key, double otherwise)
{
	const cJSON *json = vector_param(v, key);
	return json != NULL ? vector_number(json) : otherwise;
}

const char *
vector_param_text(struct vector *v, const char *key, const char *otherwise)
{
	const cJSON *json = vector_param(v, key);
	return cJSON_IsString(json) ? json->valuestring : otherwise;
}

void
vector_param_is(struct vector *v, const char *key, double only)
{
	const cJSON *json = vector_param(v, key);
	if (json == NULL)
		return;
	double value = cJSON_IsBool(json) ? cJSON_IsTrue(json) : vector_number(json);
	if (value != only)
		vector_fault(v, "param %s: core knows only %g", key, only);
}

const char *
vector_word(struct vector *v, const cJSON *json)
{
	if (cJSON_IsString(json))
		return strcmp(json->valuestring, "NaN") != 0 ? json->valuestring : NULL;
	if (!cJSON_IsNumber(json) && !cJSON_IsBool(json))
		return NULL;
	double number = cJSON_IsBool(json) ? cJSON_IsTrue(json) : json->valuedouble;
	mem_reserve(&v->words, &v->word_capacity, v->word_count + 1, sizeof(*v->words));
	v->words[v->word_count] = mem_printf("%.17g", number);
	return v->words[v->word_count++];
}

/* --- comparing --- */

void
vector_compare(struct vector *v, const char *key, double got, const cJSON *expected)
{
	double want = vector_number(expected);
	if (expected == NULL)
		return;
	mark(v, expected);
	if (cJSON_IsNull(expected) || isnan(want)) {
		if (!isnan(got))
			vector_fault(v, "%s: got %.17g, expected undefined", key, got);
		return;
	}
	if (got != want && !(fabs(got - want) <= v->abs + v->rel * fabs(want)))
		vector_fault(v, "%s: got %.17g, expected %.17g", key, got, want);
}

bool
vector_wants(const struct vector *v, const char *key)
{
	return vector_item(v->expected, key) != NULL;
}

void
vector_check(struct vector *v, const char *key, double got)
{
	vector_compare(v, key, got, vector_item(v->expected, key));
}

void
vector_check_in(struct vector *v, const cJSON *object, const char *key, double got)
{
	vector_compare(v, key, got, vector_item(object, key));
}

void
vector_check_list(struct vector *v, const char *key, const double *got, size_t n)
{
	const cJSON *expected = vector_item(v->expected, key), *one;
	if (expected == NULL)
		return;
	mark(v, expected);
	size_t want = (size_t)cJSON_GetArraySize(expected), i = 0;
	if (!cJSON_IsArray(expected) || want != n)
		vector_fault(v, "%s: got %zu numbers, expected %zu", key, n, want);
	cJSON_ArrayForEach(one, expected)
	{
		char name[64];
		snprintf(name, sizeof(name), "%s[%zu]", key, i);
		if (i < n)
			vector_compare(v, name, got[i], one);
		else
			mark(v, one);
		i++;
	}
}

void
vector_check_exact(struct vector *v, const char *key, const double *got, size_t n)
{
	double absolute = v->abs, relative = v->rel;
	v->abs = v->rel = 0;
	vector_check_list(v, key, got, n);
	v->abs = absolute;
	v->rel = relative;
}

void
vector_check_words(struct vector *v, const char *key, const char *const *got, size_t n)
{
	const cJSON *expected = vector_item(v->expected, key), *one;
	if (expected == NULL)
		return;
	mark(v, expected);
	if ((size_t)cJSON_GetArraySize(expected) != n)
		vector_fault(
		    v, "%s: got %zu words, expected %d", key, n, cJSON_GetArraySize(expected));
	cJSON_ArrayForEach(one, expected)
	{
		const char *want = vector_word(v, one);
		size_t i = 0;
		mark(v, one);
		while (want != NULL && i < n && strcmp(got[i], want) != 0)
			i++;
		if (want == NULL || i == n)
			vector_fault(v, "%s: expected %s", key, want != NULL ? want : "(no text)");
	}
}

void
vector_check_text(struct vector *v, const char *key, const char *got)
{
	const cJSON *expected = vector_item(v->expected, key);
	if (expected == NULL)
		return;
	mark(v, expected);
	const char *want = cJSON_IsString(expected) ? expected->valuestring : "(no text)";
	if (strcmp(got, want) != 0)
		vector_fault(v, "%s: got %s, expected %s", key, got, want);
}

void
vector_check_flag(struct vector *v, const char *key, bool got, double of)
{
	const cJSON *expected = vector_item(v->expected, key);
	if (expected == NULL)
		return;
	mark(v, expected);
	if (cJSON_IsNull(expected) && isnan(of))
		return;
	if (!cJSON_IsBool(expected) || cJSON_IsTrue(expected) != got)
		vector_fault(v, "%s: got %s, expected %s", key, got ? "true" : "false",
		    cJSON_IsTrue(expected) ? "true" : "not true");
}

/* --- what nobody looked at --- */

static bool
is_seen(const struct vector *v, const cJSON *json)
{
	for (size_t i = 0; i < v->seen_count; i++) {
		if (v->seen[i] == json)
			return true;
	}
	return false;
}

static void
find_unchecked(struct vector *v, const cJSON *json, const char *path)
{
	const cJSON *child;
	bool inner = cJSON_IsArray(json) || cJSON_IsObject(json);
	if (!inner || json->child == NULL) {
		if (!is_seen(v, json))
			vector_fault(v, "%s: nobody computes it", path);
		return;
	}
	cJSON_ArrayForEach(child, json)
	{
		char name[256];
		snprintf(name, sizeof(name), "%s%s%s", path, *path != '\0' ? "." : "",
		    child->string != NULL ? child->string : "[]");
		find_unchecked(v, child, name);
	}
}

void
vector_finish(struct vector *v)
{
	const cJSON *child;
	if (v->expected == NULL || v->expected->child == NULL)
		vector_fault(v, "the case expects nothing");
	else
		find_unchecked(v, v->expected, "");
	cJSON_ArrayForEach(child, v->inputs)
	{
		if (!is_seen(v, child))
			vector_fault(v, "input %s: nobody reads it", child->string);
	}
	cJSON_ArrayForEach(child, v->params)
	{
		bool says_how = cJSON_IsString(child); /* a rule in words, not a choice */
		if (!says_how && !cJSON_IsNull(child) && !is_seen(v, child))
			vector_fault(v, "param %s: nobody reads it", child->string);
	}
}
