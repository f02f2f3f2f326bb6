/* block_neon.h: blocks of two vectors of ARM. Part of block.h. */

KERNEL uint32_t
block_half_bits(uint8x16_t bytes)
{
	static const uint8_t weights[16] = {
	    1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
	uint8x16_t bits = vandq_u8(bytes, vld1q_u8(weights));
	return (uint32_t)vaddv_u8(vget_low_u8(bits)) | (uint32_t)vaddv_u8(vget_high_u8(bits)) << 8;
}

KERNEL uint32_t
block_bits(uint8x16_t low, uint8x16_t high)
{
	return block_half_bits(low) | block_half_bits(high) << 16;
}

KERNEL uint8x16_t
block_load(const char *at)
{
	return vld1q_u8((const uint8_t *)at);
}

KERNEL uint32_t
block_differs(const char *a, const char *b)
{
	return ~block_bits(vceqq_u8(block_load(a), block_load(b)),
	    vceqq_u8(block_load(a + 16), block_load(b + 16)));
}

KERNEL uint8x16_t
block_half_stops(uint8x16_t text)
{
	uint8x16_t marks =
	    vorrq_u8(vceqq_u8(text, vdupq_n_u8('"')), vceqq_u8(text, vdupq_n_u8('\\')));
	return vorrq_u8(
	    marks, vorrq_u8(vcltq_u8(text, vdupq_n_u8(0x20)), vcgtq_u8(text, vdupq_n_u8(0x7E))));
}

KERNEL uint32_t
block_stops(const char *at, char *copy)
{
	uint8x16_t low = block_load(at), high = block_load(at + 16);
	if (copy != NULL) {
		vst1q_u8((uint8_t *)copy, low);
		vst1q_u8((uint8_t *)copy + 16, high);
	}
	return block_bits(block_half_stops(low), block_half_stops(high));
}

KERNEL uint8x16_t
block_half_number(uint8x16_t text)
{
	return vcleq_u8(vsubq_u8(text, vdupq_n_u8('-')), vdupq_n_u8('9' - '-'));
}

KERNEL struct block_number
block_number(const char *at)
{
	uint8x16_t low = block_load(at), high = block_load(at + 16), point = vdupq_n_u8('.');
	return (struct block_number){block_bits(block_half_number(low), block_half_number(high)),
	    block_bits(vceqq_u8(low, point), vceqq_u8(high, point))};
}
