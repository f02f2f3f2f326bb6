/* help.c: the keys, the commands and the panels, from their own tables. */
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "tui/colon.h"
#include "tui/keymap.h"
#include "tui/panel.h"

enum { LABELS = 22 };

struct page {
	struct canvas *canvas;
	struct area area;
	int top, y; /* y counts all lines, shown or not */
};

/* How much of the text fits the columns, up to a blank if there is one. */
static size_t
fit(const char *text, int columns)
{
	size_t last = 0, length = strlen(text);
	if (canvas_width(text) <= columns)
		return length;
	for (size_t at = 0; at < length && (int)at <= columns; at++) { /* help is ASCII */
		if (text[at] == ' ')
			last = at;
	}
	return last > 0 ? last : length;
}

/* On as many rows as the text takes. */
static void
put_line(struct page *page, enum role role, const char *label, const char *text)
{
	do {
		size_t length = fit(text, page->area.width - LABELS);
		int y = page->y++ - page->top;
		if (y >= 0 && y < page->area.height) {
			canvas_text(page->canvas, page->area, 2, y, role, label);
			canvas_printf(page->canvas, page->area, LABELS, y, ROLE_DEFAULT, "%.*s",
			    (int)length, text);
		}
		text += length;
		text += *text == ' ';
		label = "";
	} while (*text != '\0');
}

static void
put_keys(struct page *page)
{
	size_t count;
	const struct key *keys = key_list(&count);
	put_line(page, ROLE_HEADING, "KEYS", "");
	for (size_t i = 0; i < count;) {
		char labels[64] = "";
		size_t first = i;
		for (; i < count && keys[i].action == keys[first].action; i++)
			text_append(
			    labels, sizeof(labels), "%s%s", i > first ? " " : "", keys[i].label);
		put_line(page, ROLE_KEY, labels, keys[first].help);
	}
}

static void
put_commands(struct page *page)
{
	size_t count;
	const struct colon *colons = colon_list(&count);
	put_line(page, ROLE_HEADING, "", "");
	put_line(page, ROLE_HEADING, "COMMANDS", "");
	for (size_t i = 0; i < count; i++) {
		char label[64];
		snprintf(label, sizeof(label), ":%s %s", colons[i].name, colons[i].operands);
		put_line(page, ROLE_KEY, label, colons[i].help);
	}
}

static void
put_panels(struct page *page)
{
	put_line(page, ROLE_HEADING, "", "");
	put_line(page, ROLE_HEADING, "PANELS", "");
	for (int i = 0; i < PANEL_COUNT; i++) {
		char label[64];
		snprintf(label, sizeof(label), "%d :%s", i + 1, panel_get(i)->name);
		put_line(page, ROLE_KEY, label, panel_get(i)->help);
	}
}

static void
put_marks(struct page *page)
{
	put_line(page, ROLE_HEADING, "", "");
	put_line(page, ROLE_HEADING, "MARKS", "");
	put_line(page, ROLE_WARN, "!", "over its warning limit");
	put_line(page, ROLE_CRIT, "!!", "over its critical limit");
	put_line(page, ROLE_MUTED, "-", "not known; never drawn as 0");
	put_line(page, ROLE_MUTED, "muted", "too few samples or labels to judge; never alarms");
	put_line(
	    page, ROLE_DEFAULT, "TIMES", "the PSI over CHANCE, what chance alone gives at this n");
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view, struct panel_state *state)
{
	(void)view;
	for (int pass = 0; pass < 2; pass++) {
		struct page page = {.canvas = canvas, .area = area, .top = state->top};
		if (pass == 0) /* only counts, to bound the scrolling */
			page.area.height = 0;
		put_keys(&page);
		put_commands(&page);
		put_panels(&page);
		put_marks(&page);
		if (pass == 0 && state->top > page.y - area.height)
			state->top = page.y > area.height ? page.y - area.height : 0;
	}
}

const struct panel panel_help = {
    .name = "help",
    .title = "Help",
    .short_title = "Help",
    .help = "keys, commands and marks",
    .subject = SUBJECT_NONE,
    .draw = draw,
};
