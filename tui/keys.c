/* keys.c: sequences that terminfo did not name. They are read to their end, so that none of their
 * letters counts as a key: an `R` that nobody typed would begin a rollback. */
#include "tui/keys.h"

#include <string.h>
#include <wchar.h>

#include "core/base/text.h"
#include "tui/term.h"

uint32_t
keys_collect(struct keys_partial *partial, int byte, bool utf8)
{
	uint32_t code = 0;
	if (!utf8) {
		wint_t wide = btowc(byte);
		return wide != WEOF ? (uint32_t)wide : (uint32_t)TERM_NONE;
	}
	if ((byte & 0xC0) != 0x80 || partial->length == sizeof(partial->bytes))
		partial->length = 0;
	partial->bytes[partial->length++] = (char)byte;
	if (text_decode(partial->bytes, partial->length, &code) == 0)
		return TERM_NONE;
	partial->length = 0;
	return code;
}

/* `ESC [ A` and `ESC O A` alike; Z and P are one's own. */
static uint32_t
letter_key(int introducer, int letter)
{
	switch (letter) {
	case 'A':
		return TERM_UP;
	case 'B':
		return TERM_DOWN;
	case 'C':
		return TERM_RIGHT;
	case 'D':
		return TERM_LEFT;
	case 'H':
		return TERM_HOME;
	case 'F':
		return TERM_END;
	case 'M':
		return introducer == 'O' ? TERM_ENTER : TERM_NONE;
	case 'P':
		return introducer == 'O' ? TERM_F1 : TERM_NONE;
	case 'Z':
		return introducer == '[' ? TERM_BACK_TAB : TERM_NONE;
	default:
		return TERM_NONE;
	}
}

static uint32_t
number_key(int number)
{
	static const uint32_t keys[] = {TERM_NONE, TERM_HOME, TERM_NONE, TERM_DELETE, TERM_END,
	    TERM_PAGE_UP, TERM_PAGE_DOWN, TERM_HOME, TERM_END, TERM_NONE, TERM_NONE, TERM_F1};
	return number >= 0 && number < (int)(sizeof(keys) / sizeof(keys[0])) ? keys[number]
									     : TERM_NONE;
}

uint32_t
keys_after_escape(int (*next)(void *context), void *context, int (*back)(int byte))
{
	int introducer = next(context);
	if (introducer < 0)
		return TERM_ESCAPE;
	if (introducer != '[' && introducer != 'O') {
		back(introducer);
		return TERM_ESCAPE;
	}
	int byte = next(context);
	if (byte < 0) {
		back(introducer);
		return TERM_ESCAPE;
	}
	if (introducer == 'O' || byte >= 0x40)
		return letter_key(introducer, byte);
	int number = 0;
	bool modified = false; /* by Shift or Control: `ESC [ 1 ; 5 A` */
	for (; byte >= 0x20 && byte < 0x40; byte = next(context)) {
		if (byte < '0' || byte > '9')
			modified = true;
		else if (!modified && number < 1000)
			number = number * 10 + byte - '0';
	}
	return byte == '~' && !modified ? number_key(number) : (uint32_t)TERM_NONE;
}
