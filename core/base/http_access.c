/* http_access.c: the header is made when the secret comes, not for each request. What always holds:
 * there is a header, or a reason why it cannot be sent, or no secret was asked for. */
#include "core/base/http_access.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/mem.h"

/* Servers take headers of 8 KiB as a rule. */
enum { MOST_SECRET = 16 << 10 };

struct http_access {
	char *secret, *file; /* a token or a password: as given, or where it stands; or NULL */
	char *header, *user;
	char *ca_file, *cert_file, *key_file;
	char *line; /* the header that is sent, or NULL */
	char refused[512]; /* "": nothing is wrong */
	unsigned made;
	mono_us looked; /* 0: never */
	struct stat seen; /* the file when it was read */
};

static char *
copy_or_null(const char *text)
{
	return text != NULL && *text != '\0' ? mem_string(text) : NULL;
}

static void
free_secret(char *text)
{
	if (text != NULL)
		OPENSSL_cleanse(text, strlen(text));
	free(text);
}

/* `user:password` as RFC 7617 has it. */
static char *
basic_line(const char *user, const char *password)
{
	char *pair = mem_printf("%s:%s", user, password);
	size_t length = strlen(pair);
	char *packed = mem_alloc(4 * ((length + 2) / 3) + 1);
	EVP_EncodeBlock((unsigned char *)packed, (const unsigned char *)pair, (int)length);
	char *line = mem_printf("Authorization: Basic %s", packed);
	free_secret(pair);
	free_secret(packed);
	return line;
}

/* Files end in a newline. False if what is left can be no part of a header. */
static bool
make_line(struct http_access *access, char *secret, size_t length)
{
	while (length > 0 && strchr(" \t\r\n", secret[length - 1]) != NULL)
		length--;
	if (length == 0 || length > MOST_SECRET)
		return false;
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)secret[i] < 0x20 || secret[i] == 0x7F)
			return false;
	}
	secret[length] = '\0';
	if (access->user != NULL)
		access->line = basic_line(access->user, secret);
	else if (access->header != NULL)
		access->line = mem_printf("%s: %s", access->header, secret);
	else
		access->line = mem_printf("Authorization: Bearer %s", secret);
	return true;
}

static void
take_secret(struct http_access *access, char *secret, size_t length)
{
	static const char wrong[] = "is empty, longer than 16 KiB or holds a control character";
	free_secret(access->line);
	access->line = NULL;
	access->refused[0] = '\0';
	access->made++;
	if (make_line(access, secret, length))
		return;
	if (access->file != NULL)
		snprintf(access->refused, sizeof(access->refused), "%s %s", access->file, wrong);
	else
		snprintf(access->refused, sizeof(access->refused), "the %s %s",
		    access->user != NULL ? "password" : "token", wrong);
}

struct http_access *
http_access_new(const struct http_access_options *options)
{
	struct http_access *access = mem_alloc(sizeof(*access));
	access->user = copy_or_null(options->user);
	access->header = copy_or_null(options->header);
	access->ca_file = copy_or_null(options->ca_file);
	access->cert_file = copy_or_null(options->cert_file);
	access->key_file = copy_or_null(options->key_file);
	bool basic = access->user != NULL;
	access->secret = copy_or_null(basic ? options->password : options->token);
	access->file = copy_or_null(basic ? options->password_file : options->token_file);
	if (access->secret != NULL)
		take_secret(access, access->secret, strlen(access->secret));
	return access;
}

void
http_access_free(struct http_access *access)
{
	if (access == NULL)
		return;
	free_secret(access->secret);
	free_secret(access->line);
	free(access->file);
	free(access->header);
	free(access->user);
	free(access->ca_file);
	free(access->cert_file);
	free(access->key_file);
	free(access);
}

/* --- the file --- */
static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void
read_file(struct http_access *access)
{
	struct buf text = {0};
	struct err err = {0};
	if (S_ISFIFO(access->seen.st_mode)) { /* to open it would wait for a writer */
		err_set(&err, ERR_NO_INPUT, "%s: is a pipe", access->file);
	} else if (buf_read_file(&text, access->file, MOST_SECRET + 64, &err)) {
		take_secret(access, text.data, text.length);
	}
	if (err.text[0] != '\0') {
		free_secret(access->line);
		access->line = NULL;
		access->made++;
		snprintf(access->refused, sizeof(access->refused), "%s", err.text);
	}
	if (text.data != NULL)
		OPENSSL_cleanse(text.data, text.length);
	buf_free(&text);
}

unsigned
http_access_look(struct http_access *access)
{
	struct stat now = {0};
	mono_us time = clock_mono();
	if (access->file == NULL || (access->looked != 0 && time - access->looked < CLOCK_SECOND))
		return access->made;
	bool first = access->looked == 0;
	access->looked = time;
	if (stat(access->file, &now) == 0 && !first && access->refused[0] == '\0' &&
	    is_same(&now, &access->seen))
		return access->made;
	access->seen = now;
	read_file(access);
	return access->made;
}

const char *
http_access_header(const struct http_access *access, const char **refused)
{
	*refused = access->refused[0] != '\0' ? access->refused : NULL;
	return access->line;
}

const char *
http_access_ca_file(const struct http_access *access)
{
	return access->ca_file;
}

const char *
http_access_cert_file(const struct http_access *access)
{
	return access->cert_file;
}

const char *
http_access_key_file(const struct http_access *access)
{
	return access->key_file;
}
