/* decoding.h: a decoder on a stretch of exactly the size of a text and its pad, so that a read past
 * them is caught. */
#ifndef FRAUDTOP_TESTS_DECODING_H
#define FRAUDTOP_TESTS_DECODING_H

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/format/decode.h"

struct decoding {
	struct config *config;
	struct mapping *mapping;
	struct decoder *decoder;
	struct stretch stretch;
	struct decoded_record record;
};

/* Of a configuration, which is taken; NULL is the default one. */
static inline struct decoding
decoding_by(struct config *config, const char *format, bool labels)
{
	struct err err = {0};
	struct decoding d = {.config = config != NULL ? config : config_new()};
	d.mapping = mapping_new(d.config, format, &err);
	if (d.mapping == NULL)
		mem_die("%s", err.text);
	d.decoder = decoder_new(d.mapping, labels);
	return d;
}

static inline struct decoding
decoding_of(const char *format, bool labels)
{
	return decoding_by(NULL, format, labels);
}

static inline void
decoding_bytes(struct decoding *d, const char *text, size_t length)
{
	free(d->stretch.text);
	d->stretch = (struct stretch){.length = length, .offset = 1000, .line = 7};
	d->stretch.text = mem_alloc(length + STRETCH_PAD);
	if (length > 0)
		memcpy(d->stretch.text, text, length);
	decoder_begin(d->decoder, &d->stretch);
}

static inline void
decoding_text(struct decoding *d, const char *text)
{
	decoding_bytes(d, text, strlen(text));
}

static inline enum decoded
decoding_next(struct decoding *d)
{
	return decoder_next(d->decoder, &d->record);
}

static inline void
decoding_free(struct decoding *d)
{
	free(d->stretch.text);
	decoder_free(d->decoder);
	mapping_free(d->mapping);
	config_free(d->config);
}

#endif
