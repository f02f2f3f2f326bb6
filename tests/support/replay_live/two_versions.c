#include "tests/support/replay_live/two_versions.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants those first */
#include <cmocka.h>

#include "core/registry/registry.h"
#include "tests/kit/place.h"

void
two_versions_models(const char *folder)
{
	static const char model[] =
	    "{\"kind\":\"linear\",\"link\":\"logistic\",\"intercept\":%g,\"features\":["
	    "{\"name\":\"x\",\"weight\":%g},{\"name\":\"word\",\"weight\":1}]}";
	static const char metadata[] = "{\"version\":\"%s\",\"threshold\":0.5,"
				       "\"categories\":{\"word\":{\"low\":-1,\"high\":1}}}";
	for (int i = 1; i <= 3; i++) {
		char name[64], text[512], version[16];
		snprintf(version, sizeof(version), "%d", i);
		snprintf(name, sizeof(name), "m%d.json", i);
		snprintf(text, sizeof(text), model, 0.0, i == 2 ? -2.0 : 2.0 + i);
		place_write(folder, name, text);
		snprintf(name, sizeof(name), "m%d.metadata.json", i);
		snprintf(text, sizeof(text), metadata, version);
		place_write(folder, name, text);
	}
}

void
two_versions_registry(const char *folder)
{
	struct err err = {0};
	int64_t epoch = 0;
	char *path = place_path(folder, "registry.db");
	struct registry *registry = registry_open("r", "local", path, true, &err);
	assert_non_null(registry);
	for (int i = 1; i <= 2; i++) {
		char name[32], version[16];
		snprintf(name, sizeof(name), "m%d.json", i);
		snprintf(version, sizeof(version), "%d", i);
		char *model = place_path(folder, name);
		assert_true(
		    registry_add_version(registry, "m", version, model, 0.5, NULL, "test", &err));
		assert_true(registry_set_alias(
		    registry, "m", "production", version, epoch, "test", "", &epoch, &err));
		free(model);
	}
	registry_close(registry);
	free(path);
}

double
two_versions_x(int i)
{
	return (i % 21 - 10) / 10.0 + 0.01;
}

double
two_versions_score(int i, double weight)
{
	return 1 / (1 + exp(-(weight * two_versions_x(i) + (i % 2 ? 1 : -1))));
}

void
two_versions_log(const char *folder, int count)
{
	FILE *file = place_open(folder, "log.jsonl", "a");
	for (int i = 0; i < count; i++) {
		fprintf(file,
		    "{\"ts\":\"2026-01-28T14:%02d:%02dZ\",\"request_id\":\"r%d\",\"service\":\"s\","
		    "\"model\":\"m\",\"version\":\"2\",",
		    i / 60, i % 60, i);
		if (i % 50 == 7)
			fprintf(file, "\"status\":500}\n");
		else
			fprintf(file,
			    "\"score\":%.17g,\"threshold\":0.5,\"features\":{\"x\":%.17g%s}}\n",
			    two_versions_score(i, -2), two_versions_x(i),
			    i % 60 == 11 ? ""
			    : i % 2	 ? ",\"word\":\"high\""
					 : ",\"word\":\"low\"");
	}
	place_close(file);
}

void
two_versions_labels(const char *folder, int count)
{
	FILE *file = place_open(folder, "labels.jsonl", "a");
	for (int i = 0; i < count; i++)
		fprintf(file,
		    "{\"ts\":\"2026-01-28T14:50:00Z\",\"request_id\":\"r%d\",\"label\":%d}\n", i,
		    two_versions_x(i) > 0.4);
	place_close(file);
}
