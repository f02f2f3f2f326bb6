/* mapping.h: how the records of a source are laid out: a preset, or what the configuration's
 * `mappings` says. It never changes and is shared by all threads.
 *
 * Presets (docs/formats.md): fraudtop, the default log; fastapi, a request and its
 * PredictionResponse; sagemaker-capture, captured requests and responses and merged ground truth;
 * cloudevents, request and response of KServe's and Seldon's payload loggers, two events joined by
 * id; mlserver-v2, tensors of the Open Inference Protocol; csv, with a header. */
#ifndef FRAUDTOP_FORMAT_MAPPING_H
#define FRAUDTOP_FORMAT_MAPPING_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/config/config.h"
#include "core/ingest/flag.h"
#include "core/source/stretch.h"

struct mapping;

/* How a CSV is written. */
struct table_style {
	enum frame frame; /* one of a CSV */
	bool decimal_comma;
};

/* Of a preset's name, or of one of config->mappings; NULL and err with the nearest right name. */
struct mapping *mapping_new(const struct config *config, const char *format, struct err *err);
/* As it was found that a CSV is written, whatever the format says. */
void mapping_set_style(struct mapping *mapping, struct table_style style);
void mapping_free(struct mapping *mapping); /* NULL is fine */

const char *mapping_name(const struct mapping *mapping);
enum frame mapping_frame(const struct mapping *mapping);
/* Its records stand inside of lines: in what the path of `inside` leads to, or after text
 * (unwrap.h). False and err: its format's are no lines of their own, or the path makes no sense. */
bool mapping_put_inside(struct mapping *mapping, const char *inside, struct err *err);
/* Does a record never depend on the one before it, so that stretches can be read side by side? */
bool mapping_is_parallel(const struct mapping *mapping);
/* As `mappings` of the configuration would have it, with the words that a decoder met
 * (NULL is fine). */
void mapping_print(const struct mapping *mapping, const struct flags *met, struct buf *out);

/* NULL-terminated. */
extern const char *const mapping_presets[];

#endif
