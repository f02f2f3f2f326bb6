/* bytes.c: see bytes.h. */
#include "core/join/bytes.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

bool
bytes_read(int fd, void *dst, size_t length, uint64_t offset)
{
	char *at = dst;
	while (length > 0) {
		ssize_t got = pread(fd, at, length, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		offset += (uint64_t)got;
		length -= (size_t)got;
	}
	return true;
}

bool
bytes_write(int fd, const void *src, size_t length, uint64_t offset)
{
	const char *at = src;
	while (length > 0) {
		ssize_t put = pwrite(fd, at, length, (off_t)offset);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		at += put;
		offset += (uint64_t)put;
		length -= (size_t)put;
	}
	return true;
}

static uint64_t
mix(uint64_t lane, uint64_t word)
{
	lane ^= word * UINT64_C(0x9E3779B97F4A7C15);
	return (lane << 29 | lane >> 35) * UINT64_C(0xBF58476D1CE4E5B9);
}

/* Four lanes, so that one multiplication need not wait for the other. */
uint64_t
bytes_sum(const void *bytes, size_t length)
{
	const char *at = bytes;
	uint64_t lanes[4] = {length, 1, 2, 3}, words[4];
	for (; length >= sizeof(words); at += sizeof(words), length -= sizeof(words)) {
		memcpy(words, at, sizeof(words));
		for (int i = 0; i < 4; i++)
			lanes[i] = mix(lanes[i], words[i]);
	}
	memset(words, 0, sizeof(words));
	memcpy(words, at, length);
	for (int i = 0; i < 4; i++)
		lanes[i] = mix(lanes[i], words[i]);
	uint64_t sum = mix(mix(mix(lanes[0], lanes[1]), lanes[2]), lanes[3]);
	return sum ^ sum >> 32;
}
