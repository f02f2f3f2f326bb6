#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/fetched.h"

void
fetched_take(const struct http_answer *answer, void *context)
{
	struct fetched *fetched = context;
	fetched->calls++;
	fetched->status = answer->status;
	fetched->timed_out = answer->timed_out;
	fetched->cut = answer->cut;
	fetched->body_length = answer->body_length;
	fetched->round_trip_us = answer->round_trip_us;
	snprintf(fetched->reason, sizeof(fetched->reason), "%s",
	    answer->reason != NULL ? answer->reason : "");
	snprintf(fetched->content_type, sizeof(fetched->content_type), "%s", answer->content_type);
	snprintf(fetched->location, sizeof(fetched->location), "%s", answer->location);
	fetched->retry_after_us = answer->retry_after_us;
	snprintf(fetched->body, sizeof(fetched->body), "%s", answer->body);
	assert_int_equal(answer->body[answer->body_length], '\0');
	assert_true((answer->status == 0) == (answer->reason != NULL));
	if (fetched->cancel_inside)
		http_cancel(fetched->http, fetched->transfer);
}

void
fetched_ask(struct fetched *fetched, struct http_request request, const char *path)
{
	char url[256];
	snprintf(url, sizeof(url), "%s%s",
	    path[0] == '/' && fetched->server != NULL ? fetched->server->url : "", path);
	if (request.url == NULL)
		request.url = url;
	unsigned calls = fetched->calls;
	fetched->transfer = http_start(fetched->http, &request, fetched_take, fetched);
	assert_int_equal(fetched->calls, calls);
	mono_us start = clock_mono();
	while (fetched->calls == calls && clock_mono() - start < 120 * CLOCK_SECOND)
		loop_run_once(fetched->loop, CLOCK_SECOND);
	assert_int_equal(fetched->calls, calls + 1);
}

int
fetched_setup(void **state)
{
	static const char *const proxies[] = {"http_proxy", "https_proxy", "all_proxy", "no_proxy",
	    "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"};
	for (size_t i = 0; i < sizeof(proxies) / sizeof(proxies[0]); i++)
		unsetenv(proxies[i]);
	struct fetched *fetched = calloc(1, sizeof(*fetched));
	fetched->loop = loop_new();
	fetched->http = http_new(fetched->loop);
	*state = fetched;
	return 0;
}

int
fetched_teardown(void **state)
{
	struct fetched *fetched = *state;
	http_free(fetched->http);
	loop_free(fetched->loop);
	if (fetched->server != NULL)
		hostile_stop(fetched->server);
	free(fetched);
	return 0;
}
