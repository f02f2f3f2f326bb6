/* http.c against a server that hangs, resets, lies and floods. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/kit/fetched.h"

static bool
serve_broken(struct hostile_request *request)
{
	const char *path = request->path;
	if (strcmp(path, "/silent") == 0) {
		return false;
	} else if (strcmp(path, "/reset") == 0) {
		hostile_reset(request);
		return false;
	} else if (strcmp(path, "/reset-later") == 0) {
		const char *head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc";
		hostile_send(request, head, strlen(head));
		usleep(50000);
		hostile_reset(request);
		return false;
	} else if (strcmp(path, "/short") == 0) {
		const char *head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc";
		hostile_send(request, head, strlen(head));
		return false;
	} else if (strcmp(path, "/slow") == 0) {
		const char *head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
		hostile_send(request, head, strlen(head));
		for (int i = 0; i < 12000 && hostile_send(request, "x", 1); i++)
			hostile_hang(request, 10000);
		return false;
	} else if (strcmp(path, "/garbage") == 0) {
		hostile_send(request, "\x01\x02 SSH-2.0\r\n", 12);
		return false;
	}
	hostile_hang(request, 120000000); /* "/hang" */
	return false;
}

static bool
serve_flood(struct hostile_request *request)
{
	const char *head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
			   "Transfer-Encoding: chunked\r\n\r\n";
	static char block[65536];
	memset(block, 'x', sizeof(block));
	if (!hostile_send(request, head, strlen(head)))
		return false;
	for (int i = 0; i < 272; i++) { /* 17 MiB */
		if (!hostile_send(request, "10000\r\n", 7) ||
		    !hostile_send(request, block, sizeof(block)) ||
		    !hostile_send(request, "\r\n", 2))
			return false;
	}
	return hostile_send(request, "0\r\n\r\n", 5);
}

static bool
serve(struct hostile_request *request, void *context)
{
	(void)context;
	const char *path = request->path;
	if (strcmp(path, "/ok") == 0)
		return hostile_answer(request, "200 OK\r\nContent-Type: text/x\x1b[2J", "hello");
	if (strcmp(path, "/empty") == 0)
		return hostile_answer(request, "204 No Content", "");
	if (strcmp(path, "/echo") == 0)
		return hostile_answer(request, "200 OK", request->text);
	if (strcmp(path, "/moved") == 0)
		return hostile_answer(
		    request, "302 Found\r\nLocation: /ok?state=secret#x", "moved");
	if (strcmp(path, "/busy") == 0)
		return hostile_answer(request, "429 Too Many Requests\r\nRetry-After: 17", "");
	if (strcmp(path, "/file") == 0)
		return hostile_answer(request, "302 Found\r\nLocation: file:///etc/passwd", "");
	if (strcmp(path, "/500") == 0)
		return hostile_answer(request, "500 Internal Server Error", "<html>");
	if (strcmp(path, "/flood") == 0)
		return serve_flood(request);
	return serve_broken(request);
}

static int
setup(void **state)
{
	fetched_setup(state);
	((struct fetched *)*state)->server = hostile_start(serve, NULL);
	return 0;
}

static void
an_answer_comes_whole_with_a_clean_content_type(void **state)
{
	struct fetched *world = *state;
	fetched_ask(world, (struct http_request){0}, "/ok");
	assert_int_equal(world->status, 200);
	assert_string_equal(world->body, "hello");
	assert_int_equal(world->body_length, 5);
	assert_null(strchr(world->content_type, '\x1b'));
	assert_memory_equal(world->content_type, "text/x", 6);
	assert_in_range(world->round_trip_us, 1, 120 * CLOCK_SECOND);
	fetched_ask(world, (struct http_request){0}, "/empty");
	assert_int_equal(world->status, 204);
	assert_string_equal(world->body, "");
	assert_string_equal(world->content_type, "");
	fetched_ask(world, (struct http_request){0}, "/500");
	assert_int_equal(world->status, 500);
	assert_string_equal(world->body, "<html>");
}

static void
a_request_bears_what_it_was_given(void **state)
{
	struct fetched *world = *state;
	fetched_ask(world,
	    (struct http_request){
		.method = "PATCH", .accept = "text/plain", .body = "{\"a\":1}", .body_length = 7},
	    "/echo");
	assert_int_equal(world->status, 200);
	assert_memory_equal(world->body, "PATCH /echo HTTP/1.1\r\n", 22);
	assert_non_null(strstr(world->body, "\r\nAccept: text/plain\r\n"));
	assert_non_null(strstr(world->body, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(world->body, "\r\nUser-Agent: fraudtop/" FRAUDTOP_VERSION "\r\n"));
	assert_non_null(strstr(world->body, "\r\n\r\n{\"a\":1}"));
	assert_null(strstr(world->body, "Expect"));
	fetched_ask(world, (struct http_request){.method = "POST"}, "/echo");
	assert_memory_equal(world->body, "POST /echo HTTP/1.1\r\n", 21);
	assert_non_null(strstr(world->body, "\r\nContent-Length: 0\r\n"));
	fetched_ask(world, (struct http_request){.method = "DELETE"}, "/echo");
	assert_memory_equal(world->body, "DELETE /echo HTTP/1.1\r\n", 23);
	assert_null(strstr(world->body, "Accept"));
	assert_null(strstr(world->body, "Authorization"));
}

static void
redirects_are_answers_and_not_followed(void **state)
{
	struct fetched *world = *state;
	fetched_ask(world, (struct http_request){0}, "/moved");
	assert_int_equal(world->status, 302);
	assert_string_equal(world->body, "moved");
	assert_non_null(strstr(world->location, "/ok"));
	assert_null(strstr(world->location, "secret")); /* queries bear tokens */
	fetched_ask(world, (struct http_request){0}, "/file");
	assert_int_equal(world->status, 302);
	assert_string_equal(world->body, "");
}

static void
how_long_a_server_wants_to_be_left_alone_is_told(void **state)
{
	struct fetched *world = *state;
	fetched_ask(world, (struct http_request){0}, "/busy");
	assert_int_equal(world->status, 429);
	assert_int_equal(world->retry_after_us, 17 * CLOCK_SECOND);
	fetched_ask(world, (struct http_request){0}, "/ok");
	assert_int_equal(world->retry_after_us, 0);
	assert_string_equal(world->location, "");
}

static void
connections_are_used_again(void **state)
{
	struct fetched *world = *state;
	for (int i = 0; i < 20; i++) {
		fetched_ask(world, (struct http_request){0}, "/ok");
		assert_int_equal(world->status, 200);
	}
	assert_int_equal(hostile_connections(world->server), 1);
}

static void
connections_to_many_servers_are_used_again(void **state)
{
	struct fetched *world = *state;
	struct hostile *servers[12];
	char url[128];
	for (size_t i = 0; i < 12; i++)
		servers[i] = hostile_start(serve, world);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 12; i++) {
			snprintf(url, sizeof(url), "%s/ok", servers[i]->url);
			fetched_ask(world, (struct http_request){0}, url);
			assert_int_equal(world->status, 200);
		}
	}
	for (size_t i = 0; i < 12; i++) {
		assert_int_equal(hostile_connections(servers[i]), 1);
		hostile_stop(servers[i]);
	}
}

static void
a_server_that_hangs_is_given_up_in_time(void **state)
{
	struct fetched *world = *state;
	fetched_ask(world, (struct http_request){.timeout_us = 200000}, "/hang");
	assert_int_equal(world->status, 0);
	assert_true(world->timed_out);
	assert_string_equal(world->reason, "no answer within 200 ms");
	assert_in_range(world->round_trip_us, 150000, 60 * CLOCK_SECOND);
	fetched_ask(world, (struct http_request){.timeout_us = CLOCK_SECOND}, "/hang");
	assert_string_equal(world->reason, "no answer within 1 s");
}

static void
a_body_that_drips_is_given_up_in_time(void **state)
{
	struct fetched *world = *state;
	int tries = 0;
	do { /* once more where the server itself was late with its first byte */
		fetched_ask(world, (struct http_request){.timeout_us = 300000}, "/slow");
		assert_int_equal(world->status, 0);
		assert_true(world->timed_out);
	} while (strncmp(world->reason, "no answer", 9) == 0 && ++tries < 50);
	assert_string_equal(world->reason, "the answer did not end within 300 ms");
}

static void
a_port_where_nobody_listens_is_named_so(void **state)
{
	struct fetched *world = *state;
	char base[64], url[128];
	int gone = hostile_bind(base);
	snprintf(url, sizeof(url), "%s/ok", base);
	fetched_ask(world, (struct http_request){0}, url);
	close(gone);
	assert_int_equal(world->status, 0);
	assert_false(world->timed_out);
	assert_string_equal(world->reason, "connection refused");
}

static void
broken_connections_are_told_in_plain_words(void **state)
{
	static const char *const cases[][2] = {
	    {"/silent", "the connection was closed without an answer"},
	    {"/reset", "connection reset"},
	    {"/reset-later", "connection reset in the middle of the answer"},
	    {"/short", "the answer broke off"},
	    {"/garbage", "not an HTTP answer"},
	    {"ftp://127.0.0.1/x", "not an http or https URL"},
	    {"file:///etc/passwd", "not an http or https URL"},
	    {"http://[bad", "not a URL"},
	    {"http://127.0.0.1:99999/", "not a URL"},
	    /* A label of 64 letters is no name: no server is asked, so that none can be slow. */
	    {"http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.invalid/",
		"host not found"},
	};
	struct fetched *world = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fetched_ask(world, (struct http_request){0}, cases[i][0]);
		assert_int_equal(world->status, 0);
		assert_false(world->timed_out);
		assert_string_equal(world->reason, cases[i][1]);
	}
}

static void
a_flood_is_cut_and_says_so(void **state)
{
	struct fetched *world = *state;
	fetched_ask(world, (struct http_request){0}, "/flood");
	assert_int_equal(world->status, 200);
	assert_true(world->cut);
	assert_int_equal(world->body_length, 16 << 20);
	fetched_ask(world, (struct http_request){.max_bytes = 5}, "/ok");
	assert_false(world->cut);
	fetched_ask(world, (struct http_request){.max_bytes = 4}, "/ok");
	assert_true(world->cut);
	assert_string_equal(world->body, "hell");
}

static void
a_cancelled_transfer_is_never_heard_of_again(void **state)
{
	struct fetched *world = *state;
	char url[128];
	snprintf(url, sizeof(url), "%s/ok", world->server->url);
	struct http_request request = {.url = url}, bad = {.url = "nowhere:x"};
	http_cancel(world->http, http_start(world->http, &request, fetched_take, world));
	http_cancel(world->http, http_start(world->http, &bad, fetched_take, world));
	struct http_transfer *late = http_start(world->http, &request, fetched_take, world);
	loop_run_once(world->loop, 1000);
	http_cancel(world->http, late);
	mono_us start = clock_mono();
	while (clock_mono() - start < 100000)
		loop_run_once(world->loop, 10000);
	assert_int_equal(world->calls, 0);
	http_start(world->http, &request, fetched_take, world); /* http_free ends it */
}

static void
cancelling_the_transfer_that_just_answered_does_nothing(void **state)
{
	struct fetched *world = *state;
	world->cancel_inside = true;
	fetched_ask(world, (struct http_request){0}, "/ok");
	fetched_ask(world, (struct http_request){.url = "nowhere:x"}, "/ok");
	assert_int_equal(world->calls, 2);
}

static void
a_proxy_is_never_asked_for_this_machine(void **state)
{
	struct fetched *world = *state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	fetched_ask(world, (struct http_request){0}, "/ok");
	assert_int_equal(world->status, 200);
	fetched_ask(world, (struct http_request){.url = "http://service.example/health"}, "");
	unsetenv("http_proxy");
	assert_int_equal(world->status, 0);
	assert_string_equal(world->reason, "connection refused"); /* the proxy's */
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, fetched_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(an_answer_comes_whole_with_a_clean_content_type),
	    CASE(a_request_bears_what_it_was_given),
	    CASE(redirects_are_answers_and_not_followed),
	    CASE(how_long_a_server_wants_to_be_left_alone_is_told),
	    CASE(connections_are_used_again),
	    CASE(connections_to_many_servers_are_used_again),
	    CASE(a_server_that_hangs_is_given_up_in_time),
	    CASE(a_body_that_drips_is_given_up_in_time),
	    CASE(a_port_where_nobody_listens_is_named_so),
	    CASE(broken_connections_are_told_in_plain_words),
	    CASE(a_flood_is_cut_and_says_so),
	    CASE(a_cancelled_transfer_is_never_heard_of_again),
	    CASE(cancelling_the_transfer_that_just_answered_does_nothing),
	    CASE(a_proxy_is_never_asked_for_this_machine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
