/* config_access.c: access to services in the configuration: what fits together, and that no secret
 * is in anything that is printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "core/config/access.h"
#include "core/config/config_file.h"
#include "tests/folder.h"

static struct config *
parse(const char *body, struct buf *errors)
{
	struct buf text = {0};
	struct err err = {0};
	buf_clear(errors);
	buf_printf(&text, "version: 1\n%s", body);
	struct config *config = config_parse("f", text.data, text.length, errors, &err);
	buf_free(&text);
	return config;
}

/* The one error, without its place. */
static const char *
said(const struct buf *errors)
{
	const char *place = strchr(errors->data, ' ');
	assert_non_null(place);
	return place + 1;
}

static void
what_does_not_fit_together_is_refused_without_showing_it(void **state)
{
	static const char *const cases[][2] = {
	    {"{name: a, token: hidden, token_file: /x}",
		"`access`: one of `token` and `token_file`, not both\n"},
	    {"{name: a, token: hidden, user: u, password: hidden}",
		"`access`: a token or a user, not both\n"},
	    {"{name: a, user: u}", "`access`: a user without `password` or `password_file`\n"},
	    {"{name: a, user: 'u:v', password: hidden}",
		"`access`: a user's name cannot hold a `:`\n"},
	    {"{name: a, password: hidden}", "`access`: a password without a `user`\n"},
	    {"{name: a, header: X-Key}", "`access`: a header without `token` or `token_file`\n"},
	    {"{name: a, token: hidden, header: 'X Key'}", "`access`: no name of a header\n"},
	    {"{name: a, key_file: /k}", "`access`: a key without its `cert_file`\n"},
	    {"{name: a, token: [hidden]}", "`access.token` must be one value, not a list\n"},
	    {"{name: a, tokn: hidden}", "unknown key `tokn`; did you mean `token`?\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf errors = {0};
		char body[256];
		snprintf(body, sizeof(body), "access: [ %s]\n", cases[i][0]);
		assert_null(parse(body, &errors));
		assert_string_equal(said(&errors), cases[i][1]);
		buf_free(&errors);
	}
}

static void
a_service_names_an_access_that_is_there(void **state)
{
	struct buf errors = {0};
	(void)state;
	assert_null(parse("services: [{name: s, url: http://h, access: b}]\n"
			  "access: [{name: a, token: x}]\n",
	    &errors));
	assert_string_equal(said(&errors), "`services.access`: there is no access `b`\n");
	assert_null(parse("services: [{name: s, log: x, access: a}]\n"
			  "access: [{name: a, token: x}]\n",
	    &errors));
	assert_string_equal(said(&errors), "`services.access` needs a `url` beside it\n");
	buf_free(&errors);
}

static void
no_secret_is_printed_and_what_is_printed_can_be_read_back(void **state)
{
	struct buf errors = {0}, first = {0}, second = {0};
	(void)state;
	setenv("FRAUDTOP_TEST_TOKEN", "se-cret", 1);
	struct config *config = parse("access:\n  - {name: a, token: '${FRAUDTOP_TEST_TOKEN}'}\n"
				      "  - {name: b, user: u, password_file: /p, ca_file: /c}\n",
	    &errors);
	assert_non_null(config);
	assert_string_equal(config_access(config, "a")->token.text, "se-cret");
	config_print(config, &first);
	assert_null(strstr(first.data, "se-cret"));
	assert_non_null(strstr(first.data, "    token: \"${FRAUDTOP_TEST_TOKEN}\" # hidden\n"));
	assert_non_null(strstr(first.data, "    password_file: \"/p\"\n"));
	assert_null(strstr(first.data, "cert_file"));
	struct err err = {0};
	struct config *again = config_parse("f", first.data, first.length, &errors, &err);
	assert_string_equal(err.text, "");
	assert_string_equal(config_access(again, "a")->token.text, "se-cret");
	assert_string_equal(config_access(again, "b")->ca_file, "/c");
	config_free(again);
	config_free(config);
	config = parse("access: [{name: a, token: se-cret}, {name: b, user: u,\n"
		       " password: 'x${FRAUDTOP_TEST_TOKEN}'}]\n",
	    &errors);
	assert_string_equal(config_access(config, "b")->password.text, "xse-cret");
	config_print(config, &second);
	assert_null(strstr(second.data, "se-cret"));
	assert_non_null(
	    strstr(second.data, "token: \"\" # hidden: it stands in the file itself\n"));
	config_free(config);
	buf_free(&errors);
	buf_free(&first);
	buf_free(&second);
}

static void
a_secret_in_a_file_that_others_can_read_is_refused(void **state)
{
	static const char literal[] = "version: 1\naccess: [{name: a, token: hidden}]\n";
	static const char variable[] = "version: 1\naccess: [{name: a, token: '${HOME}'}]\n";
	char folder[FOLDER_SIZE], path[FOLDER_SIZE + 16];
	struct buf errors = {0};
	struct err err = {0};
	(void)state;
	assert_true(folder_make(folder, "config"));
	snprintf(path, sizeof(path), "%s/c.yaml", folder);
	assert_true(buf_write_file(path, literal, strlen(literal), 0640, NULL));
	assert_int_equal(chmod(path, 0640), 0);
	assert_null(config_read(path, &errors, &err));
	assert_non_null(strstr(err.text, ":2:27: `access.token` stands in a file that others can "
					 "read: chmod 600 it, or give `token_file` or ${NAME}"));
	assert_null(strstr(errors.data, "hidden"));
	assert_int_equal(chmod(path, 0600), 0);
	struct config *config = config_read(path, &errors, &err);
	assert_non_null(config);
	config_free(config);
	assert_true(buf_write_file(path, variable, strlen(variable), 0644, NULL));
	assert_int_equal(chmod(path, 0644), 0);
	config = config_read(path, &errors, &err);
	assert_non_null(config);
	config_free(config);
	buf_free(&errors);
	assert_int_equal(folder_remove(folder), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_does_not_fit_together_is_refused_without_showing_it),
	    cmocka_unit_test(a_service_names_an_access_that_is_there),
	    cmocka_unit_test(no_secret_is_printed_and_what_is_printed_can_be_read_back),
	    cmocka_unit_test(a_secret_in_a_file_that_others_can_read_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
