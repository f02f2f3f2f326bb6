/* table.h: reads a CSV into a dataset, and labels out of one. For core/ingest alone. */
#ifndef FRAUDTOP_INGEST_TABLE_H
#define FRAUDTOP_INGEST_TABLE_H

#include "core/ingest/dataset.h"
#include "core/ingest/input.h"

/* As dataset_read. */
bool table_read(struct dataset *data, struct input *input, const struct dataset_options *options,
    struct err *err);

/* Calls `label` for each row that has an id and a label; rejects the others in *data. */
bool table_read_labels(struct dataset *data, struct input *input,
    const struct dataset_options *options, void (*label)(const char *id, int value, void *context),
    void *context, struct err *err);

#endif
