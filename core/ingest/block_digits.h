/* block_digits.h: digits joined in plain C, for blocks that have nothing better. Part of block.h.
 */

/* The value of eight digits, each less '0' (Johnny Lee's way). */
KERNEL uint64_t
block_value(uint64_t digits, uint64_t *wrong)
{
	*wrong |= ((digits + UINT64_C(0x7676767676767676)) | digits) & UINT64_C(0x8080808080808080);
	digits = digits * 10 + (digits >> 8);
	uint64_t even = digits & UINT64_C(0x000000FF000000FF);
	uint64_t odd = digits >> 16 & UINT64_C(0x000000FF000000FF);
	return (even * UINT64_C(0x000F424000000064) + odd * UINT64_C(0x0000271000000001)) >> 32;
}

/* Of up to eight digits, what follows them shifted out. */
KERNEL uint64_t
block_eight(const char *at, unsigned count, uint64_t *wrong)
{
	uint64_t digits = block_word(at) ^ UINT64_C(0x3030303030303030);
	return block_value(count == 0 ? 0 : digits << (64 - 8 * count), wrong);
}

KERNEL uint64_t
block_digits(const char *at, unsigned count, uint64_t *wrong)
{
	unsigned first = count > 8 ? count - 8 : 0;
	uint64_t value = block_eight(at, first, wrong);
	return value * 100000000 + block_eight(at + first, count - first, wrong);
}

/* The value of one to seven digits with the point among them, or up to eight without. */
KERNEL uint64_t
block_join_few(const char *at, unsigned whole, unsigned decimals, uint64_t *wrong)
{
	uint64_t digits = block_word(at) ^ UINT64_C(0x3030303030303030);
	uint64_t left = digits << (64 - 8 * whole) >> 8 * decimals;
	uint64_t right = digits >> (8 * whole - 8) >> 16 << (63 - 8 * decimals) << 1;
	return block_value(left | right, wrong);
}

/* As in block_avx2.h. */
KERNEL uint64_t
block_join(const char *at, unsigned length, unsigned whole, int *wrong)
{
	uint64_t bad = 0, value = block_digits(at, whole, &bad);
	unsigned decimals = length - whole - (length != whole);
	if (decimals > 0)
		value =
		    value * rounding_whole[decimals] + block_digits(at + whole + 1, decimals, &bad);
	*wrong = bad != 0;
	return value;
}

/* As in block_avx2.h. */
KERNEL bool
block_few(const char *at, size_t length, double *value)
{
	uint64_t wrong = 0, points = block_word_finds(at, '.' * BLOCK_EIGHT);
	unsigned whole = (unsigned)__builtin_ctzll(points | UINT64_C(128) << 8 * length) / 8;
	unsigned decimals = (unsigned)length - whole - (length != whole);
	if (!LIKELY(whole != 0 && length - whole != 1))
		return false;
	*value =
	    (double)(int64_t)block_join_few(at, whole, decimals, &wrong) / rounding_tens[decimals];
	return (unsigned char)(*at - '0') >= (whole > 1) && wrong == 0;
}
