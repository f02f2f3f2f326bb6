/* filter.h: a regular expression over rows (PCRE2, compiled by its JIT). `!RE` keeps what does not
 * match. Letters are compared without case unless the expression has a capital. Matching is
 * bounded, so that no expression can hang the screen; a row at which the bound is hit counts as not
 * matching. */
#ifndef FRAUDTOP_TUI_FILTER_H
#define FRAUDTOP_TUI_FILTER_H

#include <stdbool.h>

#include "core/base/err.h"

struct filter;

/* NULL and err (what is wrong, and at which character) if the expression is bad. */
struct filter *filter_new(const char *text, struct err *err);
void filter_free(struct filter *filter); /* NULL is fine */
/* NULL keeps everything. */
bool filter_keeps(const struct filter *filter, const char *text);

#endif
