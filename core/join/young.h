/* young.h: the runs that the memory gave away and that are not merged yet, oldest first, and their
 * filters in memory. There is a second board, for more of them, while there is room for it. */
#ifndef FRAUDTOP_JOIN_YOUNG_H
#define FRAUDTOP_JOIN_YOUNG_H

#include "core/join/board.h"
#include "core/join/run.h"

enum { YOUNG_FIRST = 12, YOUNG_SECOND = 12, YOUNG_MOST = YOUNG_FIRST + YOUNG_SECOND };

struct young {
	struct run *runs[YOUNG_MOST];
	unsigned columns[YOUNG_MOST]; /* of the boards, counted through */
	size_t count;
	bool writing; /* the youngest is not finished */
	struct board first, second;
};

void young_init(struct young *young, uint64_t rows);
void young_free(struct young *young); /* but for the runs */

/* So many more are possible with a second board, or no longer, if nothing stands there. */
void young_widen(struct young *young);
void young_narrow(struct young *young);
static inline bool
young_is_wide(const struct young *young)
{
	return young->second.words != NULL;
}
static inline size_t
young_room(const struct young *young)
{
	return young_is_wide(young) ? YOUNG_MOST : YOUNG_FIRST;
}
static inline size_t
young_finished(const struct young *young)
{
	return young->count - young->writing;
}

static inline void
young_prefetch(const struct young *young, uint64_t key)
{
	board_prefetch(&young->first, key);
	board_prefetch(&young->second, key);
}
/* A bit for every run's column that may have the key. */
uint64_t young_ask(const struct young *young, const struct probe *probe);

/* A run that is begun, for which there is room, and one from a file. False: it is none of these. */
void young_begin(struct young *young, struct run *run);
bool young_load(struct young *young, struct run *run);
bool young_add(struct young *young, const struct slot *slot, struct err *err);
bool young_finish(struct young *young, struct err *err);
/* Takes the oldest from the list. */
void young_leave(struct young *young, size_t count);

uint64_t young_entries(const struct young *young, size_t from);
uint64_t young_bytes(const struct young *young);
uint64_t young_memory(const struct young *young);

#endif
