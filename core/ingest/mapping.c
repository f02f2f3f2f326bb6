/* mapping.c: see mapping.h. */
#include "core/ingest/mapping.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/ingest/mapping_parts.h"

const char *const mapping_presets[] = {
#define PRESET(name, text, help) text,
#include "core/config/presets.def"
#undef PRESET
    NULL,
};

static enum preset
find_preset(const char *name)
{
	enum preset preset = 0;
	while (preset < PRESETS && strcmp(mapping_presets[preset], name) != 0)
		preset++;
	return preset;
}

struct mapping *
mapping_new(const struct config *config, const char *format, struct err *err)
{
	(void)config;
	enum preset preset = find_preset(format);
	if (preset == PRESETS) {
		const char *nearest = text_nearest(format, mapping_presets);
		err_set(err, ERR_CONFIG, "there is no format `%.100s`%s%s%s", format,
		    nearest != NULL ? "; did you mean `" : "", nearest != NULL ? nearest : "",
		    nearest != NULL ? "`?" : "");
		return NULL;
	}
	struct mapping *mapping = mem_alloc(sizeof(*mapping));
	text_copy(mapping->name, sizeof(mapping->name), format);
	mapping->preset = preset;
	return mapping;
}

void
mapping_free(struct mapping *mapping)
{
	free(mapping);
}

const char *
mapping_name(const struct mapping *mapping)
{
	return mapping->name;
}

enum frame
mapping_frame(const struct mapping *mapping)
{
	return mapping->preset == PRESET_CAPTURE ? FRAME_VALUES
	       : mapping->preset == PRESET_CSV	 ? FRAME_CSV
						 : FRAME_LINES;
}

bool
mapping_is_parallel(const struct mapping *mapping)
{
	return mapping->preset != PRESET_EVENTS;
}
