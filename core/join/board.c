/* board.c: see board.h. */
#include "core/join/board.h"

#include <stdlib.h>

void
board_init(struct board *board, uint64_t rows, unsigned columns)
{
	*board = (struct board){.rows = rows, .columns = columns, .filled = rows};
	board->words = filter_alloc(board_bytes(rows, columns), &board->memory);
}

void
board_free(struct board *board)
{
	free(board->memory);
	*board = (struct board){0};
}

static inline uint64_t
word_of(uint64_t bits)
{
	return UINT64_C(1) << (bits & 63) | UINT64_C(1) << (bits >> 9 & 63) |
	       UINT64_C(1) << (bits >> 18 & 63) | UINT64_C(1) << (bits >> 27 & 63);
}

uint32_t
board_ask(const struct board *board, const struct probe *probe)
{
	if (board->words == NULL)
		return 0;
	uint64_t at = board_row(board, probe->key), word = word_of(probe->bits);
	const uint64_t *row = &board->words[at * board->columns];
	uint32_t found = 0;
	for (unsigned i = 0; i < board->columns; i++)
		found |= (uint32_t)((row[i] & word) == word) << i;
	/* Behind the last key of what is being written stands something else still. */
	if (at >= board->filled)
		found &= ~(UINT32_C(1) << board->writing);
	return found;
}

void
board_begin(struct board *board, unsigned column)
{
	board->writing = column;
	board->filled = 0;
}

static void
wipe(struct board *board, uint64_t rows)
{
	for (; board->filled < rows; board->filled++)
		board->words[board->filled * board->columns + board->writing] = 0;
}

void
board_set(struct board *board, uint64_t key)
{
	uint64_t row = board_row(board, key);
	wipe(board, row + 1);
	board->words[row * board->columns + board->writing] |= word_of(probe_of(key).bits);
}

void
board_end(struct board *board)
{
	wipe(board, board->rows);
}

void
board_get(const struct board *board, unsigned column, uint64_t *words)
{
	for (uint64_t row = 0; row < board->rows; row++)
		words[row] = board->words[row * board->columns + column];
}

void
board_put(struct board *board, unsigned column, const uint64_t *words)
{
	for (uint64_t row = 0; row < board->rows; row++)
		board->words[row * board->columns + column] = words[row];
}
