/* http_access.h: what a server wants to see before it answers: a token, a password, a certificate
 * of ours; and which authority vouches for its own.
 *
 * One serves many requests. A token or password that stands in a file is read again when the file
 * changes, so that a new one is used within a second. Nothing secret is in any message of it, and
 * its memory is cleared when it goes. */
#ifndef FRAUDTOP_BASE_HTTP_ACCESS_H
#define FRAUDTOP_BASE_HTTP_ACCESS_H

#include <stdint.h>

struct http_access;

struct http_access_options { /* all copied; NULL or "": none */
	const char *token, *token_file;
	const char *header; /* that bears the token as it is; none: `Authorization: Bearer` */
	const char *user, *password, *password_file; /* `Authorization: Basic` */
	const char *ca_file; /* of authorities, PEM, instead of the system's */
	const char *cert_file, *key_file; /* ours, PEM; no key_file: the key stands in cert_file */
};

struct http_access *http_access_new(const struct http_access_options *options);
void http_access_free(struct http_access *access); /* after all requests of it; NULL is fine */

/* Looks whether the file of the secret changed, at most once a second. Returns how often the header
 * was made anew so far. */
unsigned http_access_look(struct http_access *access);
/* The header that bears the secret, `Name: value`; NULL if there is none, or if it cannot be sent:
 * then `refused` says why. Both are the access's, until it looks again. */
const char *http_access_header(const struct http_access *access, const char **refused);
/* The options it was made of, its own copies: of files alone. */
const char *http_access_ca_file(const struct http_access *access); /* NULL: the system's */
const char *http_access_cert_file(const struct http_access *access); /* NULL: none */
const char *http_access_key_file(const struct http_access *access); /* NULL: none */

#endif
