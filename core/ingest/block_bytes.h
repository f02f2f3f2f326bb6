/* block_bytes.h: bytes that vectors are compared with. Part of block.h. */
#ifndef FRAUDTOP_INGEST_BLOCK_BYTES_H
#define FRAUDTOP_INGEST_BLOCK_BYTES_H

#define BLOCK_BYTES 32

extern const char block_blank[BLOCK_BYTES], block_minus[BLOCK_BYTES], block_span[BLOCK_BYTES],
    block_point[BLOCK_BYTES], block_zero[BLOCK_BYTES], block_nine[BLOCK_BYTES];

#endif
