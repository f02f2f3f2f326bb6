/* predict.c: any bytes as the body of POST /predict and /predict/batch. What is logged must read
 * back. */
#include "core/service/predict.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/ingest/record_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char model_text[] =
    "{\"kind\":\"linear\",\"link\":\"logistic\",\"intercept\":0,\"features\":["
    "{\"name\":\"a\",\"weight\":1,\"missing\":0},{\"name\":\"c\",\"weight\":2,\"missing\":0}]}";

static void
check_log(struct record_reader *reader, const struct buf *log)
{
	struct prediction prediction;
	struct err err;
	for (size_t at = 0; at < log->length;) {
		const char *end = memchr(log->data + at, '\n', log->length - at);
		size_t length = (size_t)(end - (log->data + at));
		if (end == NULL ||
		    !record_read_prediction(reader, log->data + at, length, &prediction, &err))
			abort();
		at += length + 1;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct model *model;
	static struct record_reader *reader;
	static struct metrics *metrics;
	if (model == NULL) {
		model = model_parse(model_text, strlen(model_text), "fuzz", NULL);
		model_set_metadata(model, "{\"categories\":{\"c\":{\"x\":1}}}", NULL);
		reader = record_reader_new();
		metrics = metrics_new();
	}
	struct served served = {model, "m", "1", 0.5, 0};
	struct predict predict = {
	    .served = &served, .service = "s", .metrics = metrics, .now = 1000000};
	struct buf answer = {0}, log = {0};
	predict_one(&predict, (const char *)data, size, &answer, &log);
	predict_batch(&predict, (const char *)data, size, &answer, &log);
	check_log(reader, &log);
	buf_free(&answer);
	buf_free(&log);
	return 0;
}
