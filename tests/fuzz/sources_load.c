/* Fuzzes sources_load: bytes as they come, and good ones with some of them changed (the first byte
 * chooses). What is refused changes nothing; what is taken can be read from and saved again. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/source/sources.h"
#include "tests/folder.h"
#include "tests/fuzz/check.h"

static char folder[FOLDER_SIZE], path[128];
static struct buf good;

static struct sources *
begin(void)
{
	struct sources *sources = sources_new();
	sources_add(sources, &(struct source_options){.path = path, .frame = FRAME_CSV});
	char *pattern = mem_printf("%s/p*", folder);
	sources_add(sources, &(struct source_options){.path = pattern, .labels = true});
	free(pattern);
	return sources;
}

static size_t
take_all(struct sources *sources)
{
	struct stretch stretch = {0};
	size_t bytes = 0;
	for (int i = 0; i < 100 && sources_take(sources, &stretch, 65536); i++) {
		CHECK(stretch.file < sources_count(sources) && stretch.length > 0);
		bytes += stretch.length;
	}
	stretch_free(&stretch);
	return bytes;
}

static void
remove_folder(void)
{
	CHECK(folder_remove(folder) == 0);
}

static void
set_up(void)
{
	char command[512];
	CHECK(folder_make(folder, "fuzz"));
	atexit(remove_folder);
	snprintf(path, sizeof(path), "%s/log", folder);
	snprintf(command, sizeof(command),
	    "cd '%s' && (echo 'id,score'; seq -f '%%g,0.5' 200; printf half) > log && "
	    "seq 3000 > p.1 && seq -f 'line %%g' 3000 | gzip > p.gz",
	    folder);
	CHECK(system(command) == 0);
	struct sources *sources = begin();
	struct stretch stretch = {0};
	for (int i = 0; i < 3; i++)
		CHECK(sources_take(sources, &stretch, 500));
	sources_save(sources, &good);
	stretch_free(&stretch);
	sources_free(sources);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (good.length == 0)
		set_up();
	if (size == 0)
		return 0;
	struct buf bytes = {0};
	if (data[0] & 1) {
		buf_append(&bytes, good.data, good.length);
		for (size_t i = 1; i + 2 < size; i += 3)
			bytes.data[(data[i] | (size_t)data[i + 1] << 8) % bytes.length] ^=
			    (char)data[i + 2];
	} else {
		buf_append(&bytes, data + 1, size - 1);
	}
	struct sources *sources = begin();
	struct unpack unpack = {.at = bytes.data, .end = bytes.data + bytes.length};
	size_t before = sources_count(sources);
	bool loaded = bytes.length > 0 && sources_load(sources, &unpack);
	CHECK(loaded || sources_count(sources) == before);
	size_t read = take_all(sources);
	CHECK(loaded || read > 10000);
	struct buf again = {0};
	sources_save(sources, &again);
	struct sources *other = begin();
	unpack = (struct unpack){.at = again.data, .end = again.data + again.length};
	CHECK(sources_load(other, &unpack) && unpack_good(&unpack));
	sources_free(other);
	sources_free(sources);
	buf_free(&again);
	buf_free(&bytes);
	return 0;
}
