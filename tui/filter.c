#include "tui/filter.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

struct filter {
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *context;
	bool inverse;
};

/* An escape such as \S has a capital that is no letter to look for. */
static bool
has_capital(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\\' && text[1] != '\0')
			text++;
		else if (*text >= 'A' && *text <= 'Z')
			return true;
	}
	return false;
}

struct filter *
filter_new(const char *text, struct err *err)
{
	struct filter *filter = mem_alloc(sizeof(*filter));
	filter->inverse = text[0] == '!';
	const char *expression = text + (filter->inverse ? 1 : 0);
	int code = 0;
	PCRE2_SIZE at = 0;
	uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
	if (!has_capital(expression))
		options |= PCRE2_CASELESS;
	filter->code =
	    pcre2_compile((PCRE2_SPTR)expression, PCRE2_ZERO_TERMINATED, options, &code, &at, NULL);
	if (filter->code == NULL) {
		PCRE2_UCHAR why[200];
		pcre2_get_error_message(code, why, sizeof(why));
		err_set(err, ERR_USAGE, "bad expression at character %zu: %s", (size_t)at + 1,
		    (const char *)why);
		filter_free(filter);
		return NULL;
	}
	pcre2_jit_compile(
	    filter->code, PCRE2_JIT_COMPLETE); /* without JIT it is slower, not wrong */
	filter->match = pcre2_match_data_create_from_pattern(filter->code, NULL);
	filter->context = pcre2_match_context_create(NULL);
	if (filter->match == NULL || filter->context == NULL)
		mem_die("out of memory");
	pcre2_set_match_limit(filter->context, 20000);
	pcre2_set_depth_limit(filter->context, 2000);
	return filter;
}

void
filter_free(struct filter *filter)
{
	if (filter == NULL)
		return;
	pcre2_match_context_free(filter->context);
	pcre2_match_data_free(filter->match);
	pcre2_code_free(filter->code);
	free(filter);
}

bool
filter_keeps(const struct filter *filter, const char *text)
{
	if (filter == NULL)
		return true;
	int found = pcre2_match(
	    filter->code, (PCRE2_SPTR)text, strlen(text), 0, 0, filter->match, filter->context);
	return (found >= 0) != filter->inverse;
}
