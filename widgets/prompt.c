/* prompt.c: a line being edited. The text is valid UTF-8 at every moment and the cursor stands
 * before a whole character, combining marks taken with the letter that bears them. */
#include "widgets/prompt.h"

#include <string.h>

#include "core/base/text.h"

void
prompt_set(struct prompt *prompt, const char *text)
{
	prompt->cursor = text_scrub(prompt->text, sizeof(prompt->text), text, strlen(text));
	prompt->history_at = prompt->history_count;
}

static size_t
after(const struct prompt *prompt, size_t at)
{
	size_t length = strlen(prompt->text);
	bool first = true;
	while (at < length) {
		uint32_t code;
		char one[5] = "";
		size_t used = text_decode(prompt->text + at, length - at, &code);
		used = used > 0 ? used : 1;
		memcpy(one, prompt->text + at, used);
		if (!first && canvas_width(one) > 0)
			break;
		first = false;
		at += used;
	}
	return at;
}

static size_t
before(const struct prompt *prompt, size_t at)
{
	size_t start = 0;
	for (size_t next = 0; next < at; next = after(prompt, next))
		start = next;
	return start;
}

static void
cut(struct prompt *prompt, size_t from, size_t to)
{
	memmove(prompt->text + from, prompt->text + to, strlen(prompt->text + to) + 1);
	prompt->cursor = from;
}

void
prompt_insert(struct prompt *prompt, uint32_t code)
{
	if (code < 0x20 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
		return;
	char one[4], clean[8];
	size_t width = text_encode(one, code);
	if (text_scrub(clean, sizeof(clean), one, width) != width || memcmp(clean, one, width) != 0)
		return;
	size_t length = strlen(prompt->text);
	if (length + width >= sizeof(prompt->text))
		return;
	memmove(prompt->text + prompt->cursor + width, prompt->text + prompt->cursor,
	    length - prompt->cursor + 1);
	memcpy(prompt->text + prompt->cursor, one, width);
	prompt->cursor += width;
}

static void
kill_word(struct prompt *prompt)
{
	size_t from = prompt->cursor, to = prompt->cursor;
	while (from > 0 && prompt->text[from - 1] == ' ')
		from--;
	while (from > 0 && prompt->text[from - 1] != ' ')
		from--;
	cut(prompt, from, to);
}

/* Moves through the history; the line that was being typed waits past its newest end. */
static void
recall(struct prompt *prompt, int step)
{
	int at = prompt->history_at + step;
	if (at < 0 || at > prompt->history_count)
		return;
	if (prompt->history_at == prompt->history_count)
		text_copy(prompt->draft, sizeof(prompt->draft), prompt->text);
	const char *line = at == prompt->history_count ? prompt->draft : prompt->history[at];
	prompt->cursor = text_copy(prompt->text, sizeof(prompt->text), line);
	prompt->history_at = at;
}

void
prompt_key(struct prompt *prompt, enum prompt_key key)
{
	size_t end = strlen(prompt->text);
	switch (key) {
	case PROMPT_LEFT:
		prompt->cursor = before(prompt, prompt->cursor);
		break;
	case PROMPT_RIGHT:
		prompt->cursor = after(prompt, prompt->cursor);
		break;
	case PROMPT_HOME:
		prompt->cursor = 0;
		break;
	case PROMPT_END:
		prompt->cursor = end;
		break;
	case PROMPT_BACKSPACE:
		cut(prompt, before(prompt, prompt->cursor), prompt->cursor);
		break;
	case PROMPT_DELETE:
		cut(prompt, prompt->cursor, after(prompt, prompt->cursor));
		break;
	case PROMPT_KILL_LINE:
		cut(prompt, 0, prompt->cursor);
		break;
	case PROMPT_KILL_WORD:
		kill_word(prompt);
		break;
	case PROMPT_UP:
		recall(prompt, -1);
		break;
	case PROMPT_DOWN:
		recall(prompt, 1);
		break;
	}
}

void
prompt_remember(struct prompt *prompt)
{
	int count = prompt->history_count;
	bool again = count > 0 && strcmp(prompt->history[count - 1], prompt->text) == 0;
	if (prompt->text[0] != '\0' && !again) {
		if (count == PROMPT_HISTORY) {
			memmove(prompt->history[0], prompt->history[1],
			    sizeof(prompt->history) - sizeof(prompt->history[0]));
			count--;
		}
		memcpy(prompt->history[count], prompt->text, sizeof(prompt->text));
		prompt->history_count = count + 1;
	}
	prompt_set(prompt, "");
}

void
prompt_draw(struct canvas *canvas, struct area area, int x, int y, const char *label,
    const struct prompt *prompt)
{
	if (x < 0 || y < 0 || y >= area.height || x >= area.width)
		return;
	struct area row = {area.x + x, area.y + y, area.width - x, 1};
	/* A narrow row keeps the cursor, not the label. */
	if (canvas_width(label) + 2 <= row.width) {
		int used = canvas_text(canvas, row, 0, 0, ROLE_KEY, label);
		row.x += used;
		row.width -= used;
	}
	char head[PROMPT_MAX];
	memcpy(head, prompt->text, prompt->cursor);
	head[prompt->cursor] = '\0';
	size_t from = 0; /* scrolled so that the cursor's cell is in view */
	while (head[from] != '\0' && canvas_width(head + from) + 1 > row.width)
		from = after(prompt, from);
	canvas_text(canvas, row, 0, 0, ROLE_INPUT, prompt->text + from);
	int at = canvas_width(head + from);
	struct area cursor = {row.x + at, row.y, 1, 1};
	if (at >= row.width)
		return;
	if (prompt->text[prompt->cursor] == '\0')
		canvas_put(canvas, row, at, 0, ROLE_INPUT, ' ');
	canvas_select_row(canvas, cursor, 0);
}
