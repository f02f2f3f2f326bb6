/* table.c: rows and columns. The layout is worked out anew for each draw from the width alone, so
 * that a resize needs no state; a column is either whole or absent, but for the last one left. */
#include "widgets/table.h"

enum { COLUMNS_MAX = 48, MARK = 2 };

struct layout {
	int x[COLUMNS_MAX], width[COLUMNS_MAX]; /* width 0: not shown */
	int gap;
};

static int
needed(const struct table *table, const struct layout *layout)
{
	int sum = 0, shown = 0;
	for (size_t i = 0; i < table->columns_count; i++)
		if (layout->width[i] > 0) {
			sum += layout->width[i];
			shown++;
		}
	return shown > 1 ? sum + (shown - 1) * layout->gap : sum;
}

/* The column to go next: of the highest priority number, the rightmost. Returns -1 if one is left.
 */
static int
least_wanted(const struct table *table, const struct layout *layout)
{
	int worst = -1, shown = 0;
	for (size_t i = 0; i < table->columns_count; i++) {
		if (layout->width[i] == 0)
			continue;
		shown++;
		if (worst < 0 || table->columns[i].priority >= table->columns[worst].priority)
			worst = (int)i;
	}
	return shown > 1 ? worst : -1;
}

static void
spread(const struct table *table, struct layout *layout, int spare)
{
	int growing = 0;
	for (size_t i = 0; i < table->columns_count; i++)
		growing += layout->width[i] > 0 && table->columns[i].grow;
	for (size_t i = 0; i < table->columns_count && growing > 0; i++) {
		if (layout->width[i] == 0 || !table->columns[i].grow)
			continue;
		int part = spare / growing--;
		layout->width[i] += part;
		spare -= part;
	}
}

static void
lay_out(const struct table *table, int room, struct layout *layout)
{
	for (size_t i = 0; i < table->columns_count; i++)
		layout->width[i] = table->columns[i].width > 0 ? table->columns[i].width : 1;
	layout->gap = table->gap > 0 ? table->gap : 2;
	if (table->gap == 0 && needed(table, layout) > room)
		layout->gap = 1;
	while (needed(table, layout) > room) {
		int worst = least_wanted(table, layout);
		if (worst < 0)
			break;
		layout->width[worst] = 0;
	}
	if (needed(table, layout) > room) /* one column is left, and it is too wide */
		for (size_t i = 0; i < table->columns_count; i++)
			if (layout->width[i] > room)
				layout->width[i] = room;
	spread(table, layout, room - needed(table, layout));
	int x = 0;
	for (size_t i = 0; i < table->columns_count; i++) {
		layout->x[i] = x;
		if (layout->width[i] > 0)
			x += layout->width[i] + layout->gap;
	}
}

static void
draw_heading(
    struct canvas *canvas, struct area row, const struct table *table, const struct layout *layout)
{
	for (size_t i = 0; i < table->columns_count; i++) {
		const struct table_column *column = &table->columns[i];
		if (layout->width[i] == 0)
			continue;
		const char *title = column->title;
		if (column->short_title != NULL && canvas_width(title) > layout->width[i])
			title = column->short_title;
		int width = canvas_width(title), x = layout->x[i];
		struct area cell = {row.x + x, row.y, layout->width[i], 1};
		if (cell.width > row.width - x)
			cell.width = row.width - x;
		/* The arrow stands in the gap, so that titles keep still when the sorting changes.
		 */
		int arrow = x + (width < cell.width ? width : cell.width);
		int end = cell.width - column->marks;
		if (end < width)
			end = width < cell.width ? width : cell.width;
		if (column->right)
			arrow =
			    x - 1 + canvas_text_right(canvas, cell, end, 0, ROLE_HEADING, title);
		else
			canvas_text(canvas, cell, 0, 0, ROLE_HEADING, title);
		if (table->sort == (int)i)
			canvas_put(canvas, row, arrow, 0, ROLE_KEY,
			    table->sort_descending ? 0x25BE : 0x25B4);
	}
}

/* Moves the first row shown so that the selected one is in view and no room is wasted at the end.
 */
static size_t
scroll(const struct table *table, size_t visible)
{
	long long top = table->top != NULL ? *table->top : 0;
	long long rows = (long long)table->rows, room = (long long)visible;
	if (table->selected >= 0 && table->selected < rows) {
		if (table->selected < top)
			top = table->selected;
		if (table->selected >= top + room)
			top = table->selected - room + 1;
	}
	if (top > rows - room)
		top = rows - room;
	if (top < 0)
		top = 0;
	if (table->top != NULL)
		*table->top = (int)top;
	return (size_t)top;
}

static void
draw_row(struct canvas *canvas, struct area row, const struct table *table,
    const struct layout *layout, size_t index)
{
	for (size_t i = 0; i < table->columns_count; i++) {
		struct area cell = {row.x + layout->x[i], row.y, layout->width[i], 1};
		if (layout->width[i] > 0 && table->cell != NULL)
			table->cell(canvas, cell, index, i, table->context);
	}
}

int
table_draw(struct canvas *canvas, struct area area, const struct table *table)
{
	if (area.width <= 0 || area.height <= 0)
		return 0;
	struct table bounded = *table;
	if (bounded.columns_count > COLUMNS_MAX)
		bounded.columns_count = COLUMNS_MAX;
	size_t visible = (size_t)area.height - 1;
	size_t top = scroll(&bounded, visible);
	size_t left = table->rows - top;
	size_t shown = left < visible ? left : visible;
	bool more = table->rows > visible;
	bool marked = area.width >= 16;
	struct area body = area_inset(area, marked ? MARK : 0, 0, more && marked ? 1 : 0, 0);
	struct layout layout = {0};
	lay_out(&bounded, body.width, &layout);
	draw_heading(canvas, body, &bounded, &layout);
	for (size_t i = 0; i < shown; i++) {
		int y = (int)i + 1;
		struct area row = {body.x, body.y + y, body.width, 1};
		draw_row(canvas, row, &bounded, &layout, top + i);
		if (table->selected < 0 || (size_t)table->selected != top + i)
			continue;
		if (marked)
			canvas_put(canvas, area, 0, y, ROLE_KEY, 0x25B8);
		canvas_select_row(canvas, area_inset(area, 0, 0, more && marked ? 1 : 0, 0), y);
	}
	if (marked && top > 0)
		canvas_put(canvas, area, area.width - 1, 1, ROLE_MUTED, 0x25B4);
	if (marked && left > visible && visible > 0)
		canvas_put(canvas, area, area.width - 1, area.height - 1, ROLE_MUTED, 0x25BE);
	return (int)shown + 1;
}
