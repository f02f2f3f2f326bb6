/* formats.c: stretches of each preset into predictions, beside cJSON's mere parsing of the same
 * records. The logs are made of a fixed seed. */
#include <cJSON.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/format/decode.h"
#include "tests/bench/bench.h"

#define BYTES (8 << 20)

static struct rng rng;

static void
put_features(struct buf *out)
{
	buf_printf(out,
	    "{\"amount\":%.2f,\"hour_of_day\":%u,\"country\":\"%s\",\"distance\":%.6f,"
	    "\"velocity\":%.6f,\"count_24h\":%u}",
	    rng_uniform(&rng) * 500, rng_below(&rng, 24), rng_below(&rng, 2) ? "DE" : "FR",
	    rng_uniform(&rng), rng_uniform(&rng), rng_below(&rng, 30));
}

static void
put_fastapi(struct buf *out, unsigned n)
{
	buf_printf(
	    out, "{\"timestamp\":\"2026-01-28T14:06:04Z\",\"request_id\":\"r%u\",\"request\":", n);
	put_features(out);
	buf_printf(out, ",\"response\":{\"is_fraud\":false,\"fraud_probability\":%.9f}}\n",
	    rng_uniform(&rng));
}

static void
put_capture(struct buf *out, unsigned n)
{
	buf_puts(out, "{\"captureData\":{\"endpointInput\":{\"observedContentType\":\"text/csv\","
		      "\"mode\":\"INPUT\",\"data\":\"");
	for (int i = 0; i < 40; i++)
		buf_printf(out, "%s%.2f", i > 0 ? "," : "", rng_uniform(&rng) * 300);
	buf_printf(out,
	    "\",\"encoding\":\"CSV\"},\"endpointOutput\":{\"data\":\"%.9f\",\"encoding\":\"CSV\"}},"
	    "\"eventMetadata\":{\"eventId\":\"e%u\",\"inferenceTime\":\"2026-01-28T14:06:04Z\"}}\n",
	    rng_uniform(&rng), n);
}

static void
put_event(struct buf *out, unsigned n)
{
	buf_printf(out,
	    "{\"specversion\":\"1.0\",\"id\":\"e%u\",\"type\":\"org.kubeflow.serving.inference.%"
	    "s\","
	    "\"time\":\"2026-01-28T14:06:04Z\",\"inferenceservicename\":\"fraud\",\"data\":",
	    n / 2, n % 2 ? "response" : "request");
	if (n % 2) {
		buf_printf(out, "{\"predictions\":[%.9f]}}\n", rng_uniform(&rng));
		return;
	}
	buf_puts(out, "{\"instances\":[");
	put_features(out);
	buf_puts(out, "]}}\n");
}

static void
put_tensors(struct buf *out, unsigned n)
{
	static const char *const names[] = {"amount", "hour", "distance", "velocity"};
	buf_printf(out, "{\"ts\":1769609164,\"request\":{\"id\":\"q%u\",\"inputs\":[", n);
	for (int i = 0; i < 4; i++)
		buf_printf(out,
		    "%s{\"name\":\"%s\",\"shape\":[1],\"datatype\":\"FP64\",\"data\":[%.6f]}",
		    i > 0 ? "," : "", names[i], rng_uniform(&rng));
	buf_printf(out,
	    "]},\"response\":{\"model_name\":\"m\",\"outputs\":[{\"name\":\"predict_proba\","
	    "\"shape\":[1,2],"
	    "\"datatype\":\"FP64\",\"data\":[0.5,%.9f]}]}}\n",
	    rng_uniform(&rng));
}

static struct bench_runs
decode(const char *format, const struct stretch *stretch, size_t expected)
{
	struct bench_runs seconds;
	struct err err;
	struct decoded_record record;
	struct config *config = config_new();
	struct mapping *mapping = mapping_new(config, format, &err);
	for (int i = 0; i < BENCH_RUNS; i++) {
		struct decoder *decoder = decoder_new(mapping, false);
		size_t predictions = 0;
		double begin = bench_now();
		decoder_begin(decoder, stretch);
		for (enum decoded step; (step = decoder_next(decoder, &record)) != DECODED_END;
		     predictions += step == DECODED_PREDICTION) {
		}
		seconds.values[i] = bench_now() - begin;
		decoder_free(decoder);
		if (predictions != expected) {
			fprintf(
			    stderr, "%s: %zu predictions of %zu\n", format, predictions, expected);
			exit(1);
		}
	}
	mapping_free(mapping);
	config_free(config);
	return seconds;
}

static struct bench_runs
parse(const struct stretch *stretch)
{
	struct bench_runs seconds;
	for (int i = 0; i < BENCH_RUNS; i++) {
		double begin = bench_now();
		const char *end = stretch->text + stretch->length, *next;
		for (const char *at = stretch->text; at < end; at = next) {
			next = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
			cJSON_Delete(cJSON_ParseWithLength(at, (size_t)(next - at)));
		}
		seconds.values[i] = bench_now() - begin;
	}
	return seconds;
}

static void
measure(const char *format, void (*put)(struct buf *, unsigned), unsigned lines_a_record)
{
	struct buf text = {0};
	unsigned lines = 0;
	rng_seed(&rng, 1, 1);
	while (text.length < BYTES || lines % lines_a_record != 0)
		put(&text, lines++);
	struct stretch stretch = {.length = text.length, .line = 1};
	stretch_reserve(&stretch, text.length);
	memcpy(stretch.text, text.data, text.length);
	memset(stretch.text + text.length, 0, STRETCH_PAD);
	double megabytes = (double)text.length / 1e6;
	char what[64];
	snprintf(what, sizeof(what), "decode %s", format);
	bench_line(what, "MB/s",
	    bench_rates(megabytes, decode(format, &stretch, lines / lines_a_record)), "cJSON",
	    bench_rates(megabytes, parse(&stretch)));
	stretch_free(&stretch);
	buf_free(&text);
}

/* All of them, or those that are named. */
int
main(int argc, char **argv)
{
	static const struct {
		const char *format;
		void (*put)(struct buf *, unsigned);
		unsigned lines;
	} all[] = {{"fastapi", put_fastapi, 1}, {"sagemaker-capture", put_capture, 1},
	    {"cloudevents", put_event, 2}, {"mlserver-v2", put_tensors, 1}};
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		bool named = argc < 2;
		for (int j = 1; j < argc; j++)
			named = named || strcmp(argv[j], all[i].format) == 0;
		if (named)
			measure(all[i].format, all[i].put, all[i].lines);
	}
	return 0;
}
