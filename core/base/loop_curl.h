/* loop_curl.h: the seam between loop.c and http.c: who hears of finished transfers. Nobody else's.
 */
#ifndef FRAUDTOP_BASE_LOOP_CURL_H
#define FRAUDTOP_BASE_LOOP_CURL_H

#include <curl/curl.h>

#include "core/base/loop.h"

/* From now on loop_run_once calls `finished` for each transfer of the loop's multi that ended. The
 * easy handle is still in the multi. One listener a loop; NULL: none. */
void loop_curl_listen(
    struct loop *loop, void (*finished)(CURL *easy, CURLcode result, void *context), void *context);

#endif
