/* young.c: see young.h. */
#include "core/join/young.h"

#include <string.h>
void
young_init(struct young *young, uint64_t rows)
{
	*young = (struct young){.count = 0};
	board_init(&young->first, rows, YOUNG_FIRST);
}

void
young_free(struct young *young)
{
	board_free(&young->first);
	board_free(&young->second);
}

void
young_widen(struct young *young)
{
	if (!young_is_wide(young))
		board_init(&young->second, young->first.rows, YOUNG_SECOND);
}

void
young_narrow(struct young *young)
{
	bool used = false;
	for (size_t i = 0; i < young->count; i++)
		used = used || young->columns[i] >= YOUNG_FIRST;
	if (!used)
		board_free(&young->second);
}

uint64_t
young_ask(const struct young *young, const struct probe *probe)
{
	return board_ask(&young->first, probe) | (uint64_t)board_ask(&young->second, probe)
						     << YOUNG_FIRST;
}

/* A column in the file. */
static uint64_t
blocks_of(const struct board *board)
{
	return (board->rows + FILTER_WORDS - 1) / FILTER_WORDS;
}

static struct board *
board_of(struct young *young, size_t i, unsigned *column)
{
	bool second = young->columns[i] >= YOUNG_FIRST;
	*column = young->columns[i] - (second ? YOUNG_FIRST : 0);
	return second ? &young->second : &young->first;
}

static void
append(struct young *young, struct run *run)
{
	unsigned column = 0;
	uint64_t used = 0;
	for (size_t i = 0; i < young->count; i++)
		used |= UINT64_C(1) << young->columns[i];
	while ((used >> column & 1) != 0)
		column++;
	young->columns[young->count] = column;
	young->runs[young->count++] = run;
}

void
young_begin(struct young *young, struct run *run)
{
	unsigned column;
	append(young, run);
	young->writing = true;
	struct board *board = board_of(young, young->count - 1, &column);
	board_begin(board, column);
}

bool
young_load(struct young *young, struct run *run)
{
	unsigned column;
	if (young->count == young_room(young) || run->filter.blocks != blocks_of(&young->first) ||
	    !run_load_filter(run))
		return false;
	append(young, run);
	struct board *board = board_of(young, young->count - 1, &column);
	board_put(board, column, run->filter.words);
	filter_drop(&run->filter);
	return true;
}

bool
young_add(struct young *young, const struct slot *slot, struct err *err)
{
	unsigned column;
	board_set(board_of(young, young->count - 1, &column), slot_key(slot));
	return run_add(young->runs[young->count - 1], slot, err);
}

bool
young_finish(struct young *young, struct err *err)
{
	unsigned column;
	struct run *run = young->runs[young->count - 1];
	struct board *board = board_of(young, young->count - 1, &column);
	board_end(board);
	if (run->count == 0) {
		young->writing = false;
		return true;
	}
	if (run->filter.words == NULL)
		filter_init(&run->filter, blocks_of(board), 0);
	board_get(board, column, run->filter.words);
	young->writing = !run_finish(run, false, err);
	return !young->writing;
}

void
young_leave(struct young *young, size_t count)
{
	young->count -= count;
	memmove(young->runs, young->runs + count, young->count * sizeof(young->runs[0]));
	memmove(young->columns, young->columns + count, young->count * sizeof(young->columns[0]));
}

uint64_t
young_entries(const struct young *young, size_t from)
{
	uint64_t entries = 0;
	for (size_t i = from; i < young->count; i++)
		entries += young->runs[i]->count;
	return entries;
}

uint64_t
young_bytes(const struct young *young)
{
	uint64_t bytes = 0;
	for (size_t i = 0; i < young->count; i++)
		bytes += young->runs[i]->bytes;
	return bytes;
}

uint64_t
young_memory(const struct young *young)
{
	uint64_t bytes = board_bytes(young->first.rows, YOUNG_FIRST);
	if (young_is_wide(young))
		bytes += board_bytes(young->first.rows, YOUNG_SECOND);
	for (size_t i = 0; i < young->count; i++)
		bytes += run_memory(young->runs[i]);
	return bytes;
}
