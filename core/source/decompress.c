/* decompress.c: see decompress.h, by zlib and libzstd. */
#include "core/source/decompress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include "core/base/mem.h"
#include "core/base/text.h"

#define WINDOW_LOG_MOST 26 /* 64 MiB: what `zstd --ultra -22 --long` asks for beyond is refused */

struct decompress {
	enum packing packing;
	z_stream gzip;
	ZSTD_DStream *zstd;
	bool whole; /* between two members */
	bool begun; /* a member was read */
	bool damaged;
	char reason[128];
};

enum packing
decompress_packing(const char *bytes, size_t length)
{
	if (length >= 2 && memcmp(bytes, "\x1F\x8B", 2) == 0)
		return PACKING_GZIP;
	if (length >= 4 &&
	    (memcmp(bytes, "\x28\xB5\x2F\xFD", 4) == 0 ||
		((bytes[0] & 0xF0) == 0x50 && memcmp(bytes + 1, "\x2A\x4D\x18", 3) == 0)))
		return PACKING_ZSTD;
	return PACKING_NONE;
}

static bool
ends_in(const char *path, const char *suffix)
{
	size_t length = strlen(path), part = strlen(suffix);
	return length > part && strcmp(path + length - part, suffix) == 0;
}

enum packing
decompress_packing_name(const char *path)
{
	if (ends_in(path, ".gz"))
		return PACKING_GZIP;
	return ends_in(path, ".zst") ? PACKING_ZSTD : PACKING_NONE;
}

struct decompress *
decompress_new(enum packing packing)
{
	struct decompress *decompress = mem_alloc(sizeof(*decompress));
	decompress->packing = packing;
	decompress->whole = true;
	if (packing == PACKING_GZIP) {
		if (inflateInit2(&decompress->gzip, MAX_WBITS + 16) != Z_OK)
			mem_die("out of memory");
		return decompress;
	}
	decompress->zstd = ZSTD_createDStream();
	if (decompress->zstd == NULL)
		mem_die("out of memory");
	ZSTD_DCtx_setParameter(decompress->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MOST);
	return decompress;
}

void
decompress_free(struct decompress *decompress)
{
	if (decompress == NULL)
		return;
	if (decompress->packing == PACKING_GZIP)
		inflateEnd(&decompress->gzip);
	ZSTD_freeDStream(decompress->zstd);
	free(decompress);
}

enum packing
decompress_kind(const struct decompress *decompress)
{
	return decompress->packing;
}

static bool
say_damaged(struct decompress *decompress, const char *reason)
{
	decompress->damaged = true;
	text_scrub(decompress->reason, sizeof(decompress->reason), reason, strlen(reason));
	return false;
}

static bool
run_gzip(struct decompress *decompress, const char *src, size_t length, size_t *used, char *dst,
    size_t room, size_t *made)
{
	z_stream *gzip = &decompress->gzip;
	unsigned in = length < (1U << 30) ? (unsigned)length : 1U << 30;
	unsigned out = room < (1U << 30) ? (unsigned)room : 1U << 30;
	gzip->next_in = (const Bytef *)src;
	gzip->avail_in = in;
	gzip->next_out = (Bytef *)dst;
	gzip->avail_out = out;
	int code = inflate(gzip, Z_NO_FLUSH);
	*used = in - gzip->avail_in;
	*made = out - gzip->avail_out;
	if (code == Z_STREAM_END)
		decompress->whole = inflateReset(gzip) == Z_OK;
	else if (code != Z_OK && code != Z_BUF_ERROR)
		return say_damaged(decompress, gzip->msg != NULL ? gzip->msg : "damaged");
	return true;
}

static bool
run_zstd(struct decompress *decompress, const char *src, size_t length, size_t *used, char *dst,
    size_t room, size_t *made)
{
	ZSTD_inBuffer in = {src, length, 0};
	ZSTD_outBuffer out = {dst, room, 0};
	size_t code = ZSTD_decompressStream(decompress->zstd, &out, &in);
	*used = in.pos;
	*made = out.pos;
	decompress->whole = code == 0;
	if (ZSTD_isError(code))
		return say_damaged(decompress, ZSTD_getErrorName(code));
	return true;
}

bool
decompress_run(struct decompress *decompress, const char *src, size_t length, size_t *used,
    char *dst, size_t room, size_t *made)
{
	*used = *made = 0;
	if (decompress->damaged)
		return false;
	size_t zeros = 0;
	while (decompress->whole && decompress->begun && zeros < length && src[zeros] == '\0')
		zeros++;
	if (length == zeros && decompress->whole) {
		*used = zeros;
		return true;
	}
	decompress->whole = false;
	decompress->begun = true;
	bool good = decompress->packing == PACKING_GZIP
			? run_gzip(decompress, src + zeros, length - zeros, used, dst, room, made)
			: run_zstd(decompress, src + zeros, length - zeros, used, dst, room, made);
	*used += zeros;
	return good;
}

bool
decompress_whole(const struct decompress *decompress)
{
	return decompress->whole && decompress->begun;
}

const char *
decompress_reason(const struct decompress *decompress)
{
	return decompress->reason;
}
