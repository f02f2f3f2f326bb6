/* columns.h: the options that say what the columns of a CSV are, shared by report and profile. */
#ifndef FRAUDTOP_TUI_COMMANDS_COLUMNS_H
#define FRAUDTOP_TUI_COMMANDS_COLUMNS_H

#include "core/ingest/dataset.h"
#include "tui/command.h"

/* clang-format off */
#define COLUMNS_OPTIONS \
	{"score", 0, "COL", "CSV: the score's column"}, \
	{"label", 0, "COL", "CSV: the label's column (0 or 1, empty if unknown)"}, \
	{"decision", 0, "COL", "CSV: the decision's column (0 or 1)"}, \
	{"id", 0, "COL", "CSV: the request id's column"}, \
	{"time", 0, "COL", "CSV: the event time's column"}, \
	{"segment", 0, "COL", "CSV: the segment's column"}, \
	{"version", 0, "COL", "CSV: the model version's column"}, \
	{"ignore", 0, "COL,...", "CSV: columns that are not features"}, \
	{"categorical", 0, "COL,...", "CSV: columns to read as categories"}
/* clang-format on */

static inline struct dataset_options
columns_options(const struct args *args)
{
	return (struct dataset_options){
	    .score = args_option(args, "score"),
	    .label = args_option(args, "label"),
	    .decision = args_option(args, "decision"),
	    .id = args_option(args, "id"),
	    .time = args_option(args, "time"),
	    .segment = args_option(args, "segment"),
	    .version = args_option(args, "version"),
	    .ignore = args_option(args, "ignore"),
	    .categorical = args_option(args, "categorical"),
	};
}

#endif
