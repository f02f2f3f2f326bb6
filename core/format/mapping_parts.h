/* mapping_parts.h: the inside of a mapping. For core/format alone. */
#ifndef FRAUDTOP_FORMAT_MAPPING_PARTS_H
#define FRAUDTOP_FORMAT_MAPPING_PARTS_H

#include "core/format/mapping.h"
#include "core/format/pick.h"
#include "core/ingest/flag.h"
#include "core/ingest/record.h"
#include "core/ingest/record_paths.h"

enum preset {
#define PRESET(name, text, help) PRESET_##name,
#include "core/config/presets.def"
#undef PRESET
	PRESETS
};

/* How a preset's records are read. */
enum layout {
	LAYOUT_LINES, /* by record.h */
	LAYOUT_EXCHANGES, /* requests and responses, by payload.h */
	LAYOUT_TABLE /* rows of a CSV */
};

/* What a path can lead to: enum record_field, and of exchanges: */
enum {
	MAPPING_INPUT = RECORD_FIELDS, /* the request's payload */
	MAPPING_OUTPUT,
	MAPPING_TRUTH, /* labels */
	MAPPING_INPUT_ENCODING,
	MAPPING_OUTPUT_ENCODING,
	MAPPING_TRUTH_ENCODING,
	MAPPING_TYPE, /* of an event: is it the request or the response? */
	MAPPING_FIELDS
};

#define MAPPING_PLACES 32

/* Where a value is in a row of a payload: by its name, or its place where it has none. */
struct mapping_place {
	char name[RECORD_MAX_TEXT + 1]; /* "": by index */
	size_t index;
};

struct mapping_places {
	struct mapping_place list[MAPPING_PLACES];
	size_t count;
	bool given; /* by the configuration: nothing else will do */
};

struct mapping {
	char name[128];
	enum preset preset;
	enum layout layout;
	char *fields[MAPPING_FIELDS]; /* paths; of a CSV also names; NULL: none */
	bool given[MAPPING_FIELDS]; /* they are the configuration's, and not the preset's */
	char *label_feed; /* of a label feed: the path of the label */
	char **named; /* name, path, ..., NULL */
	char **columns; /* names of what has none */
	size_t columns_count;
	struct flag_own *words;
	struct flags flags; /* of labels and decisions; decoders take copies */
	bool flat;
	struct table_style style;
	char *inside; /* what the lines are that hold the records (unwrap.h); NULL: these */
	struct pick inside_pick;
	struct pick pick; /* of exchanges: into the record */
	struct mapping_places *named_places; /* of an exchange, for each of `named`; NULL: none */
	size_t named_count;
	struct mapping_places score, decision, threshold, label; /* and into a row of a payload */
};

/* How a CSV is written, as the configuration says it. */
void mapping_tell_style(struct table_style style, struct config_mapping *to);

/* The paths of a preset. */
extern const char *const mapping_defaults[PRESETS][MAPPING_FIELDS];

#endif
