/* canvas.c: the cell grid. Everything is put through canvas_put, which clips, keeps the two halves
 * of a wide character together, and writes the project's own marks in ASCII where that is asked
 * for. Letters of the operator's data are never replaced here: what a terminal cannot show is
 * term.c's to say. */
#include "widgets/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "core/base/mem.h"
#include "core/base/text.h"

static const int side_max = 10000;
static const uint32_t replacement = 0xFFFD;

/* Marks, sorted by code, and their likeness in ASCII, one for one so that nothing moves. */
static const wchar_t marks[] = L"\u00A0«°±²³µ·»×Δμσχ‐‑–—‘’“”•…‹›"
			       L"←↑→↓−≈≤≥─━│┃┄┆┈┊╌╎═║▁▂▃▄▅▆"
			       L"▇█▉▊▋▌▍▎▏░▒▓■□▪▲▴▶▸▼▾◀◂◆○●✓"
			       L"✔✕✖✗✘";
static const char likeness[] = " <o~23u.>xdusX----''\"\"*~<>"
			       "<^>v-~<>--||-|-|-|=|.:-=+*"
			       "#####==-|.:%#.#^^>>vv<<*o*+"
			       "+xxxx";
enum { MARKS = sizeof(likeness) - 1 };
_Static_assert(sizeof(marks) / sizeof(marks[0]) == sizeof(likeness), "a likeness for each mark");

static uint32_t
to_ascii(uint32_t code)
{
	if (code < 0x80)
		return code;
	size_t low = 0, high = MARKS;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if ((uint32_t)marks[middle] == code)
			return (unsigned char)likeness[middle];
		if ((uint32_t)marks[middle] < code)
			low = middle + 1;
		else
			high = middle;
	}
	if (code >= 0x2500 && code < 0x2580) /* every other line: a corner or a crossing */
		return '+';
	return code;
}

/* A locale that is not UTF-8 knows no width for most characters; there each is one column, as the
 * terminal will show it as one mark. */
static int
code_width(uint32_t code)
{
	if (code >= 0x20 && code < 0x7F)
		return 1;
	int width = wcwidth((wchar_t)code);
	return width < 0 ? 1 : width;
}

struct canvas *
canvas_new(int width, int height, enum symbols symbols)
{
	struct canvas *canvas = mem_alloc(sizeof(*canvas));
	canvas->symbols = symbols;
	canvas_resize(canvas, width, height);
	return canvas;
}

void
canvas_free(struct canvas *canvas)
{
	if (canvas == NULL)
		return;
	free(canvas->cells);
	free(canvas);
}

static int
clamp_side(int side)
{
	return side < 0 ? 0 : side > side_max ? side_max : side;
}

void
canvas_resize(struct canvas *canvas, int width, int height)
{
	canvas->width = clamp_side(width);
	canvas->height = clamp_side(height);
	size_t cells = (size_t)canvas->width * (size_t)canvas->height;
	canvas->cells = mem_grow(canvas->cells, cells, sizeof(*canvas->cells));
	canvas_clear(canvas);
}

void
canvas_clear(struct canvas *canvas)
{
	size_t cells = (size_t)canvas->width * (size_t)canvas->height;
	const struct cell blank = {.code = ' ', .role = ROLE_DEFAULT};
	for (size_t i = 0; i < cells; i++)
		canvas->cells[i] = blank;
}

struct area
canvas_area(const struct canvas *canvas)
{
	return (struct area){0, 0, canvas->width, canvas->height};
}

struct area
area_inset(struct area area, int left, int top, int right, int bottom)
{
	struct area inside = {
	    area.x + left, area.y + top, area.width - left - right, area.height - top - bottom};
	if (inside.width < 0)
		inside.width = 0;
	if (inside.height < 0)
		inside.height = 0;
	return inside;
}

/* The part of the area that lies on the canvas, as first and past-the-last column and row. */
static bool
clip(const struct canvas *canvas, struct area area, int *x0, int *y0, int *x1, int *y1)
{
	long long right = (long long)area.x + area.width;
	long long bottom = (long long)area.y + area.height;
	*x0 = area.x < 0 ? 0 : area.x;
	*y0 = area.y < 0 ? 0 : area.y;
	*x1 = right > canvas->width ? canvas->width : (int)right;
	*y1 = bottom > canvas->height ? canvas->height : (int)bottom;
	return *x0 < *x1 && *y0 < *y1;
}

static struct cell *
cell_at(struct canvas *canvas, int x, int y)
{
	return &canvas->cells[(size_t)y * (size_t)canvas->width + (size_t)x];
}

/* Before a cell is written: the other half of a wide character that was there becomes a blank. */
static void
part_wide(struct canvas *canvas, int x, int y)
{
	if (x > 0 && cell_at(canvas, x, y)->code == 0)
		cell_at(canvas, x - 1, y)->code = ' ';
	if (x + 1 < canvas->width && cell_at(canvas, x + 1, y)->code == 0)
		cell_at(canvas, x + 1, y)->code = ' ';
}

void
canvas_put(struct canvas *canvas, struct area area, int x, int y, enum role role, uint32_t code)
{
	int x0, y0, x1, y1;
	long long column = (long long)area.x + x, row = (long long)area.y + y;
	if (x < 0 || y < 0 || !clip(canvas, area, &x0, &y0, &x1, &y1) || column < x0 ||
	    column >= x1 || row < y0 || row >= y1)
		return;
	if (code < 0x20 || (code >= 0x7F && code < 0xA0) || code > 0x10FFFF ||
	    (code >= 0xD800 && code < 0xE000))
		code = code == 0 ? ' ' : replacement;
	if (canvas->symbols == SYMBOLS_ASCII)
		code = to_ascii(code);
	int width = code_width(code);
	if (width == 0)
		return;
	if (width > 1 && column + 1 >= x1)
		code = ' ', width = 1;
	for (int i = 0; i < width; i++) {
		part_wide(canvas, (int)column + i, (int)row);
		*cell_at(canvas, (int)column + i, (int)row) =
		    (struct cell){.code = i == 0 ? code : 0, .role = (uint8_t)role};
	}
}

void
canvas_fill(struct canvas *canvas, struct area area, enum role role, uint32_t code)
{
	int x0, y0, x1, y1;
	if (!clip(canvas, area, &x0, &y0, &x1, &y1))
		return;
	int step = code_width(code) > 1 ? 2 : 1;
	struct area part = {x0, y0, x1 - x0, y1 - y0};
	for (int y = 0; y < part.height; y++)
		for (int x = 0; x < part.width; x += step)
			canvas_put(canvas, part, x, y, role, code);
}

int
canvas_width(const char *text)
{
	int width = 0;
	size_t length = strlen(text);
	for (size_t at = 0; at < length;) {
		uint32_t code = replacement;
		size_t used = text_decode(text + at, length - at, &code);
		at += used > 0 ? used : 1;
		width += code_width(code);
	}
	return width;
}

int
canvas_text(struct canvas *canvas, struct area area, int x, int y, enum role role, const char *text)
{
	int x0, y0, x1, y1;
	if (!clip(canvas, area, &x0, &y0, &x1, &y1) || (long long)area.x + x >= x1)
		return 0;
	int end = x1 - area.x; /* past the last column, in the area's terms */
	size_t length = strlen(text);
	int begin = x;
	for (size_t at = 0; at < length;) {
		uint32_t code = replacement;
		size_t used = text_decode(text + at, length - at, &code);
		used = used > 0 ? used : 1;
		int width = code_width(code);
		/* Is this the last place for a mark, and does the rest need more than it? */
		if (width > 0 && x + width >= end &&
		    (x + width > end || canvas_width(text + at + used) > 0)) {
			canvas_put(canvas, area, x, y, role, 0x2026);
			return x + 1 - begin;
		}
		canvas_put(canvas, area, x, y, role, code);
		x += width;
		at += used;
	}
	return x - begin;
}

int
canvas_printf(
    struct canvas *canvas, struct area area, int x, int y, enum role role, const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return canvas_text(canvas, area, x, y, role, text);
}

int
canvas_text_right(
    struct canvas *canvas, struct area area, int x_end, int y, enum role role, const char *text)
{
	if (x_end < area.width)
		area.width = x_end < 0 ? 0 : x_end;
	int begin = x_end - canvas_width(text);
	if (begin < 0)
		begin = 0;
	canvas_text(canvas, area, begin, y, role, text);
	return begin;
}

void
canvas_select_row(struct canvas *canvas, struct area area, int y)
{
	int x0, y0, x1, y1;
	long long row = (long long)area.y + y;
	if (y < 0 || !clip(canvas, area, &x0, &y0, &x1, &y1) || row < y0 || row >= y1)
		return;
	for (int x = x0; x < x1; x++)
		cell_at(canvas, x, (int)row)->reverse = true;
}

void
canvas_rule(struct canvas *canvas, struct area area, int y, const char *title)
{
	struct area row = {area.x, area.y + y, area.width, 1};
	if (y < 0 || y >= area.height)
		return;
	canvas_fill(canvas, row, ROLE_BORDER, 0x2500);
	if (title == NULL || title[0] == '\0' || row.width < 5)
		return;
	struct area inside = area_inset(row, 2, 0, 2, 0);
	int used = canvas_text(canvas, inside, 0, 0, ROLE_TITLE, title);
	canvas_put(canvas, row, 1, 0, ROLE_BORDER, ' ');
	canvas_put(canvas, row, 2 + used, 0, ROLE_BORDER, ' ');
}

/* One letter a cell, in capitals where the row is selected. */
static void
dump_roles(const struct cell *row, int width, struct buf *out)
{
	while (width > 0 && row[width - 1].role == ROLE_DEFAULT && !row[width - 1].reverse)
		width--;
	for (int x = 0; x < width; x++) {
		char letter = (char)((row[x].reverse ? 'A' : 'a') + row[x].role - 1);
		if (row[x].role == ROLE_DEFAULT)
			letter = row[x].reverse ? ':' : '.';
		buf_append(out, &letter, 1);
	}
	buf_append(out, "\n", 1);
}

void
canvas_dump(const struct canvas *canvas, bool roles, struct buf *out)
{
	for (int y = 0; y < canvas->height; y++) {
		const struct cell *row = canvas->cells + (size_t)y * (size_t)canvas->width;
		int width = canvas->width;
		while (width > 0 && row[width - 1].code == ' ')
			width--;
		for (int x = 0; x < width; x++) {
			char encoded[4];
			if (row[x].code != 0)
				buf_append(out, encoded, text_encode(encoded, row[x].code));
		}
		buf_append(out, "\n", 1);
		if (roles)
			dump_roles(row, canvas->width, out);
	}
}

bool
canvas_row_same(const struct canvas *a, const struct canvas *b, int y)
{
	size_t at = (size_t)y * (size_t)a->width;
	for (int x = 0; x < a->width; x++) {
		const struct cell *one = &a->cells[at + (size_t)x],
				  *two = &b->cells[at + (size_t)x];
		if (one->code != two->code || one->role != two->role ||
		    one->reverse != two->reverse)
			return false;
	}
	return true;
}
