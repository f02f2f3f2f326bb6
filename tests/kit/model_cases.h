/* model_cases.h: a model's scores held against those that its library gave, which stand in a CSV: a
 * column for each input by name (an empty cell is missing), the margin and the score. */
#ifndef FRAUDTOP_TESTS_KIT_MODEL_CASES_H
#define FRAUDTOP_TESTS_KIT_MODEL_CASES_H

#include <stddef.h>

/* One row by itself and among all. Margins must be the float in the table exactly, or, where
 * `within` is not 0, so near to the number there. Scores are float in the library, but double here.
 */
void model_cases_within(const char *model_path, const char *cases_path, const char *margin_name,
    const char *score_name, size_t least_rows, double within);
/* The same within 1e-6. */
void model_cases_compare(const char *model_path, const char *cases_path, const char *margin_name,
    const char *score_name, size_t least_rows);

#endif
