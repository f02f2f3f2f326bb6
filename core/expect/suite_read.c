/* suite_read.c: suites from JSON. A table says what an expectation's type checks and which
 * arguments it takes; an argument that the table does not know makes it unknown. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/expect/suite_parts.h"

enum { FILE_LIMIT = 16 * 1024 * 1024, MATCH_LIMIT = 100000 };

static const struct {
	const char *type;
	enum check check;
	const char *arguments; /* beside column, mostly and what only steers the output */
} types[] = {
    {"expect_column_values_to_be_between", CHECK_RANGE,
	"min_value max_value strict_min strict_max"},
    {"expect_column_values_to_be_in_set", CHECK_IN_SET, "value_set"},
    {"expect_column_values_to_not_be_in_set", CHECK_NOT_IN_SET, "value_set"},
    {"expect_column_values_to_be_null", CHECK_NULL, ""},
    {"expect_column_values_to_not_be_null", CHECK_NOT_NULL, ""},
    {"expect_column_values_to_match_regex", CHECK_MATCH, "regex"},
    {"expect_column_values_to_not_match_regex", CHECK_NOT_MATCH, "regex"},
    {"expect_column_values_to_match_regex_list", CHECK_MATCH, "regex_list match_on"},
    {"expect_column_values_to_not_match_regex_list", CHECK_NOT_MATCH, "regex_list"},
    {"expect_column_values_to_match_like_pattern", CHECK_MATCH, "like_pattern"},
    {"expect_column_values_to_not_match_like_pattern", CHECK_NOT_MATCH, "like_pattern"},
    {"expect_column_values_to_match_like_pattern_list", CHECK_MATCH, "like_pattern_list match_on"},
    {"expect_column_values_to_not_match_like_pattern_list", CHECK_NOT_MATCH, "like_pattern_list"},
    {"expect_column_value_lengths_to_be_between", CHECK_LENGTH,
	"min_value max_value strict_min strict_max"},
    {"expect_column_value_lengths_to_equal", CHECK_LENGTH, "value"},
    {"expect_column_values_to_be_of_type", CHECK_TYPE, "type_"},
    {"expect_column_values_to_be_in_type_list", CHECK_TYPE, "type_list"},
    {"expect_column_values_to_be_increasing", CHECK_ORDER, "strictly"},
    {"expect_column_values_to_be_decreasing", CHECK_ORDER, "strictly"},
    {"expect_column_values_to_be_unique", CHECK_UNIQUE, ""},
    {"expect_column_values_to_be_json_parseable", CHECK_JSON, ""},
    {"expect_column_values_to_match_strftime_format", CHECK_TIME, "strftime_format"},
    {"expect_column_value_z_scores_to_be_less_than", CHECK_Z_SCORE, "threshold double_sided"},
    {"expect_column_min_to_be_between", CHECK_MIN, "min_value max_value strict_min strict_max"},
    {"expect_column_max_to_be_between", CHECK_MAX, "min_value max_value strict_min strict_max"},
    {"expect_column_mean_to_be_between", CHECK_MEAN, "min_value max_value strict_min strict_max"},
    {"expect_column_sum_to_be_between", CHECK_SUM, "min_value max_value strict_min strict_max"},
    {"expect_column_stdev_to_be_between", CHECK_STDEV, "min_value max_value strict_min strict_max"},
    {"expect_column_median_to_be_between", CHECK_MEDIAN,
	"min_value max_value strict_min strict_max"},
    {"expect_column_quantile_values_to_be_between", CHECK_QUANTILES, "quantile_ranges"},
    {"expect_column_distinct_values_to_be_in_set", CHECK_DISTINCT_IN, "value_set"},
    {"expect_column_distinct_values_to_contain_set", CHECK_DISTINCT_CONTAIN, "value_set"},
    {"expect_column_distinct_values_to_equal_set", CHECK_DISTINCT_EQUAL, "value_set"},
    {"expect_column_unique_value_count_to_be_between", CHECK_DISTINCT_COUNT,
	"min_value max_value strict_min strict_max"},
    {"expect_column_proportion_of_unique_values_to_be_between", CHECK_DISTINCT_SHARE,
	"min_value max_value strict_min strict_max"},
    {"expect_column_most_common_value_to_be_in_set", CHECK_COMMONEST, "value_set ties_okay"},
    {"expect_column_pair_cramers_phi_value_to_be_less_than", CHECK_PHI,
	"column_A column_B threshold"},
    {"expect_column_to_exist", CHECK_EXISTS, ""},
    {"expect_table_row_count_to_be_between", CHECK_ROWS, "min_value max_value"},
    {"expect_table_row_count_to_equal", CHECK_ROWS, "value"},
};

static const cJSON *
member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* An argument that is not known could change what is meant. */
static void
check_arguments(struct expectation *e, const cJSON *kwargs, const char *known)
{
	for (const cJSON *item = kwargs != NULL ? kwargs->child : NULL; item != NULL;
	     item = item->next) {
		bool steers =
		    suite_has_word("column mostly result_format include_config catch_exceptions "
				   "meta batch_id condition_parser auto profiler_config notes "
				   "severity description",
			item->string);
		char name[64];
		text_scrub(name, sizeof(name), item->string, strlen(item->string));
		if (!steers && !suite_has_word(known, item->string) && !cJSON_IsNull(item) &&
		    !cJSON_IsFalse(item))
			expectation_refuse(
			    e, "its argument `%s` is not known to this version", name);
	}
}

static void
describe(struct expectation *e, const cJSON *kwargs)
{
	for (const cJSON *item = kwargs != NULL ? kwargs->child : NULL; item != NULL;
	     item = item->next) {
		if (suite_has_word("column result_format catch_exceptions include_config meta",
			item->string) ||
		    cJSON_IsNull(item))
			continue;
		char *text = cJSON_PrintUnformatted(item);
		char clean[SUITE_TEXT], name[64];
		text_scrub(clean, sizeof(clean), text, strlen(text));
		text_scrub(name, sizeof(name), item->string, strlen(item->string));
		text_append(e->arguments, sizeof(e->arguments), "%s%s %s",
		    e->arguments[0] != '\0' ? ", " : "", name, clean);
		cJSON_free(text);
	}
}

static void
take_expectation(struct expectation *e, const cJSON *json)
{
	const cJSON *config = member(json, "expectation_config");
	json = config != NULL ? config : json;
	const cJSON *type = member(json, "expectation_type");
	const cJSON *kwargs = member(json, "kwargs");
	kwargs = cJSON_IsObject(kwargs) ? kwargs : NULL;
	suite_text(e->type, sizeof(e->type), type != NULL ? type : member(json, "type"));
	suite_text(e->column, sizeof(e->column), member(kwargs, "column"));
	describe(e, kwargs);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].type, e->type) != 0)
			continue;
		e->check = types[i].check;
		expectation_arguments(e, kwargs);
		check_arguments(e, kwargs, types[i].arguments);
		if (e->column[0] == '\0' && e->check != CHECK_ROWS)
			expectation_refuse(e, "it names no column");
		return;
	}
	expectation_refuse(e, "this version does not know this expectation");
}

struct suite *
suite_parse(const char *text, size_t length, const char *name, struct err *err)
{
	cJSON *json = cJSON_ParseWithLength(text, length);
	const cJSON *list = cJSON_IsArray(json) ? json : member(json, "expectations");
	if (json == NULL) {
		err_set(err, ERR_DATA, "%s: not JSON", name);
		return NULL;
	}
	if (list == NULL)
		list = member(json, "results");
	int count = cJSON_GetArraySize(list);
	if (!cJSON_IsArray(list) || count > SUITE_MOST) {
		if (count > SUITE_MOST)
			err_set(err, ERR_DATA, "%s: more than %d expectations", name, SUITE_MOST);
		else
			err_set(err, ERR_DATA,
			    "%s: no suite: neither `expectations` nor `results` is a list in it",
			    name);
		cJSON_Delete(json);
		return NULL;
	}
	struct suite *suite = mem_alloc(sizeof(*suite));
	suite->list = mem_alloc(((size_t)count + 1) * sizeof(*suite->list));
	suite->match = pcre2_match_data_create(1, NULL);
	suite->limits = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(suite->limits, MATCH_LIMIT);
	hash_sha256(text, length, suite->print);
	const cJSON *item;
	cJSON_ArrayForEach(item, list) take_expectation(&suite->list[suite->count++], item);
	cJSON_Delete(json);
	return suite;
}

void
suite_free(struct suite *suite)
{
	if (suite == NULL)
		return;
	for (size_t i = 0; i < suite->count; i++)
		expectation_free(&suite->list[i]);
	pcre2_match_data_free(suite->match);
	pcre2_match_context_free(suite->limits);
	free(suite->list);
	free(suite);
}

size_t
suite_size(const struct suite *suite)
{
	return suite->count;
}

struct suite *
suite_read(const char *path, struct err *err)
{
	struct buf text = {0};
	struct suite *suite = NULL;
	if (buf_read_file(&text, path, FILE_LIMIT, err))
		suite = suite_parse(text.data, text.length, path, err);
	buf_free(&text);
	return suite;
}

const char *
suite_print(const struct suite *suite)
{
	return suite->print;
}
