/* unwrap.c: see unwrap.h. */
#include "core/format/unwrap.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/format/exchange.h"

struct unwrap *
unwrap_new(const char *inside, const struct pick *pick)
{
	struct unwrap *unwrap = mem_alloc(sizeof(*unwrap));
	unwrap->inside = inside;
	unwrap->pick = pick;
	return unwrap;
}

void
unwrap_free(struct unwrap *unwrap)
{
	if (unwrap == NULL)
		return;
	pick_forget(&unwrap->memory);
	buf_free(&unwrap->text);
	buf_free(&unwrap->inner);
	free(unwrap->begins);
	free(unwrap);
}

/* Of a text the object that ends it, or all of it; in one line. */
static void
put_text(struct unwrap *unwrap, const char *text, size_t length)
{
	while (
	    length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL && text[length - 1] != '\0')
		length--;
	const char *object = length > 0 ? memchr(text, '{', length) : NULL;
	if (object != NULL) {
		length -= (size_t)(object - text);
		text = object;
	}
	size_t from = unwrap->text.length;
	buf_append(&unwrap->text, text, length);
	/* JSON has none but between its values, where a space is as good. */
	char *at = unwrap->text.data + from, *end = at + length;
	while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL)
		*at = ' ';
}

static void
put_line(struct unwrap *unwrap, const char *line, size_t length)
{
	struct jsonscan scan;
	struct err ignored;
	struct picked value = {0};
	if (unwrap->pick->count == 0 || length == 0) {
		put_text(unwrap, line, length);
		return;
	}
	jsonscan_begin(&scan, line, length, &ignored);
	if (jsonscan_peek(&scan) != '{' ||
	    !pick_read(unwrap->pick, &unwrap->memory, &scan, &value, 1) ||
	    !jsonscan_finish(&scan)) {
		buf_append(&unwrap->text, line, length);
	} else if (value.at == NULL) {
		buf_printf(&unwrap->text, "nothing at %s of ", unwrap->inside);
		buf_append(&unwrap->text, line, length);
	} else if (*value.at == '"') {
		buf_clear(&unwrap->inner);
		exchange_unescape(&value, &unwrap->inner);
		put_text(unwrap, unwrap->inner.data, unwrap->inner.length);
	} else {
		buf_append(&unwrap->text, value.at, value.length);
	}
}

void
unwrap_stretch(struct unwrap *unwrap, const struct stretch *stretch)
{
	const char *at = stretch->text, *end = at + stretch->length;
	buf_clear(&unwrap->text);
	mem_reserve(&unwrap->text.data, &unwrap->text.capacity, stretch->length + 1, 1);
	unwrap->count = 0;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((newline != NULL ? newline : end) - at);
		mem_reserve(
		    &unwrap->begins, &unwrap->capacity, unwrap->count + 1, sizeof(*unwrap->begins));
		unwrap->begins[unwrap->count++] = (uint64_t)(at - stretch->text);
		put_line(unwrap, at, length - (length > 0 && at[length - 1] == '\r'));
		if (newline == NULL)
			break;
		buf_puts(&unwrap->text, "\n");
		at = newline + 1;
	}
}
