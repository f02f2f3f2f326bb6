/* columns.h: what the columns of a CSV are, by its header and the options. For core/ingest alone.
 */
#ifndef FRAUDTOP_INGEST_COLUMNS_H
#define FRAUDTOP_INGEST_COLUMNS_H

#include "core/ingest/csv.h"
#include "core/ingest/dataset.h"
#include "core/ingest/flag.h"
#include "core/ingest/record.h"

enum role {
	ROLE_FEATURE,
	ROLE_SCORE,
	ROLE_LABEL,
	ROLE_DECISION,
	ROLE_ID,
	ROLE_TIME,
	ROLE_SEGMENT,
	ROLE_VERSION,
	ROLE_IGNORE,
	ROLE_COUNT
};

#define COLUMN_NONE SIZE_MAX

struct columns {
	size_t count;
	struct column {
		char name[RECORD_MAX_TEXT + 1]; /* clean */
		enum role role;
		bool categorical; /* by the options */
	} * list;
	size_t
	    of_role[ROLE_COUNT]; /* the column of a role that only one can have, or COLUMN_NONE */
};

/* Reads the header, the row that csv stands at. `path` is for the reasons. */
bool columns_read(struct columns *columns, struct csv *csv, const char *path, struct err *err);
/* Gives one of the columns that `names` lists the role; ERR_USAGE if none of them is there. NULL
 * names nothing. */
bool columns_assign(
    struct columns *columns, enum role role, const char *names, const char *path, struct err *err);
/* Assigns all that the options name. */
bool columns_assign_all(struct columns *columns, const struct dataset_options *options,
    const char *path, struct err *err);
void columns_free(struct columns *columns);

/* Takes the next name off a comma-separated list into dst; false at its end. */
bool columns_next_name(const char **names, char dst[RECORD_MAX_TEXT + 1]);

/* One field, in its place. Each returns false if it is none of its kind. */
bool field_missing(const struct csv_field *field);
bool field_flag(const struct csv_field *field, struct flags *flags, int *flag); /* missing is -1 */
bool field_time(const struct csv_field *field, wall_us *time); /* missing is 0 */
size_t field_text(const struct csv_field *field, char dst[RECORD_MAX_TEXT + 1]); /* missing is "" */

#endif
