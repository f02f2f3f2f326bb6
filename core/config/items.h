/* items.h: what one item of each list of the configuration holds. A text that was not given is "",
 * and `line` is where in the file the item stands, 0 if it did not come from one. */
#ifndef FRAUDTOP_CONFIG_ITEMS_H
#define FRAUDTOP_CONFIG_ITEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/config/access_item.h"

struct config_service {
	char name[128], url[256], access[128], model[128], alias[128], registry[128];
	char **logs; /* `log`: a path or a list */
	size_t logs_count;
	char **labels; /* `labels`: a path or a list */
	size_t labels_count;
	char format[64]; /* a preset of core/format/mapping.h, or one of `mappings` */
	char table[128]; /* "": `log` is no SQLite file */
	int64_t sample; /* one prediction in so many is read */
	size_t line;
};

struct config_registry {
	char name[128], kind[32]; /* kind: local */
	char location[1024]; /* `path` of the local registry */
	size_t line;
};

struct config_reference {
	char model[128], profile[1024];
	size_t line;
};

struct config_feature { /* what differs for one feature */
	char name[128];
	double warning, critical; /* PSI; NaN: the default */
	int64_t min_samples, window_us; /* 0: the default */
	char season[16]; /* auto, none, hour-of-day, hour-of-week */
	size_t line;
};

/* How the records of a source are laid out: a preset, and what differs from it. A place is a path
 * of jsonpath.h (of a preset `csv` the name of a column); "" is the preset's. */
struct config_mapping {
	char name[128], preset[32], delimiter[16], decimal[8]; /* the last two: of a CSV */
	char ts[512], request_id[512], service[512], model[512], version[512], segment[512];
	char score[512], threshold[512], decision[512], latency_ms[512], status[512], label[512];
	char features[512], attributions[512], input[512], output[512];
	char inside[512]; /* what stands around the records of a line; "": nothing */
	char **named; /* single features: name, path, name, path, ... */
	size_t named_count;
	char **columns; /* the names of features that have none in the log, in order */
	size_t columns_count;
	char **positive, **negative; /* words for a label or decision of 1 and of 0 */
	size_t positive_count, negative_count;
	bool flat;
	size_t line;
};

struct config_expectations { /* a Great Expectations suite that a model's records are held to */
	char model[128], suite[1024];
	size_t line;
};

#endif
