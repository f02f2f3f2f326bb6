/* exchange_text.c: the texts of an exchange out of the record that quotes them. The record was
 * checked to be JSON before, so nothing can be wrong with its escapes. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/format/exchange.h"

void
exchange_text(const struct picked *value, char dst[RECORD_MAX_TEXT + 1])
{
	struct jsonscan scan;
	struct err ignored;
	size_t length;
	dst[0] = '\0';
	if (value->at == NULL)
		return;
	jsonscan_begin(&scan, value->at, value->length, &ignored);
	if (*value->at == '"')
		jsonscan_string(&scan, dst, &length);
	else if (*value->at == '-' || (*value->at >= '0' && *value->at <= '9'))
		text_scrub(dst, RECORD_MAX_TEXT + 1, value->at, value->length);
}

static uint32_t
hex_of(const char *digits)
{
	uint32_t code = 0;
	for (int i = 0; i < 4; i++) {
		char c = digits[i];
		code = code << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return code;
}

/* After `\u`; returns what is behind it, and moves *out on. A half surrogate is U+FFFD. */
static const char *
unescape_unicode(const char *at, const char *end, char **out)
{
	uint32_t code = hex_of(at);
	at += 4;
	if (code >= 0xD800 && code <= 0xDFFF) {
		uint32_t high = code;
		code = 0xFFFD;
		if (high <= 0xDBFF && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
			uint32_t low = hex_of(at + 2);
			if (low >= 0xDC00 && low <= 0xDFFF) {
				code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
				at += 6;
			}
		}
	}
	*out += text_encode(*out, code);
	return at;
}

/* No escape is shorter than what it means, so it is done where the text stands. */
void
exchange_unescape(const struct picked *value, struct buf *out)
{
	size_t before = out->length;
	buf_append(out, value->at + 1, value->length - 2);
	char *to = out->data + before;
	const char *at = to, *end = out->data + out->length;
	for (;;) {
		const char *escape = memchr(at, '\\', (size_t)(end - at));
		size_t plain = (size_t)((escape != NULL ? escape : end) - at);
		memmove(to, at, plain);
		to += plain;
		if (escape == NULL)
			break;
		at = escape + 2;
		if (escape[1] == 'u') {
			at = unescape_unicode(at, end, &to);
			continue;
		}
		*to++ = jsonscan_escapes[(unsigned char)escape[1] & 127];
	}
	buf_cut(out, (size_t)(to - out->data));
}

/* What stands in base64 becomes what it means. */
static bool
decode_base64(struct buf *text, struct err *err)
{
	while (text->length > 0 && strchr(" \n\r\t", text->data[text->length - 1]) != NULL)
		text->length--;
	size_t pad = 0;
	while (pad < 2 && pad < text->length && text->data[text->length - 1 - pad] == '=')
		pad++;
	char *decoded = mem_alloc(text->length + 4);
	int length = EVP_DecodeBlock(
	    (unsigned char *)decoded, (const unsigned char *)text->data, (int)text->length);
	bool good = length >= 0 && (size_t)length >= pad;
	buf_clear(text);
	if (good)
		buf_append(text, decoded, (size_t)length - pad);
	free(decoded);
	return good || err_set(err, ERR_DATA, "not base64");
}

static bool
is_base64(const struct picked *encoding)
{
	return encoding->at != NULL && encoding->length == 8 &&
	       (memcmp(encoding->at, "\"BASE64\"", 8) == 0 ||
		   memcmp(encoding->at, "\"base64\"", 8) == 0);
}

static const char *
which_of(const struct exchange *exchange, const struct payload *payload, size_t *index)
{
	*index = payload == &exchange->request ? 0 : payload == &exchange->response ? 1 : 2;
	static const char *const names[] = {"the request", "the response", "the ground truth"};
	return names[*index];
}

bool
exchange_open(struct exchange *exchange, struct payload *payload, const struct picked *value,
    const struct picked *encoding, const char **text, size_t *length, struct err *err)
{
	size_t index;
	const char *which = which_of(exchange, payload, &index);
	struct buf *inside = &exchange->texts[index];
	*text = value->at;
	*length = value->length;
	if (*value->at != '"')
		return true;
	bool base64 = is_base64(encoding);
	if (!base64 && memchr(value->at, '\\', value->length) == NULL) {
		*text = value->at + 1;
		*length = value->length - 2;
		return true;
	}
	buf_clear(inside);
	buf_puts(inside, "");
	exchange_unescape(value, inside);
	if (base64 && !decode_base64(inside, err))
		return err_prefix(err, "%s", which);
	*text = inside->data;
	*length = inside->length;
	return true;
}

bool
exchange_payload(struct exchange *exchange, struct payload *payload, const struct picked *value,
    const struct picked *encoding, struct err *err)
{
	const char *text;
	size_t length, index;
	if (value->at == NULL) {
		payload_clear(payload);
		return true;
	}
	if (!exchange_open(exchange, payload, value, encoding, &text, &length, err))
		return false;
	return payload_read(payload, text, length, err) ||
	       err_prefix(err, "%s", which_of(exchange, payload, &index));
}
