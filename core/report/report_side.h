/* report_side.h: the values of one column on one side of a comparison. Inside the report only. */
#ifndef FRAUDTOP_REPORT_REPORT_SIDE_H
#define FRAUDTOP_REPORT_REPORT_SIDE_H

#include "core/ingest/dataset.h"
#include "core/reference/season.h"

#define REPORT_NO_HOUR 255 /* of a row whose time is not known */

struct rows {
	const size_t *list; /* NULL: all of them, from the first */
	size_t count;
};

static inline size_t
rows_at(const struct rows *rows, size_t i)
{
	return rows->list != NULL ? rows->list[i] : i;
}

struct report_word {
	const char *text;
	uint64_t count;
};

struct report_side {
	bool categorical;
	uint64_t n; /* present, and of the side's type */
	uint64_t missing; /* nulls, and numbers that are not finite */
	uint64_t nonfinite; /* of the missing */
	uint64_t strangers; /* words in a column of numbers; in neither n nor missing */
	double *numbers; /* ascending */
	struct report_word *words; /* by text */
	size_t words_count;
	char *texts; /* of words that were numbers */
	uint64_t hours[SEASON_HOURS]; /* present values by hour of the week */
	uint64_t timed; /* their sum */
};

/* hours: of each row of the data, or NULL. */
void report_side_take(struct report_side *side, const struct dataset_column *column,
    const struct dataset_values *values, const struct rows *rows, const uint8_t *hours);
/* The same of plain numbers, such as scores. */
void report_side_take_numbers(
    struct report_side *side, const double *values, const struct rows *rows, const uint8_t *hours);
/* Takes words for the numbers they spell, if at least half of the values do; the others are
 * strangers. */
void report_side_to_numbers(struct report_side *side);
/* Takes numbers for the words that spell them. */
void report_side_to_words(struct report_side *side);
/* The share of values that spell a number; NaN if there are none. */
double report_side_numeric_share(const struct report_side *side);
void report_side_free(struct report_side *side);

/* The hour of the week of every row, or NULL if no time is known. */
uint8_t *report_hours(const struct dataset *data);

#endif
