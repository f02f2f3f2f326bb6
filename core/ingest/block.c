/* block.c: bytes that vectors are compared with. Where a compiler sees what they are, it makes them
 * anew, in three steps, each time. */
#include "core/ingest/block_bytes.h"

#define EIGHT(byte) byte, byte, byte, byte, byte, byte, byte, byte
#define VECTOR(byte)                                                                               \
	{                                                                                          \
		EIGHT(byte), EIGHT(byte), EIGHT(byte), EIGHT(byte)                                 \
	}

_Alignas(BLOCK_BYTES) const char block_blank[BLOCK_BYTES] = VECTOR(' ');
_Alignas(BLOCK_BYTES) const char block_minus[BLOCK_BYTES] = VECTOR('-');
_Alignas(BLOCK_BYTES) const char block_span[BLOCK_BYTES] = VECTOR(12); /* from - to 9 */
_Alignas(BLOCK_BYTES) const char block_point[BLOCK_BYTES] = VECTOR('.');
_Alignas(BLOCK_BYTES) const char block_zero[BLOCK_BYTES] = VECTOR('0');
_Alignas(BLOCK_BYTES) const char block_nine[BLOCK_BYTES] = VECTOR(9);
