/* dialog.c: a box in the middle. Where the canvas is too small for its border it does without, so
 * that the text inside is the last thing to go. */
#include "widgets/dialog.h"

static void
draw_border(struct canvas *canvas, struct area box, enum role role)
{
	int right = box.width - 1, bottom = box.height - 1;
	for (int x = 1; x < right; x++) {
		canvas_put(canvas, box, x, 0, role, 0x2500);
		canvas_put(canvas, box, x, bottom, role, 0x2500);
	}
	for (int y = 1; y < bottom; y++) {
		canvas_put(canvas, box, 0, y, role, 0x2502);
		canvas_put(canvas, box, right, y, role, 0x2502);
	}
	canvas_put(canvas, box, 0, 0, role, 0x250C);
	canvas_put(canvas, box, right, 0, role, 0x2510);
	canvas_put(canvas, box, 0, bottom, role, 0x2514);
	canvas_put(canvas, box, right, bottom, role, 0x2518);
}

/* `┌ title ──────── right ┐`: the left title may be cut, the right one is there whole or not at
 * all. */
static void
draw_titles(struct canvas *canvas, struct area box, enum role border, const char *title,
    const char *right_title)
{
	struct area top = area_inset((struct area){box.x, box.y, box.width, 1}, 1, 0, 1, 0);
	int room = top.width;
	int right = right_title != NULL ? canvas_width(right_title) : 0;
	if (right > 0 && right + 2 <= room / 2) {
		int at = top.width - right - 1;
		canvas_put(canvas, top, at - 1, 0, border, ' ');
		canvas_text(canvas, top, at, 0, border, right_title);
		canvas_put(canvas, top, top.width - 1, 0, border, ' ');
		room = at - 2;
	}
	if (title == NULL || title[0] == '\0' || room < 4)
		return;
	struct area left = {top.x + 1, top.y, room - 2, 1};
	int used = canvas_text(canvas, left, 0, 0, ROLE_TITLE, title);
	canvas_put(canvas, top, 0, 0, border, ' ');
	canvas_put(canvas, top, 1 + used, 0, border, ' ');
}

struct area
dialog_draw(struct canvas *canvas, int width, int height, enum role border, const char *title,
    const char *right_title)
{
	struct area all = canvas_area(canvas);
	width = width < 0 ? 0 : width > all.width ? all.width : width;
	height = height < 0 ? 0 : height > all.height ? all.height : height;
	bool bordered = all.width >= 12 && all.height >= 5;
	struct area box = {0, 0, width + 4, height + 2};
	if (!bordered || box.width > all.width)
		box.width = all.width;
	if (!bordered || box.height > all.height)
		box.height = all.height;
	box.x = (all.width - box.width) / 2;
	box.y = (all.height - box.height) / 2;
	canvas_fill(canvas, box, ROLE_DEFAULT, ' ');
	if (!bordered)
		return box;
	draw_border(canvas, box, border);
	draw_titles(canvas, box, border, title, right_title);
	return area_inset(box, 2, 1, 2, 1);
}
