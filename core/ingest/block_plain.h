/* block_plain.h: blocks byte by byte. Part of block.h. */

KERNEL uint32_t
block_differs(const char *a, const char *b)
{
	uint32_t bits = 0;
	for (unsigned i = 0; i < BLOCK; i++)
		bits |= (uint32_t)(a[i] != b[i]) << i;
	return bits;
}

KERNEL uint32_t
block_stops(const char *at, char *copy)
{
	uint32_t bits = 0;
	for (unsigned i = 0; i < BLOCK; i++) {
		unsigned char c = (unsigned char)at[i];
		bits |= (uint32_t)(c < 0x20 || c > 0x7E || c == '"' || c == '\\') << i;
	}
	if (copy != NULL)
		memcpy(copy, at, BLOCK);
	return bits;
}

KERNEL struct block_number
block_half_number(const char *at)
{
	struct block_number bits = {0, 0};
	for (unsigned i = 0; i < BLOCK / 2; i++) {
		unsigned char c = (unsigned char)at[i];
		bits.any |= (uint32_t)(c >= '-' && c <= '9') << i;
		bits.points |= (uint32_t)(c == '.') << i;
	}
	return bits;
}

KERNEL uint32_t
block_half_equals(const char *at, char byte)
{
	uint32_t bits = 0;
	for (unsigned i = 0; i < BLOCK / 2; i++)
		bits |= (uint32_t)(at[i] == byte) << i;
	return bits;
}
