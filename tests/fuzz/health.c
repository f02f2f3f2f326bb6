/* Any body as an answer to /health: what comes out is clean text and never healthy but for a 2xx.
 * The first byte chooses the HTTP status. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/poll/health.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_clean(const char *text)
{
	char scrubbed[1024];
	size_t length = strlen(text);
	if (text_scrub(scrubbed, sizeof(scrubbed), text, length) != length ||
	    memcmp(scrubbed, text, length) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = {200, 204, 302, 404, 503};
	if (size == 0)
		return 0;
	char *body = malloc(size);
	memcpy(body, data + 1, size - 1);
	body[size - 1] = '\0';
	struct http_answer answer = {.status = statuses[data[0] % 5],
	    .location = "",
	    .content_type = "",
	    .body = body,
	    .body_length = size - 1};
	struct health health;
	health_read(&health, &answer);
	check_clean(health.model);
	check_clean(health.version);
	check_clean(health.reason);
	if (health.healthy && (answer.status > 299 || health.reason[0] != '\0'))
		abort();
	if (!health.healthy && health.reason[0] == '\0')
		abort();
	if (health.up != (answer.status < 500) || health.epoch < -1)
		abort();
	free(body);
	return 0;
}
