/* block_plain.h: blocks of four words in plain C. Part of block.h.
 *
 * Of a word that says something of each byte by its highest bit, the rest is anything. */

KERNEL uint32_t
block_bits(uint64_t says, unsigned word)
{
	uint64_t bits = (says >> 7 & BLOCK_EIGHT) * UINT64_C(0x0102040810204080) >> 56;
	return (uint32_t)bits << 8 * word;
}

/* Bytes that are not 0. */
KERNEL uint64_t
block_some(uint64_t word)
{
	return ((word & 127 * BLOCK_EIGHT) + 127 * BLOCK_EIGHT) | word;
}

/* ASCII from `byte` on; of what is none, anything. */
KERNEL uint64_t
block_from(uint64_t word, unsigned byte)
{
	return (word & 127 * BLOCK_EIGHT) + (128 - byte) * BLOCK_EIGHT;
}

KERNEL uint32_t
block_differs(const char *a, const char *b)
{
	uint32_t bits = 0;
	for (unsigned i = 0; i < BLOCK / 8; i++)
		bits |= block_bits(block_some(block_word(a + 8 * i) ^ block_word(b + 8 * i)), i);
	return bits;
}

KERNEL uint32_t
block_stops(const char *at, char *copy)
{
	uint32_t bits = 0;
	for (unsigned i = 0; i < BLOCK / 8; i++) {
		uint64_t word = block_word(at + 8 * i);
		uint64_t plain = block_from(word, 0x20) & ~block_from(word, 0x7F) & ~word &
				 block_some(word ^ '"' * BLOCK_EIGHT) &
				 block_some(word ^ '\\' * BLOCK_EIGHT);
		bits |= block_bits(~plain, i);
	}
	if (copy != NULL)
		memcpy(copy, at, BLOCK);
	return bits;
}

KERNEL struct block_number
block_number(const char *at)
{
	struct block_number bits = {0, 0};
	for (unsigned i = 0; i < BLOCK / 8; i++) {
		uint64_t word = block_word(at + 8 * i);
		bits.any |=
		    block_bits(block_from(word, '-') & ~block_from(word, '9' + 1) & ~word, i);
		bits.points |= block_bits(~block_some(word ^ '.' * BLOCK_EIGHT), i);
	}
	return bits;
}
