/* Any bytes as a configuration: it is refused with at least one error, or printed and read back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/config/config.h"
#include "core/config/config_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_errors(const struct buf *errors, const struct err *err)
{
	size_t first = errors->length > 0 ? strcspn(errors->data, "\n") : 0;
	if (first == 0 || err->code != ERR_CONFIG || strncmp(errors->data, "dir/f:", 6) != 0)
		abort();
	for (size_t i = 0; i < errors->length; i++) {
		if ((unsigned char)errors->data[i] < 0x20 && errors->data[i] != '\n')
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf errors = {0}, printed = {0};
	struct err err = {0};
	char *text = malloc(size + 1);
	memcpy(text, data, size);
	text[size] = '\0';
	struct config *config = config_parse("dir/f", text, size, &errors, &err);
	free(text);
	if (config == NULL) {
		check_errors(&errors, &err);
	} else {
		config_print(config, &printed);
		/* Without a folder of its own, so that relative paths stay what they are. */
		struct config *again =
		    config_parse("f", printed.data, printed.length, &errors, &err);
		if (again == NULL || errors.length > 0)
			abort();
		config_free(again);
	}
	config_free(config);
	buf_free(&errors);
	buf_free(&printed);
	return 0;
}
