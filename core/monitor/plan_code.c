/* plan_code.c: see plan_code.h. */
#include "core/monitor/plan_code.h"

#include "core/base/jsonw.h"

static size_t
word_code(const struct plan_column *column, const struct feature_value *value)
{
	char text[32]; /* a number among words is its shortest text */
	const char *word = value->kind == VALUE_TEXT
			       ? value->text
			       : jsonw_format_double(text, sizeof(text), value->number);
	size_t bin = bins_find_word(&column->bins, word);
	if (bin + 1 < column->bins.count)
		return bin;
	return bin | CODE_UNSEEN | (value->kind == VALUE_NUMBER ? CODE_WRONG : 0);
}

size_t
plan_code_odd(const struct plan_column *column, const struct feature_value *value)
{
	bool number = value->kind == VALUE_NUMBER;
	if (number && !isfinite(value->number))
		return isnan(value->number) ? CODE_MISSING : CODE_INFINITE;
	if (value->kind == VALUE_MISSING)
		return CODE_MISSING;
	switch (column->kind) {
	case PLAN_BARREN:
		return SIZE_MAX;
	case PLAN_PLAIN:
		return CODE_PLAIN;
	case PLAN_WORDS:
		return word_code(column, value);
	case PLAN_NUMBERS:
		break;
	}
	return CODE_MISFIT;
}
