/* captures.c: captures of requests and responses. An input that begins with `{` or a blank is the
 * file itself; of any other the first line says the encoding, and the two parts of the rest (cut at
 * the first 0x1f) are the payloads of one capture, quoted as they must be, so that what fuzzes the
 * payloads need not fight with the quoting. */
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/kit/decoding.h"

/* A JSON string of any bytes that UTF-8 allows to stand there. */
static void
put_quoted(struct buf *out, const char *text, size_t length)
{
	buf_puts(out, "\"");
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c < 0x20 || c == '"' || c == '\\' || c >= 0x7f)
			buf_printf(out, "\\u%04x", c);
		else
			buf_append(out, text + i, 1);
	}
	buf_puts(out, "\"");
}

static void
put_half(struct buf *out, const char *name, const char *encoding, const char *text, size_t length)
{
	buf_printf(out, "\"%s\":{\"encoding\":\"%s\",\"data\":", name, encoding);
	put_quoted(out, text, length);
	buf_puts(out, "}");
}

static void
wrap(struct buf *out, const char *text, size_t length)
{
	const char *end = text + length;
	const char *newline = memchr(text, '\n', length);
	const char *encoding = newline == NULL ? "CSV" : *text == 'b' ? "BASE64" : "JSON";
	const char *body = newline != NULL ? newline + 1 : text;
	const char *cut = memchr(body, 0x1f, (size_t)(end - body));
	const char *second = cut != NULL ? cut + 1 : end;
	buf_puts(out, "{\"captureData\":{");
	put_half(out, "endpointInput", encoding, body, (size_t)((cut != NULL ? cut : end) - body));
	buf_puts(out, ",");
	put_half(out, "endpointOutput", encoding, second, (size_t)(end - second));
	buf_puts(out, "},\"groundTruthData\":{\"encoding\":\"CSV\",\"data\":");
	put_quoted(out, second, (size_t)(end - second));
	buf_puts(out, "},\"eventMetadata\":{\"eventId\":\"e\"}}\n");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct buf out = {0};
	struct err err;
	if (size == 0)
		return 0;
	clock_freeze(INT64_C(1700000000000000));
	if (*text == '{' || *text == ' ' || *text == '\n')
		buf_append(&out, text, size);
	else
		wrap(&out, text, size);
	struct config *config = config_new();
	struct mapping *mapping = mapping_new(config, "sagemaker-capture", &err);
	struct stretch stretch = {.length = out.length, .offset = 7, .line = 3};
	stretch.text = mem_alloc(out.length + STRETCH_PAD);
	memcpy(stretch.text, out.data, out.length);
	decoding_fuzz(mapping, false, false, &stretch);
	decoding_fuzz(mapping, true, false, &stretch);
	free(stretch.text);
	mapping_free(mapping);
	config_free(config);
	buf_free(&out);
	return 0;
}
