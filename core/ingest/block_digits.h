/* block_digits.h: digits eight at a time, in plain C. Part of block.h. */

/* The value of up to eight digits, what follows them shifted out (Johnny Lee's way). */
KERNEL uint64_t
block_eight(const char *at, unsigned count, uint64_t *wrong)
{
	uint64_t digits = block_word(at) ^ UINT64_C(0x3030303030303030);
	digits = count == 0 ? 0 : digits << (64 - 8 * count);
	*wrong |= ((digits + UINT64_C(0x7676767676767676)) | digits) & UINT64_C(0x8080808080808080);
	digits = digits * 10 + (digits >> 8);
	uint64_t even = digits & UINT64_C(0x000000FF000000FF);
	uint64_t odd = digits >> 16 & UINT64_C(0x000000FF000000FF);
	return (even * UINT64_C(0x000F424000000064) + odd * UINT64_C(0x0000271000000001)) >> 32;
}

KERNEL uint64_t
block_digits(const char *at, unsigned count, uint64_t *wrong)
{
	unsigned first = count > 8 ? count - 8 : 0;
	uint64_t value = block_eight(at, first, wrong);
	return value * 100000000 + block_eight(at + first, count - first, wrong);
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
