/* columns.c: see columns.h. */
#include "core/ingest/columns.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/ingest/decimal.h"
#include "core/ingest/intern.h"

static const char *const role_names[ROLE_COUNT] = {
    [ROLE_FEATURE] = "feature",
    [ROLE_SCORE] = "score",
    [ROLE_LABEL] = "label",
    [ROLE_DECISION] = "decision",
    [ROLE_ID] = "id",
    [ROLE_TIME] = "time",
    [ROLE_SEGMENT] = "segment",
    [ROLE_VERSION] = "version",
    [ROLE_IGNORE] = "ignored",
};

static void
trim(const char **text, size_t *length)
{
	while (*length > 0 && (**text == ' ' || **text == '\t')) {
		(*text)++;
		(*length)--;
	}
	while (*length > 0 && ((*text)[*length - 1] == ' ' || (*text)[*length - 1] == '\t'))
		(*length)--;
}

static bool
refuse_doubles(const struct columns *columns, const char *path, struct err *err)
{
	struct intern seen = {0};
	size_t i = 0;
	for (; i < columns->count && seen.count == i; i++)
		intern_add(&seen, columns->list[i].name, strlen(columns->list[i].name));
	bool clear = seen.count == i;
	intern_free(&seen);
	return clear || err_set(err, ERR_DATA, "%s: line 1: the column %.100s stands twice", path,
			    columns->list[i - 1].name);
}

bool
columns_read(struct columns *columns, struct csv *csv, const char *path, struct err *err)
{
	*columns = (struct columns){0};
	for (int role = 0; role < ROLE_COUNT; role++)
		columns->of_role[role] = COLUMN_NONE;
	if (csv->reason != NULL)
		return err_set(err, ERR_DATA, "%s: the header: %s", path, csv->reason);
	columns->count = csv->count;
	columns->list = mem_alloc(csv->count * sizeof(*columns->list));
	for (size_t i = 0; i < csv->count; i++) {
		const char *text = csv->fields[i].text;
		size_t length = csv->fields[i].length;
		if (length > 0 && memchr(text, '\0', length) != NULL)
			return err_set(
			    err, ERR_DATA, "%s: not a text file (is it compressed?)", path);
		trim(&text, &length);
		struct column *column = &columns->list[i];
		if (text_scrub(column->name, sizeof(column->name), text, length) == 0)
			snprintf(column->name, sizeof(column->name), "column %zu", i + 1);
	}
	return refuse_doubles(columns, path, err);
}

void
columns_free(struct columns *columns)
{
	free(columns->list);
	*columns = (struct columns){0};
}

bool
columns_next_name(const char **names, char dst[RECORD_MAX_TEXT + 1])
{
	while (*names != NULL && **names != '\0') {
		const char *name = *names;
		size_t length = strcspn(name, ",");
		*names = name[length] == ',' ? name + length + 1 : name + length;
		trim(&name, &length);
		if (text_scrub(dst, RECORD_MAX_TEXT + 1, name, length) > 0)
			return true;
	}
	return false;
}

static size_t
find_column(const struct columns *columns, const char *name)
{
	for (size_t i = 0; i < columns->count; i++)
		if (strcmp(columns->list[i].name, name) == 0)
			return i;
	return COLUMN_NONE;
}

static bool
fail_unknown(const struct columns *columns, const char *name, const char *path, struct err *err)
{
	const char **names = mem_alloc((columns->count + 1) * sizeof(*names));
	for (size_t i = 0; i < columns->count; i++)
		names[i] = columns->list[i].name;
	const char *nearest = text_nearest(name, names);
	char all[200] = "";
	for (size_t i = 0; i < columns->count && nearest == NULL; i++)
		text_append(all, sizeof(all), "%s%s", i > 0 ? ", " : "", names[i]);
	if (nearest != NULL)
		err_set(err, ERR_USAGE, "%s: no column %.100s; did you mean %.100s?", path, name,
		    nearest);
	else
		err_set(err, ERR_USAGE, "%s: no column %.100s; there are %s", path, name, all);
	free(names);
	return false;
}

static bool
give_role(struct columns *columns, size_t index, enum role role, const char *path, struct err *err)
{
	struct column *column = &columns->list[index];
	if (column->role != ROLE_FEATURE && column->role != role)
		return err_set(err, ERR_USAGE, "%s: the column %.100s cannot be both %s and %s",
		    path, column->name, role_names[column->role], role_names[role]);
	column->role = role;
	columns->of_role[role] = index;
	return true;
}

bool
columns_assign(
    struct columns *columns, enum role role, const char *names, const char *path, struct err *err)
{
	char name[RECORD_MAX_TEXT + 1], first[RECORD_MAX_TEXT + 1] = "";
	while (columns_next_name(&names, name)) {
		size_t index = find_column(columns, name);
		if (index != COLUMN_NONE)
			return give_role(columns, index, role, path, err);
		if (first[0] == '\0')
			text_copy(first, sizeof(first), name);
	}
	return first[0] == '\0' || fail_unknown(columns, first, path, err);
}

/* Is one of the names a column here? */
static bool
columns_name_one(const struct columns *columns, const char *names)
{
	char name[RECORD_MAX_TEXT + 1];
	while (columns_next_name(&names, name)) {
		if (find_column(columns, name) != COLUMN_NONE)
			return true;
	}
	return false;
}

bool
columns_assign_all(struct columns *columns, const struct dataset_options *options, const char *path,
    struct err *err)
{
	if (options == NULL)
		return true;
	const char *const single[ROLE_COUNT] = {[ROLE_SCORE] = options->score,
	    [ROLE_LABEL] = options->label,
	    [ROLE_DECISION] = options->decision,
	    [ROLE_ID] = options->id,
	    [ROLE_TIME] = options->time,
	    [ROLE_SEGMENT] = options->segment,
	    [ROLE_VERSION] = options->version};
	for (int role = ROLE_SCORE; role < ROLE_IGNORE; role++) {
		bool may_lack = options->lenient || (role == ROLE_LABEL && options->labels_apart);
		if (may_lack && !columns_name_one(columns, single[role]))
			continue;
		if (!columns_assign(columns, (enum role)role, single[role], path, err))
			return false;
	}
	char name[RECORD_MAX_TEXT + 1];
	for (const char *names = options->ignore; columns_next_name(&names, name);)
		if ((!options->lenient || columns_name_one(columns, name)) &&
		    !columns_assign(columns, ROLE_IGNORE, name, path, err))
			return false;
	for (const char *names = options->categorical; columns_next_name(&names, name);) {
		size_t index = find_column(columns, name);
		if (index != COLUMN_NONE)
			columns->list[index].categorical = true;
		else if (!options->lenient)
			return fail_unknown(columns, name, path, err);
	}
	return true;
}

static bool
field_is(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(text, word, length) == 0;
}

bool
field_missing(const struct csv_field *field)
{
	static const char *const words[] = {"NaN", "nan", "NULL", "null", "None", "NA"};
	const char *text = field->text;
	size_t length = field->length;
	if (length > 0 && *text >= '0' && *text <= '9')
		return false;
	trim(&text, &length);
	if (length == 0)
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && length <= 4; i++)
		if (field_is(text, length, words[i]))
			return true;
	return false;
}

bool
field_flag(const struct csv_field *field, struct flags *flags, int *flag)
{
	*flag = -1;
	return field_missing(field) || flag_text(flags, field->text, field->length, flag);
}

bool
field_time(const struct csv_field *field, wall_us *time)
{
	double number;
	*time = 0;
	if (field_missing(field))
		return true;
	if (!decimal_field(field->text, field->length, &number)) {
		const char *text = field->text;
		size_t length = field->length;
		trim(&text, &length);
		return clock_parse(text, length, time);
	}
	return decimal_time(number, time);
}

size_t
field_text(const struct csv_field *field, char dst[RECORD_MAX_TEXT + 1])
{
	dst[0] = '\0';
	if (field_missing(field))
		return 0;
	return text_scrub(dst, RECORD_MAX_TEXT + 1, field->text, field->length);
}
