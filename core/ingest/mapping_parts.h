/* mapping_parts.h: the inside of a mapping. For core/ingest alone. */
#ifndef FRAUDTOP_INGEST_MAPPING_PARTS_H
#define FRAUDTOP_INGEST_MAPPING_PARTS_H

#include "core/ingest/mapping.h"
#include "core/ingest/record.h"

enum preset {
#define PRESET(name, text, help) PRESET_##name,
#include "core/config/presets.def"
#undef PRESET
	PRESETS
};

struct mapping {
	char name[128];
	enum preset preset;
	struct record_paths paths; /* its strings live as long as the program or the mapping */
};

#endif
