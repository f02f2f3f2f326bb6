/* answer.h: what an answer that is of no use says to an operator: what the service did, and the way
 * out where there is one. */
#ifndef FRAUDTOP_POLL_ANSWER_H
#define FRAUDTOP_POLL_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/http.h"

/* For a status that is not 2xx: `HTTP 401 on /health: ...`. */
void answer_explain(const struct http_answer *answer, const char *path, char *dst, size_t size);
bool answer_is_html(const struct http_answer *answer);

#endif
