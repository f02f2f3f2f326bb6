/* suite_arguments.c: what an expectation's arguments say: limits, sets, patterns, types, quantiles.
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/expect/suite_parts.h"

/* Types as pandas, SQL and Spark name them. */
static const struct {
	const char *names;
	unsigned types;
} kinds[] = {
    {" int int8 int16 int32 int64 int_ uint8 uint16 uint32 uint64 INTEGER INT BIGINT SMALLINT "
     "INT64 "
     "IntegerType LongType ShortType integer long ",
	TYPE_WHOLE},
    {" TINYINT BIT ByteType ", TYPE_WHOLE},
    {" float float16 float32 float64 float_ double FLOAT FLOAT4 FLOAT8 FLOAT64 DOUBLE "
     "DOUBLE_PRECISION REAL NUMERIC DECIMAL Decimal DecimalType FloatType DoubleType number ",
	TYPE_NUMBER},
    {" str string TEXT VARCHAR CHAR NVARCHAR STRING StringType object object_ O String ",
	TYPE_WORD},
    {" bool bool_ boolean BOOL BOOLEAN BooleanType ", TYPE_FLAG},
};

bool
suite_has_word(const char *list, const char *word)
{
	size_t length = strlen(word);
	const char *at = length > 0 ? strstr(list, word) : NULL;
	for (; at != NULL; at = strstr(at + length, word)) {
		if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	}
	return false;
}

static const cJSON *
member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

void
suite_text(char *dst, size_t size, const cJSON *json)
{
	const char *text = cJSON_GetStringValue(json);
	text_scrub(dst, size, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

void
expectation_refuse(struct expectation *e, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	if (e->unknown[0] == '\0')
		vsnprintf(e->unknown, sizeof(e->unknown), format, arguments);
	va_end(arguments);
	e->check = CHECK_UNKNOWN;
}

/* A value as the log would have it: true is 1. */
static bool
take_literal(struct literal *literal, const cJSON *json)
{
	*literal = (struct literal){.number = NAN};
	if (cJSON_IsBool(json)) {
		literal->number = cJSON_IsTrue(json);
		return true;
	}
	if (cJSON_IsNumber(json)) {
		literal->number = json->valuedouble;
		return true;
	}
	if (!cJSON_IsString(json))
		return false;
	char text[RECORD_MAX_TEXT + 1];
	suite_text(text, sizeof(text), json);
	literal->word = mem_string(text);
	return true;
}

static void
take_bound(struct expectation *e, const cJSON *kwargs, const char *key, const char *strict,
    struct bound *bound)
{
	const cJSON *json = member(kwargs, key);
	bound->strict = cJSON_IsTrue(member(kwargs, strict));
	if (json == NULL || cJSON_IsNull(json))
		return;
	bound->set = take_literal(&bound->value, json);
	if (!bound->set)
		expectation_refuse(e, "`%s` is not a value that is known beforehand", key);
}

static void
take_set(struct expectation *e, const cJSON *json)
{
	if (json == NULL || cJSON_IsNull(json))
		return;
	if (!cJSON_IsArray(json)) {
		expectation_refuse(e, "`value_set` is not a list");
		return;
	}
	e->set_given = true;
	e->set = mem_grow(NULL, (size_t)cJSON_GetArraySize(json) + 1, sizeof(*e->set));
	for (const cJSON *item = json->child; item != NULL; item = item->next) {
		if (cJSON_IsNull(item))
			continue; /* missing values are passed over */
		if (take_literal(&e->set[e->set_count], item))
			e->set_count++;
		else
			expectation_refuse(e, "`value_set` holds what is no value");
	}
}

/* SQL's LIKE as a regular expression: % any text, _ any character, [...] one of a set. */
static void
like_to_regex(const char *like, struct buf *out)
{
	bool in_set = false;
	buf_puts(out, "\\A");
	for (; *like != '\0'; like++) {
		if (in_set || *like == '[') {
			in_set = *like != ']';
			buf_printf(out, *like == '\\' ? "\\\\" : "%c", *like);
		} else if (*like == '%' || *like == '_') {
			buf_puts(out, *like == '%' ? ".*" : ".");
		} else if (strchr("\\^$.|?*+(){}]", *like) != NULL) {
			buf_printf(out, "\\%c", *like);
		} else {
			buf_printf(out, "%c", *like);
		}
	}
	buf_puts(out, "\\z");
}

static void
add_pattern(struct expectation *e, const cJSON *json, bool like)
{
	const char *text = cJSON_GetStringValue(json);
	struct buf pattern = {0};
	int code;
	PCRE2_SIZE at;
	if (text == NULL) {
		expectation_refuse(e, "a pattern is not a string");
		return;
	}
	if (like)
		like_to_regex(text, &pattern);
	else
		buf_puts(&pattern, text);
	pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)pattern.data, pattern.length,
	    PCRE2_UTF | (like ? PCRE2_DOTALL : 0), &code, &at, NULL);
	buf_free(&pattern);
	if (compiled == NULL) {
		char why[120] = "";
		pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof(why));
		expectation_refuse(e, "its pattern: %s", why);
		return;
	}
	pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
	e->patterns = mem_grow(e->patterns, e->patterns_count + 1, sizeof(pcre2_code *));
	e->patterns[e->patterns_count++] = compiled;
}

static void
take_patterns(struct expectation *e, const cJSON *kwargs)
{
	static const struct {
		const char *key;
		bool list, like;
	} keys[] = {{"regex", false, false}, {"regex_list", true, false},
	    {"like_pattern", false, true}, {"like_pattern_list", true, true}};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const cJSON *json = member(kwargs, keys[i].key);
		if (json == NULL)
			continue;
		if (!keys[i].list) {
			add_pattern(e, json, keys[i].like);
			continue;
		}
		const cJSON *item;
		cJSON_ArrayForEach(item, json) add_pattern(e, item, keys[i].like);
	}
	const char *on = cJSON_GetStringValue(member(kwargs, "match_on"));
	e->all = on != NULL && strcmp(on, "all") == 0;
	if (e->patterns_count == 0)
		expectation_refuse(e, "it has no pattern");
}

static void
add_type(struct expectation *e, const cJSON *json)
{
	char name[64], wrapped[66];
	suite_text(name, sizeof(name), json);
	snprintf(wrapped, sizeof(wrapped), " %s ", name);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strstr(kinds[i].names, wrapped) != NULL) {
			e->types |= kinds[i].types;
			return;
		}
	}
	if (cJSON_IsString(json) && e->check == CHECK_TYPE && e->types == 0)
		snprintf(e->unknown, sizeof(e->unknown), "no record has the type `%s`", name);
}

/* Of a list of types those count that a record can have. */
static void
take_types(struct expectation *e, const cJSON *kwargs)
{
	const cJSON *item;
	if (member(kwargs, "type_") != NULL)
		add_type(e, member(kwargs, "type_"));
	cJSON_ArrayForEach(item, member(kwargs, "type_list")) add_type(e, item);
	if (e->types == 0)
		expectation_refuse(e, "it names no type that a record can have");
	else
		e->unknown[0] = '\0';
}

static void
take_quantiles(struct expectation *e, const cJSON *kwargs)
{
	const cJSON *ranges = member(kwargs, "quantile_ranges");
	const cJSON *q = member(ranges, "quantiles"), *limits = member(ranges, "value_ranges");
	int count = cJSON_GetArraySize(q);
	if (count == 0 || cJSON_GetArraySize(limits) != count) {
		expectation_refuse(e, "as many quantiles as ranges are wanted");
		return;
	}
	e->quantiles = mem_alloc((size_t)count * sizeof(*e->quantiles));
	e->quantiles_count = (size_t)count;
	for (int i = 0; i < count; i++) {
		struct quantile *quantile = &e->quantiles[i];
		const cJSON *range = cJSON_GetArrayItem(limits, i);
		const cJSON *low = cJSON_GetArrayItem(range, 0),
			    *high = cJSON_GetArrayItem(range, 1);
		quantile->q = cJSON_GetNumberValue(cJSON_GetArrayItem(q, i));
		if (cJSON_IsNumber(low))
			quantile->low.set = take_literal(&quantile->low.value, low);
		if (cJSON_IsNumber(high))
			quantile->high.set = take_literal(&quantile->high.value, high);
		bool sound = quantile->q >= 0 && quantile->q <= 1 &&
			     !(quantile->low.set && quantile->high.set &&
				 quantile->low.value.number > quantile->high.value.number);
		if (!sound)
			expectation_refuse(e, "%s",
			    "a quantile's range is the wrong way round, or it is no share");
	}
}

/* The median is a quantile between two limits. */
static void
take_median(struct expectation *e)
{
	e->quantiles = mem_alloc(sizeof(*e->quantiles));
	e->quantiles_count = 1;
	e->quantiles[0] = (struct quantile){.q = 0.5, .low = e->low, .high = e->high};
	if ((e->low.set && e->low.value.word != NULL) ||
	    (e->high.set && e->high.value.word != NULL))
		expectation_refuse(e, "the median of words");
}

static bool
wants_limit(enum check check)
{
	return check == CHECK_RANGE || check == CHECK_LENGTH || check == CHECK_MIN ||
	       check == CHECK_MAX || check == CHECK_SUM;
}

void
expectation_arguments(struct expectation *e, const cJSON *kwargs)
{
	const cJSON *mostly = member(kwargs, "mostly"), *value = member(kwargs, "value");
	e->mostly = cJSON_IsNumber(mostly) ? mostly->valuedouble : 1;
	if ((mostly != NULL && !cJSON_IsNumber(mostly) && !cJSON_IsNull(mostly)) ||
	    !(e->mostly >= 0 && e->mostly <= 1))
		expectation_refuse(e, "`mostly` is no share");
	take_bound(e, kwargs, "min_value", "strict_min", &e->low);
	take_bound(e, kwargs, "max_value", "strict_max", &e->high);
	if (value != NULL && (e->low.set = take_literal(&e->low.value, value))) {
		e->high.set = take_literal(&e->high.value, value);
	}
	take_set(e, member(kwargs, "value_set"));
	if (e->check == CHECK_NOT_IN_SET && !e->set_given)
		expectation_refuse(e, "it has no `value_set`");
	if (wants_limit(e->check) && !e->low.set && !e->high.set)
		expectation_refuse(e, "it has no limit");
	e->strictly = cJSON_IsTrue(member(kwargs, "strictly"));
	e->ties = cJSON_IsTrue(member(kwargs, "ties_okay"));
	e->double_sided = cJSON_IsTrue(member(kwargs, "double_sided"));
	e->falling = strstr(e->type, "decreasing") != NULL;
	const cJSON *threshold = member(kwargs, "threshold");
	e->threshold = cJSON_IsNumber(threshold) ? threshold->valuedouble : NAN;
	if (e->check == CHECK_MATCH || e->check == CHECK_NOT_MATCH)
		take_patterns(e, kwargs);
	if (e->check == CHECK_TYPE)
		take_types(e, kwargs);
	if (e->check == CHECK_QUANTILES)
		take_quantiles(e, kwargs);
	if (e->check == CHECK_MEDIAN)
		take_median(e);
	if (e->check == CHECK_PHI) {
		suite_text(e->column, sizeof(e->column), member(kwargs, "column_A"));
		suite_text(e->other, sizeof(e->other), member(kwargs, "column_B"));
		e->threshold = isnan(e->threshold) ? 0.1 : e->threshold;
	}
	if (e->check == CHECK_TIME) {
		char format[SUITE_NAME];
		suite_text(format, sizeof(format), member(kwargs, "strftime_format"));
		e->format = mem_string(format);
	}
	if (e->check == CHECK_Z_SCORE && isnan(e->threshold))
		expectation_refuse(e, "it has no `threshold`");
}

static void
free_literal(struct literal *literal)
{
	free(literal->word);
}

void
expectation_free(struct expectation *e)
{
	free_literal(&e->low.value);
	free_literal(&e->high.value);
	for (size_t i = 0; i < e->set_count; i++)
		free_literal(&e->set[i]);
	for (size_t i = 0; i < e->patterns_count; i++)
		pcre2_code_free(e->patterns[i]);
	free(e->set);
	free(e->patterns);
	free(e->quantiles);
	free(e->format);
}
