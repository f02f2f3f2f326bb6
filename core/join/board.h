/* board.h: the filters of young runs side by side, so that one look tells of all of them: a row for
 * every share of the keys' range, in it a word of 64 bits for every run, of which a key has four.
 * With 13 bits a key 1 in 100 that are not there are looked for in vain.
 *
 * A column is filled by the run that is being written, keys ascending; what was in it of a run that
 * is gone is wiped out on the way. */
#ifndef FRAUDTOP_JOIN_BOARD_H
#define FRAUDTOP_JOIN_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/join/filter.h"

struct board {
	uint64_t *words; /* NULL: there is no board */
	void *memory; /* to be freed */
	uint64_t rows;
	unsigned columns; /* 32 at most */
	unsigned writing; /* column, of which rows are filled up to `filled` */
	uint64_t filled;
};

void board_init(struct board *board, uint64_t rows, unsigned columns);
void board_free(struct board *board);

static inline uint64_t
board_bytes(uint64_t rows, unsigned columns)
{
	return rows * columns * sizeof(uint64_t);
}

static inline uint64_t
board_row(const struct board *board, uint64_t key)
{
	return (uint64_t)(((unsigned __int128)key * board->rows) >> 64);
}

static inline void
board_prefetch(const struct board *board, uint64_t key)
{
	if (board->words == NULL)
		return;
	const char *row = (const char *)&board->words[board_row(board, key) * board->columns];
	for (unsigned at = 0; at < board->columns * sizeof(uint64_t); at += 64)
		__builtin_prefetch(row + at);
	__builtin_prefetch(row + board->columns * sizeof(uint64_t) - 1);
}

/* A bit for every column that may have the key. */
uint32_t board_ask(const struct board *board, const struct probe *probe);

void board_begin(struct board *board, unsigned column);
void board_set(struct board *board, uint64_t key);
void board_end(struct board *board);
/* A column as it is kept in a file: as many words as there are rows. */
void board_get(const struct board *board, unsigned column, uint64_t *words);
void board_put(struct board *board, unsigned column, const uint64_t *words);

#endif
