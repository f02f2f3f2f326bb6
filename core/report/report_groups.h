/* report_groups.h: rows by a category of theirs. Inside the report only. */
#ifndef FRAUDTOP_REPORT_REPORT_GROUPS_H
#define FRAUDTOP_REPORT_REPORT_GROUPS_H

#include "core/report/report_side.h"

/* The rows of each category of a column, in order: one list, cut into stretches. */
struct report_groups {
	size_t *list;
	size_t *ends; /* a category */
};

struct report_groups report_groups_of(size_t rows, const uint32_t *codes, size_t categories);
struct rows report_group(const struct report_groups *groups, size_t category);
void report_groups_free(struct report_groups *groups);

#endif
