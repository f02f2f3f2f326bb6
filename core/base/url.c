/* url.c: the address is read by curl, which is who will go there. */
#include "core/base/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/base/text.h"

static bool
host_is_loopback(const char *host)
{
	char bare[64];
	struct in_addr four;
	struct in6_addr six;
	size_t length = strlen(host);
	if (strcasecmp(host, "localhost") == 0 ||
	    (length > 10 && strcasecmp(host + length - 10, ".localhost") == 0))
		return true;
	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127 || four.s_addr == 0;
	if (host[0] != '[' || length < 3 || length > sizeof(bare))
		return false;
	text_copy(bare, length - 1, host + 1);
	if (inet_pton(AF_INET6, bare, &six) != 1)
		return false;
	return IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_UNSPECIFIED(&six) ||
	       (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
}

bool
url_is_loopback(const char *url)
{
	CURLU *parsed = curl_url();
	char *host = NULL;
	if (parsed == NULL)
		mem_die("out of memory");
	bool loopback = curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
			curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
			host_is_loopback(host);
	curl_free(host);
	curl_url_cleanup(parsed);
	return loopback;
}
