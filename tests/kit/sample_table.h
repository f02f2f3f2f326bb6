/* sample_table.h: a table of four columns whose cells say where they stand: `r0c1`. */
#ifndef FRAUDTOP_TESTS_KIT_SAMPLE_TABLE_H
#define FRAUDTOP_TESTS_KIT_SAMPLE_TABLE_H

#include "widgets/table.h"

enum { SAMPLE_COLUMNS = 4 };
extern const struct table_column sample_columns[SAMPLE_COLUMNS];

void sample_cell(struct canvas *canvas, struct area area, size_t row, size_t column, void *context);

#endif
