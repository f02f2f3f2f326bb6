#include "core/base/hash.h"

#include <openssl/evp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"

static void
to_hex(const unsigned char *digest, char hex[HASH_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < 32; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[64] = '\0';
}

void
hash_sha256(const void *bytes, size_t length, char hex[HASH_HEX_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	if (EVP_Digest(bytes, length, digest, NULL, EVP_sha256(), NULL) != 1)
		mem_die("SHA-256 is not to be had from OpenSSL");
	to_hex(digest, hex);
}

bool
hash_sha256_file(const char *path, char hex[HASH_HEX_SIZE], struct err *err)
{
	FILE *file = fopen(path, "rbe");
	if (file == NULL)
		return err_set(err, ERR_NO_INPUT, "%s: %s", path, strerror(errno));
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	if (context == NULL || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		mem_die("SHA-256 is not to be had from OpenSSL");
	char block[65536];
	size_t got;
	while ((got = fread(block, 1, sizeof(block), file)) > 0)
		EVP_DigestUpdate(context, block, got);
	bool failed = ferror(file) != 0;
	unsigned char digest[EVP_MAX_MD_SIZE];
	EVP_DigestFinal_ex(context, digest, NULL);
	EVP_MD_CTX_free(context);
	fclose(file);
	if (failed)
		return err_set(err, ERR_IO, "%s: cannot be read", path);
	to_hex(digest, hex);
	return true;
}

static uint64_t
word_of(const unsigned char *bytes, size_t length)
{
	uint64_t word = 0;
	memcpy(&word, bytes, length);
	return word;
}

/* Eight bytes at a time (the last eight may overlap those before), each step a bijection of the
 * state: xor, multiply by an odd number, fold the upper half down; finished with the mixer of
 * SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t
hash_bytes(const void *bytes, size_t length, uint64_t seed)
{
	const unsigned char *at = bytes;
	uint64_t hash = UINT64_C(0xCBF29CE484222325) ^ seed ^ length * UINT64_C(0x9E3779B97F4A7C15);
	for (; length >= sizeof(uint64_t); length -= sizeof(uint64_t), at += sizeof(uint64_t)) {
		hash = (hash ^ word_of(at, sizeof(uint64_t))) * UINT64_C(0xD6E8FEB86659FD93);
		hash ^= hash >> 32;
	}
	if (length > 0 && at > (const unsigned char *)bytes)
		hash ^= word_of(at + length - sizeof(uint64_t), sizeof(uint64_t));
	else if (length > 0)
		hash ^= word_of(at, length);
	hash *= UINT64_C(0xD6E8FEB86659FD93);
	hash = (hash ^ hash >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	hash = (hash ^ hash >> 27) * UINT64_C(0x94D049BB133111EB);
	hash ^= hash >> 31;
	return hash != 0 ? hash : 1;
}
