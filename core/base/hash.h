/* hash.h: SHA-256 (by OpenSSL) for artifacts and the audit chain; a fast hash for tables. */
#ifndef FRAUDTOP_BASE_HASH_H
#define FRAUDTOP_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

#define HASH_HEX_SIZE 65 /* 64 lower-case hexadecimal digits and the NUL */

void hash_sha256(const void *bytes, size_t length, char hex[HASH_HEX_SIZE]);
bool hash_sha256_file(const char *path, char hex[HASH_HEX_SIZE], struct err *err);

/* Not for enemies who choose the keys and can see the table; never 0. */
uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed);

#endif
