/* canvas.h: the cell grid that everything is drawn on. No terminal is needed to draw, so that a
 * golden screen is a canvas written as text. Drawing outside the canvas or the clip area is cut,
 * never an error, at any size down to 0 x 0. Cells hold a character and a role; what a role looks
 * like is the theme's. */
#ifndef FRAUDTOP_WIDGETS_CANVAS_H
#define FRAUDTOP_WIDGETS_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

enum role {
#define X(id, name, help) id,
#include "widgets/roles.def"
#undef X
	ROLE_COUNT
};

enum symbols { SYMBOLS_BRAILLE, SYMBOLS_BLOCK, SYMBOLS_ASCII };

struct area {
	int x, y, width, height;
};

struct cell {
	uint32_t code; /* 0: right half of a wide character */
	uint8_t role; /* enum role */
	bool reverse; /* drawn as the selected row: the theme's `selected` over the role */
};

struct canvas {
	int width, height;
	struct cell *cells; /* row by row */
	enum symbols
	    symbols; /* how graphs are drawn; SYMBOLS_ASCII also draws lines and marks in ASCII */
};

struct canvas *canvas_new(int width, int height, enum symbols symbols);
void canvas_free(struct canvas *canvas); /* NULL is fine */
void canvas_resize(struct canvas *canvas, int width, int height);
void canvas_clear(struct canvas *canvas);

/* Draws clean UTF-8 text within one row of `area`, from column x of the area; returns the columns
 * used. Text that does not fit is cut with `…` (`~` in ASCII) if cut_mark. */
int canvas_text(
    struct canvas *canvas, struct area area, int x, int y, enum role role, const char *text);
int canvas_printf(struct canvas *canvas, struct area area, int x, int y, enum role role,
    const char *format, ...) __attribute__((format(printf, 6, 7)));
/* The same, ending at column x_end (exclusive). Returns the column it began at. */
int canvas_text_right(
    struct canvas *canvas, struct area area, int x_end, int y, enum role role, const char *text);
void canvas_put(
    struct canvas *canvas, struct area area, int x, int y, enum role role, uint32_t code);
void canvas_fill(struct canvas *canvas, struct area area, enum role role, uint32_t code);
/* Marks a row of the area as selected (the role of each cell stays). */
void canvas_select_row(struct canvas *canvas, struct area area, int y);
/* A horizontal rule with an optional title set into it: `─ title ────`. */
void canvas_rule(struct canvas *canvas, struct area area, int y, const char *title);

struct area canvas_area(const struct canvas *canvas);
struct area area_inset(struct area area, int left, int top, int right, int bottom);
/* Columns that clean UTF-8 text takes (wcwidth; combining marks 0, wide 2). */
int canvas_width(const char *text);

/* The whole canvas as text, trailing blanks dropped, a newline a row. With roles: each row is
 * followed by a row of one letter a cell (roles.def order, `.` default), for golden tests of
 * colour. */
void canvas_dump(const struct canvas *canvas, bool roles, struct buf *out);

/* Do two canvases of one size hold the same in row y? */
bool canvas_row_same(const struct canvas *a, const struct canvas *b, int y);

#endif
