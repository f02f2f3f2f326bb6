/* exposition_count.h: how many samples an exposition has, for its tests. */
#ifndef FRAUDTOP_TESTS_UNIT_EXPOSITION_COUNT_H
#define FRAUDTOP_TESTS_UNIT_EXPOSITION_COUNT_H

#include <stdint.h>

#include "core/poll/exposition.h"

/* SIZE_MAX if it is none. */
static size_t
count_as(const char *text, size_t length, enum exposition_format format, struct err *err)
{
	size_t count;
	struct exposition *exposition = exposition_parse(text, length, format, NULL, NULL, err);
	if (exposition == NULL)
		return SIZE_MAX;
	exposition_samples(exposition, &count);
	exposition_free(exposition);
	return count;
}

static size_t
count_samples(const char *text, size_t length, struct err *err)
{
	return count_as(text, length, EXPOSITION_TEXT, err);
}

#endif
