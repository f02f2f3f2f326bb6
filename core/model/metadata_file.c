/* metadata_file.c: which file beside a model's tells of it. One that bears the model's name does;
 * a plain metadata.json, which other tools write too, only if it names the model's file, or names
 * none and says nothing that is unknown here. */
#include "core/model/metadata_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/model/metadata_parts.h"

enum { CLEAN_PATH = 4096 };
static const size_t bytes_max = (size_t)8 << 20;

/* The length of a path without a model's ending. */
static size_t
stem_length(const char *path)
{
	static const char *const endings[] = {
	    ".json", ".ubj", ".ubjson", ".txt", ".model", ".bin", ".lgb", ".xgb"};
	size_t length = strlen(path);
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t width = strlen(endings[i]);
		if (length > width && path[length - width - 1] != '/' &&
		    strcmp(path + length - width, endings[i]) == 0)
			return length - width;
	}
	return length;
}

static bool
is_file(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL ? slash + 1 : path;
}

/* Does a plain metadata.json tell of the file of this name? */
static bool
tells_of(const cJSON *root, const char *name)
{
	static const char *const members[] = {"model", "version", "trained_at", "threshold",
	    "sha256", "artifact", "metrics", "note", "features", "categories", "calibration"};
	const cJSON *artifact = cJSON_GetObjectItemCaseSensitive(root, "artifact");
	const cJSON *item;
	if (!cJSON_IsObject(root))
		return false;
	if (cJSON_IsString(artifact))
		return strcmp(base_name(artifact->valuestring), name) == 0;
	cJSON_ArrayForEach(item, root)
	{
		size_t i = 0, count = sizeof(members) / sizeof(members[0]);
		while (i < count && strcmp(members[i], item->string) != 0)
			i++;
		if (i == count)
			return false;
	}
	return true;
}

/* Empties the text again if the file tells of another thing. */
static bool
read_plain(const char *path, const char *plain, struct buf *text, struct err *err)
{
	if (!buf_read_file(text, plain, bytes_max, err))
		return false;
	cJSON *root = skeleton_parse_text(text->data, err);
	if (root == NULL)
		return err_prefix(
		    err, "%s, which may be the metadata of %s", plain, base_name(path));
	if (!tells_of(root, base_name(path)))
		buf_clear(text);
	cJSON_Delete(root);
	return true;
}

bool
model_metadata_read(const char *path, struct buf *text, char **found, struct err *err)
{
	char *whole = mem_printf("%s.metadata.json", path);
	char *stem = mem_printf("%.*s.metadata.json", (int)stem_length(path), path);
	char *plain = mem_printf("%.*smetadata.json", (int)(base_name(path) - path), path);
	char *beside = access(whole, F_OK) == 0 ? whole : access(stem, F_OK) == 0 ? stem : NULL;
	bool done = true;
	*found = NULL;
	if (beside != NULL) {
		done = buf_read_file(text, beside, bytes_max, err);
	} else if (is_file(plain) && strcmp(base_name(path), "metadata.json") != 0) {
		done = read_plain(path, plain, text, err);
		beside = text->length > 0 ? plain : NULL;
	}
	if (done && beside != NULL)
		*found = mem_string(beside);
	free(whole);
	free(stem);
	free(plain);
	return done;
}

bool
metadata_load(
    struct model *model, const char *path, const void *bytes, size_t length, struct err *err)
{
	const struct metadata_file file = {
	    .path = base_name(path), .bytes = bytes, .length = length};
	struct buf text = {0};
	char *found = NULL;
	bool done = model_metadata_read(path, &text, &found, err);
	if (done && found != NULL) {
		done = metadata_set(model, text.data, &file, err) || err_prefix(err, "%s", found);
		if (done) {
			char clean[CLEAN_PATH];
			text_scrub(clean, sizeof(clean), found, strlen(found));
			model->metadata.path = mem_string(clean);
		}
	}
	free(found);
	buf_free(&text);
	return done;
}
