#include "tests/kit/decoding.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/config/config_file.h"

struct decoding
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

struct decoding
decoding_of(const char *format, bool labels)
{
	return decoding_by(NULL, format, labels);
}

struct decoding
decoding_mine(const char *yaml, bool labels)
{
	struct err err = {0};
	char *text = mem_printf("version: 1\nmappings:\n- name: mine\n%s", yaml);
	struct config *config = config_parse("f", text, strlen(text), NULL, &err);
	free(text);
	if (config == NULL)
		mem_die("%s", err.text);
	return decoding_by(config, "mine", labels);
}

void
decoding_bytes(struct decoding *d, const char *text, size_t length)
{
	free(d->stretch.text);
	d->stretch = (struct stretch){.length = length, .offset = 1000, .line = 7};
	d->stretch.text = mem_alloc(length + STRETCH_PAD);
	if (length > 0)
		memcpy(d->stretch.text, text, length);
	decoder_begin(d->decoder, &d->stretch);
}

void
decoding_text(struct decoding *d, const char *text)
{
	decoding_bytes(d, text, strlen(text));
}

enum decoded
decoding_next(struct decoding *d)
{
	return decoder_next(d->decoder, &d->record);
}

void
decoding_free(struct decoding *d)
{
	free(d->stretch.text);
	decoder_free(d->decoder);
	mapping_free(d->mapping);
	config_free(d->config);
}
