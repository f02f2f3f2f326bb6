/* decoding.h: a decoder on a stretch of exactly the size of a text and its pad, so that a read past
 * them is caught. */
#ifndef FRAUDTOP_TESTS_KIT_DECODING_H
#define FRAUDTOP_TESTS_KIT_DECODING_H

#include "core/format/decode.h"

struct decoding {
	struct config *config;
	struct mapping *mapping;
	struct decoder *decoder;
	struct stretch stretch;
	struct decoded_record record;
};

/* By the format of that name. What cannot be begun is told and ends the program. */
struct decoding decoding_of(const char *format, bool labels);
/* By that of a configuration, which is taken; NULL is the default one. */
struct decoding decoding_by(struct config *config, const char *format, bool labels);
/* By the mapping `mine`, of which the YAML is what follows its name. */
struct decoding decoding_mine(const char *yaml, bool labels);
void decoding_free(struct decoding *d); /* what it owns */

/* What is decoded next. */
void decoding_text(struct decoding *d, const char *text);
void decoding_bytes(struct decoding *d, const char *text, size_t length);
enum decoded decoding_next(struct decoding *d);

#endif
