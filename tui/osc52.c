/* osc52.c: OSC 52. The text travels as base64, so nothing in it can end the sequence early. */
#include "tui/osc52.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "core/base/mem.h"

enum { SCREEN_CHUNK = 240 }; /* GNU screen drops longer strings */

static bool
is_set(const char *variable)
{
	const char *value = getenv(variable);
	return value != NULL && value[0] != '\0';
}

/* tmux hands through what stands in a DCS of its own, with each escape doubled. */
static void
wrap_tmux(struct buf *out, const char *payload)
{
	buf_puts(out, "\033Ptmux;\033\033]52;c;");
	buf_puts(out, payload);
	buf_puts(out, "\033\033\\\033\\");
}

/* screen hands through any DCS, up to a length; a string terminator inside would end it, so BEL
 * ends the inner sequence. */
static void
wrap_screen(struct buf *out, const char *payload)
{
	struct buf whole = {0};
	buf_puts(&whole, "\033]52;c;");
	buf_puts(&whole, payload);
	buf_puts(&whole, "\a");
	for (size_t at = 0; at < whole.length; at += SCREEN_CHUNK) {
		size_t rest = whole.length - at;
		buf_puts(out, "\033P");
		buf_append(out, whole.data + at, rest < SCREEN_CHUNK ? rest : SCREEN_CHUNK);
		buf_puts(out, "\033\\");
	}
	buf_free(&whole);
}

void
osc52_encode(struct buf *out, const char *text)
{
	const char *mode = getenv("FRAUDTOP_CLIPBOARD");
	if (mode != NULL && strcmp(mode, "off") == 0)
		return;
	size_t length = strlen(text), most = OSC52_MAX / 4 * 3;
	if (length > most) {
		length = most;
		while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
			length--;
	}
	char *payload = mem_alloc((length + 2) / 3 * 4 + 1);
	EVP_EncodeBlock((unsigned char *)payload, (const unsigned char *)text, (int)length);
	if (is_set("TMUX")) {
		wrap_tmux(out, payload);
	} else if (is_set("STY")) {
		wrap_screen(out, payload);
	} else {
		buf_puts(out, "\033]52;c;");
		buf_puts(out, payload);
		buf_puts(out, "\033\\");
	}
	free(payload);
}
