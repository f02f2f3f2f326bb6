#include "core/poll/answer.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static void
advise(const struct http_answer *answer, char *dst, size_t size)
{
	*dst = '\0';
	if (answer->status >= 300 && answer->status < 400 && answer->location[0] != '\0')
		snprintf(
		    dst, size, ": moved to %s, which `services.url` must name", answer->location);
	else if (answer->status == 401)
		snprintf(dst, size, ": not let in; `services.access` names token or password");
	else if (answer->status == 403)
		snprintf(dst, size, ": forbidden to who asks");
	else if (answer->status == 407)
		snprintf(dst, size, ": the proxy wants a password");
	else if (answer->retry_after_us > 0)
		snprintf(dst, size, ": wants to be left alone for %lld s",
		    (long long)(answer->retry_after_us / CLOCK_SECOND));
	else if (answer->status == 429)
		snprintf(dst, size, ": asked too often");
}

void
answer_explain(const struct http_answer *answer, const char *path, char *dst, size_t size)
{
	char advice[384];
	advise(answer, advice, sizeof(advice));
	snprintf(dst, size, "HTTP %d on %s%s", answer->status, path, advice);
}

bool
answer_is_html(const struct http_answer *answer)
{
	const char *body = answer->body + strspn(answer->body, " \t\r\n");
	return *body == '<' || strncasecmp(answer->content_type, "text/html", 9) == 0;
}
