#include "tests/kit/sample_table.h"

const struct table_column sample_columns[SAMPLE_COLUMNS] = {
    {.title = "SERVICE", .width = 8, .grow = true, .priority = 0},
    {.title = "STATE", .width = 5, .priority = 1},
    {.title = "REQ/S", .width = 6, .right = true, .priority = 3},
    {.title = "VERSION", .short_title = "VER", .width = 4, .priority = 2},
};

void
sample_cell(struct canvas *canvas, struct area area, size_t row, size_t column, void *context)
{
	(void)context;
	canvas_printf(canvas, area, 0, 0, ROLE_DEFAULT, "r%zuc%zu", row, column);
}
