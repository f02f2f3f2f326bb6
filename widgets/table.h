/* table.h: rows and columns. Columns have a priority: when the width does not do, those of the
 * highest number go first; what is left keeps its order and its alignment (numbers right, on the
 * point, since a column's cells have the same decimals). The selected row stays in view; a scroll
 * mark shows more. */
#ifndef FRAUDTOP_WIDGETS_TABLE_H
#define FRAUDTOP_WIDGETS_TABLE_H

#include "widgets/canvas.h"

struct table_column {
	const char *title;
	const char *short_title; /* NULL: the same; used when narrow */
	int width; /* least columns without the gap; grows to fill if `grow` */
	bool right; /* aligned at its right */
	bool grow;
	int priority; /* 0 stays longest */
	int marks; /* columns at the right for a mark such as ` !!`; the title ends before them */
};

struct table {
	const struct table_column *columns;
	size_t columns_count;
	size_t rows;
	int selected; /* row, or -1 */
	int *
	    top; /* first row shown: kept by the caller, moved here so that `selected` is in view */
	int sort; /* column whose title bears an arrow, or -1 */
	bool sort_descending;
	int gap; /* columns between columns; 0: 2 (1 when narrow) */
	/* Draws one cell into `area` (one row high): text, a sparkline, anything. */
	void (*cell)(
	    struct canvas *canvas, struct area area, size_t row, size_t column, void *context);
	void *context;
};

/* Heading in the first row, rows below. Returns rows of screen used. */
int table_draw(struct canvas *canvas, struct area area, const struct table *table);

#endif
