/* budget.h: what each of the join's parts may take of the memory that was given. It is shared out
 * here and nowhere else: the sum is never more, however many are pending and however far a merge
 * has come. What finds no room in its share stays in the files. */
#ifndef FRAUDTOP_JOIN_BUDGET_H
#define FRAUDTOP_JOIN_BUDGET_H

#include <stdbool.h>

#include "core/join/run.h"

struct files_room {
	uint64_t board; /* bytes of a board of young runs' filters */
	uint64_t filters; /* of the base's, or a second board, with those that a merge writes */
	uint64_t entries; /* on the disk; 0: no limit */
	struct run_room young, base; /* of a run; those of the base are a part each */
	unsigned cursor_pages;
};

struct budget {
	size_t ages, table, due; /* bytes */
	struct files_room files;
};

struct budget budget_share(size_t memory, bool has_files, bool assumes);

#endif
