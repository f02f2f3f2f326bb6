/* block_digits.h: digits joined in plain C. Part of block.h. */

KERNEL uint64_t
block_digits(const char *at, unsigned count, uint64_t *wrong)
{
	unsigned first = count > 8 ? count - 8 : 0;
	uint64_t value = block_eight(at, first, wrong);
	return value * 100000000 + block_eight(at + first, count - first, wrong);
}

/* The value of one to seven digits with the point among them, or up to eight without. */
KERNEL uint64_t
block_few(const char *at, unsigned whole, unsigned decimals, uint64_t *wrong)
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
