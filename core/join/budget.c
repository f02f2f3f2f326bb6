/* budget.c: see budget.h. Of the memory a sixteenth is for counts by age, and with files six are
 * for entries. What reads and writes takes little less of little memory than of much, so it is set
 * aside before the rest is shared out among filters and fences. */
#include "core/join/budget.h"

#include "core/join/state.h"

enum {
	PARTS = 16,
	TABLE = 6, /* of them, with files */
	DUE = 3, /* with files, where negatives are assumed */
	DUE_ALONE = 6, /* without files */
	UNITS = 32, /* of the rest: */
	BOARD = 11,
	FILTERS = 16,
	BASE_FENCES = 3,
	SCALE_MOST = 4,
	WRITING = 4 /* pages, by the scale */
};

/* Structures, and the names of files. */
#define STRUCTS                                                                                    \
	(sizeof(struct join) + sizeof(struct merge) + 8192 +                                       \
	    (YOUNG_MOST + MERGE_PARTS + MERGE_AHEAD + 1) * (sizeof(struct run) + 4 * 8))

static void
share_files(struct files_room *room, size_t rest, unsigned scale)
{
	size_t unit = rest / UNITS;
	room->board = BOARD * unit;
	room->filters = FILTERS * unit;
	room->cursor_pages = scale;
	room->base = (struct run_room){
	    .fences = BASE_FENCES * unit / ((MERGE_PARTS + MERGE_AHEAD + 1) * sizeof(uint32_t)),
	    .pages = WRITING * scale};
	room->young = (struct run_room){
	    .fences = unit / (YOUNG_MOST * sizeof(uint32_t)), .pages = WRITING * scale};
	/* The last unit is for a column of the board on its way to a file or from it. */
}

struct budget
budget_share(size_t memory, bool has_files, bool assumes)
{
	size_t part = memory / PARTS, fixed = part + part / 1024 + sizeof(struct join);
	struct budget budget = {.ages = part};
	if (assumes)
		budget.due = (has_files ? DUE : DUE_ALONE) * part;
	if (!has_files) {
		budget.table = memory - fixed - budget.due;
		return budget;
	}
	unsigned scale = memory >> 24 < 1	     ? 1
			 : memory >> 24 > SCALE_MOST ? SCALE_MOST
						     : (unsigned)(memory >> 24);
	budget.table = TABLE * part;
	fixed += budget.table + budget.due + STRUCTS + JOURNAL_BUFFER;
	fixed += (YOUNG_MOST + 1) * (size_t)scale * RUN_PAGE; /* cursors */
	fixed += 2 * WRITING * (size_t)scale * RUN_PAGE;
	share_files(&budget.files, memory - fixed, scale);
	return budget;
}
