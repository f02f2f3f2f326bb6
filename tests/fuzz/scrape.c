/* Two expositions, parted by a NUL, compared: no rate and no quantile is ever negative, no share is
 * outside of 0 to 1. One that ends in `# EOF` is OpenMetrics. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/poll/scrape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct scrape *
scrape_bytes(const uint8_t *data, size_t size, mono_us at)
{
	static const char eof[] = "# EOF\n";
	bool open = size >= sizeof(eof) - 1 &&
		    memcmp(data + size - (sizeof(eof) - 1), eof, sizeof(eof) - 1) == 0;
	struct exposition *exposition = exposition_parse((const char *)data, size,
	    open ? EXPOSITION_OPENMETRICS : EXPOSITION_TEXT, scrape_wants, NULL, NULL);
	if (exposition == NULL)
		return NULL;
	struct scrape *scrape = scrape_new(exposition, at);
	exposition_free(exposition);
	return scrape;
}

static void
check(bool good)
{
	if (!good)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *half = size > 0 ? memchr(data, 0, size) : NULL;
	if (half == NULL)
		return 0;
	struct scrape *before = scrape_bytes(data, (size_t)(half - data), 0);
	struct scrape *now = scrape_bytes(half + 1, size - (size_t)(half + 1 - data), CLOCK_SECOND);
	if (before != NULL && now != NULL) {
		struct scrape_rates rates;
		scrape_compare(before, now, &rates);
		check(!(rates.rps < 0) && !(rates.requests < 0));
		check(!(rates.error_rate < 0) && !(rates.error_rate > 1));
		check(!(rates.rejected_rate < 0) && !(rates.rejected_rate > 1));
		check(!(rates.p50_ms < 0) && !(rates.p99_ms < rates.p50_ms));
		check(rates.quantiles == !isnan(rates.p50_ms));
		check(!rates.quantiles || scrape_native(now) == NULL);
	}
	scrape_free(before);
	scrape_free(now);
	return 0;
}
