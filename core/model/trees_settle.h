/* trees_settle.h: how trees_program.h and trees_aside.h settle complete subtrees. Included with
 *   NAME, INLINE, VECTOR, CHOOSE and COUNT as described there, CELL, BYTES, and
 *   COMPARE(cell, bytes): yes where the cell sends to the left.
 *
 * A complete subtree gives the number of a leaf, counted from the right and below 0: 0, -1, -2...
 * Its splits stand in the order root, right subtree, left subtree. */

INLINE VECTOR
NAME(settle1)(const CELL *cells, BYTES bytes, int8_t first)
{
	return COUNT(COMPARE(cells, bytes), first - (VECTOR){0});
}

INLINE VECTOR
NAME(settle2)(const CELL *cells, BYTES bytes, int8_t first)
{
	VECTOR right = NAME(settle1)(cells + 1, bytes, first);
	VECTOR left = NAME(settle1)(cells + 2, bytes, (int8_t)(first - 2));
	return CHOOSE(COMPARE(cells, bytes), right, left);
}

INLINE VECTOR
NAME(settle3)(const CELL *cells, BYTES bytes, int8_t first)
{
	VECTOR right = NAME(settle2)(cells + 1, bytes, first);
	VECTOR left = NAME(settle2)(cells + 4, bytes, (int8_t)(first - 4));
	return CHOOSE(COMPARE(cells, bytes), right, left);
}

INLINE VECTOR
NAME(settle4)(const CELL *cells, BYTES bytes, int8_t first)
{
	VECTOR right = NAME(settle3)(cells + 1, bytes, first);
	VECTOR left = NAME(settle3)(cells + 8, bytes, (int8_t)(first - 8));
	return CHOOSE(COMPARE(cells, bytes), right, left);
}

INLINE VECTOR
NAME(settle5)(const CELL *cells, BYTES bytes, int8_t first)
{
	VECTOR right = NAME(settle4)(cells + 1, bytes, first);
	VECTOR left = NAME(settle4)(cells + 16, bytes, (int8_t)(first - 16));
	return CHOOSE(COMPARE(cells, bytes), right, left);
}

INLINE VECTOR
NAME(settle6)(const CELL *cells, BYTES bytes, int8_t first)
{
	VECTOR right = NAME(settle5)(cells + 1, bytes, first);
	VECTOR left = NAME(settle5)(cells + 32, bytes, (int8_t)(first - 32));
	return CHOOSE(COMPARE(cells, bytes), right, left);
}

#undef VECTOR
#undef CELL
#undef BYTES
#undef COMPARE
