/* http_access.c: secrets are in the requests they are for, as they are now, and nowhere else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "tests/folder.h"
#include "tests/kit/fetched.h"

static char folder[FOLDER_SIZE], secret_file[FOLDER_SIZE + 16];

static bool
serve(struct hostile_request *request, void *context)
{
	(void)context;
	if (strcmp(request->path, "/moved") == 0)
		return hostile_answer(request, "302 Found\r\nLocation: http://127.0.0.2/", "");
	return hostile_answer(request, "200 OK", request->text);
}

static int
setup(void **state)
{
	fetched_setup(state);
	((struct fetched *)*state)->server = hostile_start(serve, NULL);
	assert_true(folder_make(folder, "access"));
	snprintf(secret_file, sizeof(secret_file), "%s/secret", folder);
	return 0;
}

static int
teardown(void **state)
{
	assert_int_equal(folder_remove(folder), 0);
	return fetched_teardown(state);
}

static void
write_secret(const char *text)
{
	assert_true(buf_write_file(secret_file, text, strlen(text), 0600, NULL));
}

static void
ask(struct fetched *world, struct http_access *access, const char *path)
{
	fetched_ask(world, (struct http_request){.access = access, .accept = "text/plain"}, path);
}

/* What one request with these options bears. */
static void
ask_once(struct fetched *world, const struct http_access_options *options)
{
	struct http_access *access = http_access_new(options);
	ask(world, access, "/echo");
	http_access_free(access);
}

static void
a_token_a_header_or_a_password_is_sent_as_it_was_asked_for(void **state)
{
	struct fetched *world = *state;
	ask_once(world, &(struct http_access_options){.token = "se-cret\n"});
	assert_non_null(strstr(world->body, "\r\nAuthorization: Bearer se-cret\r\n"));
	assert_non_null(strstr(world->body, "\r\nAccept: text/plain\r\n"));
	ask_once(world, &(struct http_access_options){.token = "k", .header = "X-Api-Key"});
	assert_non_null(strstr(world->body, "\r\nX-Api-Key: k\r\n"));
	assert_null(strstr(world->body, "Authorization"));
	/* The example of RFC 7617. */
	ask_once(
	    world, &(struct http_access_options){.user = "Aladdin", .password = "open sesame"});
	assert_non_null(
	    strstr(world->body, "\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
	ask_once(world, &(struct http_access_options){.ca_file = "/nowhere"});
	assert_int_equal(world->status, 200);
	assert_null(strstr(world->body, "Authorization"));
}

static void
what_can_be_no_header_is_not_sent_and_not_shown(void **state)
{
	static const char *const tokens[] = {"hidden\r\nX-Evil: 1", "hidden\x01", "\n"};
	struct fetched *world = *state;
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		ask_once(world, &(struct http_access_options){.token = tokens[i]});
		assert_int_equal(world->status, 0);
		assert_non_null(strstr(world->reason, "the token is empty"));
		assert_null(strstr(world->reason, "hidden"));
	}
	assert_int_equal(hostile_connections(world->server), 0);
}

static void
a_file_is_read_again_when_it_changes(void **state)
{
	struct fetched *world = *state;
	struct http_access *access =
	    http_access_new(&(struct http_access_options){.token_file = secret_file});
	ask(world, access, "/echo"); /* it is not there yet */
	assert_int_equal(world->status, 0);
	assert_non_null(strstr(world->reason, secret_file));
	write_secret("first\n");
	usleep(1100000);
	ask(world, access, "/echo");
	assert_non_null(strstr(world->body, "\r\nAuthorization: Bearer first\r\n"));
	write_secret("other\n");
	usleep(1100000);
	ask(world, access, "/echo");
	assert_non_null(strstr(world->body, "\r\nAuthorization: Bearer other\r\n"));
	write_secret(" \n");
	usleep(1100000);
	ask(world, access, "/echo");
	assert_int_equal(world->status, 0);
	assert_non_null(strstr(world->reason, "is empty"));
	unlink(secret_file);
	assert_int_equal(mkfifo(secret_file, 0600), 0);
	usleep(1100000);
	ask(world, access, "/echo");
	assert_int_equal(world->status, 0);
	assert_non_null(strstr(world->reason, "is a pipe"));
	http_access_free(access);
}

static void
a_secret_goes_to_no_other_host(void **state)
{
	struct fetched *world = *state;
	struct http_access *access =
	    http_access_new(&(struct http_access_options){.token = "se-cret"});
	ask(world, access, "/moved");
	assert_int_equal(world->status, 302); /* it is not followed */
	assert_string_equal(world->location, "http://127.0.0.2/");
	assert_int_equal(world->server->requests, 1);
	http_access_free(access);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_token_a_header_or_a_password_is_sent_as_it_was_asked_for),
	    CASE(what_can_be_no_header_is_not_sent_and_not_shown),
	    CASE(a_file_is_read_again_when_it_changes),
	    CASE(a_secret_goes_to_no_other_host),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
