/* stage_files.c: what lies in the stage's folder before anything runs. */
#include <errno.h>
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/model/model.h"
#include "core/reference/profile.h"
#include "core/registry/registry.h"
#include "core/service/stage_run.h"

static const char model_12[] = {
#include "core/service/models/fraud_classifier_12.json.inc"
};
static const char metadata_12[] = {
#include "core/service/models/fraud_classifier_12.metadata.json.inc"
    0};
static const char model_13[] = {
#include "core/service/models/fraud_classifier_13.json.inc"
};
static const char metadata_13[] = {
#include "core/service/models/fraud_classifier_13.metadata.json.inc"
    0};

static const struct embedded {
	const char *version, *model;
	size_t length;
	const char *metadata;
} embedded[] = {{"12", model_12, sizeof(model_12), metadata_12},
    {"13", model_13, sizeof(model_13), metadata_13}};
enum { EMBEDDED = sizeof(embedded) / sizeof(embedded[0]) };

char *
stage_path(const struct stage_run *run, const char *name)
{
	return mem_printf("%s/%s", run->folder, name);
}

struct model *
stage_model(const char *version, const char **metadata, struct err *err)
{
	const struct embedded *it = &embedded[0];
	while (strcmp(it->version, version) != 0)
		it++;
	struct model *model = model_parse(it->model, it->length, "the demo's model", err);
	*metadata = it->metadata;
	if (model != NULL && !model_set_metadata(model, it->metadata, err)) {
		model_free(model);
		model = NULL;
	}
	return model;
}

static bool
add_version(
    struct stage_run *run, struct registry *registry, const struct embedded *it, struct err *err)
{
	char *path = mem_printf("%s/%s_%s.json", run->folder, STAGE_MODEL, it->version);
	char *metadata_path =
	    mem_printf("%s/%s_%s.metadata.json", run->folder, STAGE_MODEL, it->version);
	const char *metadata;
	struct model *model = stage_model(it->version, &metadata, err);
	bool good = model != NULL && buf_write_file(path, it->model, it->length, 0600, err) &&
		    buf_write_file(metadata_path, metadata, strlen(metadata), 0600, err) &&
		    registry_add_version(registry, STAGE_MODEL, it->version, path,
			model_threshold(model), metadata, "train-bot", err);
	model_free(model);
	free(path);
	free(metadata_path);
	return good;
}

static bool
make_registry(struct stage_run *run, struct err *err)
{
	char *path = stage_path(run, "registry.db");
	struct registry *registry = registry_open("demo", "local", path, true, err);
	bool good = registry != NULL;
	int64_t epoch;
	for (int i = 0; good && i < EMBEDDED; i++)
		good = add_version(run, registry, &embedded[i], err);
	for (int i = 0; good && i < STAGE_SERVICES; i++)
		good = registry_set_alias(registry, STAGE_MODEL, run->services[i].alias, "12", 0,
		    "release-bot", "passed the January review", &epoch, err);
	registry_close(registry);
	free(path);
	return good;
}

bool
stage_write_files(struct stage_run *run, struct err *err)
{
	char *log = stage_path(run, "reference.jsonl");
	char *profile = stage_path(run, "reference.profile.json");
	bool good = make_registry(run, err) && stage_write_reference(run, log, err) &&
		    profile_build_file(log, profile, err);
	free(log);
	free(profile);
	return good;
}

bool
stage_write_config(struct stage_run *run, struct err *err)
{
	struct buf text = {0};
	char *path = stage_path(run, "config.yaml");
	buf_puts(&text, "# Made by `fraudtop demo`; removed when it ends.\n"
			"version: 1\ncontext: demo\nservices:\n");
	for (int i = 0; i < STAGE_SERVICES; i++) {
		const struct stage_service *service = &run->services[i];
		buf_printf(&text,
		    "  - name: %s\n    url: http://127.0.0.1:%u\n    log: %s\n"
		    "    labels: labels.jsonl\n    model: " STAGE_MODEL "\n    alias: %s\n"
		    "    registry: demo\n",
		    service->name, service->port, service->log, service->alias);
	}
	buf_puts(&text,
	    "registries:\n  - {name: demo, kind: local, path: registry.db}\n"
	    "references:\n  - {model: " STAGE_MODEL ", profile: reference.profile.json}\n"
	    "windows: {comparison: 2m, quality: 12m}\n"
	    "memory: {join_file: 0}\ningest: {checkpoint: 0s}\n"
	    "screen: {delay: 1s}\n");
	bool good = buf_write_file(path, text.data, text.length, 0600, err);
	buf_free(&text);
	free(path);
	return good;
}

static int
remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
	(void)about;
	(void)kind;
	(void)place;
	return remove(path) != 0 && errno != ENOENT;
}

void
stage_remove_folder(const char *folder)
{
	/* Twice: a process that is just ending may still have made a file. */
	for (int i = 0; i < 2; i++)
		nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
