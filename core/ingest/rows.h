/* rows.h: how the readers of dataset.h append rows. For core/ingest alone.
 *
 * A row is added with what every record has; its features are all missing until they are put. */
#ifndef FRAUDTOP_INGEST_ROWS_H
#define FRAUDTOP_INGEST_ROWS_H

#include "core/ingest/dataset.h"

/* NaN, -1, 0 and "" are unknown. Texts are clean. */
struct row {
	wall_us ts;
	double score, threshold, latency_ms;
	int decision, label, status;
	uint64_t id;
	const char *version, *segment, *service, *model, *request;
};

#define ROW_UNKNOWN                                                                                \
	{                                                                                          \
		.score = NAN, .threshold = NAN, .latency_ms = NAN, .decision = -1, .label = -1,    \
		.version = "", .segment = "", .service = "", .model = "", .request = ""            \
	}

#define ROWS_NO_FEATURE SIZE_MAX

void rows_append(struct dataset *data, const struct row *row);

/* The number of the feature of that clean name, added if there is none; ROWS_NO_FEATURE: one too
 * many. `guess` is the number it probably has. */
size_t rows_feature(struct dataset *data, const char *name, size_t guess);
/* The same, but ROWS_NO_FEATURE if there is none. */
size_t rows_find_feature(const struct dataset *data, const char *name, size_t guess);

/* Sets a feature in the last row. A number in a categorical column is put as its shortest text; a
 * text makes the column categorical. */
void rows_put_number(struct dataset *data, size_t feature, size_t row, double number);
void rows_put_text(
    struct dataset *data, size_t feature, size_t row, const char *text, size_t length);
void rows_put_missing(struct dataset *data, size_t feature, size_t row);
/* Makes a feature categorical, the numbers that stand there as their shortest text. */
void rows_make_categorical(struct dataset *data, size_t feature);
/* The same of the rows before `first`; the others are lost, and must be put again, in order. */
void rows_begin_texts(struct dataset *data, size_t feature, size_t first);

/* Sets data->label[row], 0 or 1. */
void rows_put_label(struct dataset *data, size_t row, int label);

/* Counts a line that cannot be used and says why. */
void rows_reject(struct dataset *data, uint64_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The hash under which request ids are joined; 0 of "". */
uint64_t rows_id(const char *clean);

#endif
