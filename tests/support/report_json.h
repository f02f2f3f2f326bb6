/* report_json.h: what the tests of a report share: text into a dataset, a report into JSON, and
 * what stands where in it. To be included once, after cmocka.h. */
#ifndef FRAUDTOP_TESTS_REPORT_JSON_H
#define FRAUDTOP_TESTS_REPORT_JSON_H

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/err.h"
#include "core/report/report.h"

static void
read_text(struct dataset *data, const char *text, const struct dataset_options *options)
{
	char path[] = "/tmp/fraudtop-report-XXXXXX";
	struct err err = {0};
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	bool done = dataset_read(data, path, options, &err);
	unlink(path);
	if (!done)
		fail_msg("%s", err.text);
}

static cJSON *
report_by(const struct config *config, const struct dataset *data, const struct dataset *reference,
    const struct profile *profile, double threshold)
{
	struct report_input input = {.data = data,
	    .reference = reference,
	    .profile = profile,
	    .threshold = threshold,
	    .config = config};
	struct buf out = {0};
	struct err err = {0};
	if (!report_write(&input, false, &out, &err))
		fail_msg("%s", err.text);
	cJSON *root = cJSON_Parse(out.data);
	assert_non_null(root);
	buf_free(&out);
	return root;
}

static inline cJSON *
report(const struct dataset *data, const struct dataset *reference, const struct profile *profile,
    double threshold)
{
	struct config *config = config_new();
	cJSON *root = report_by(config, data, reference, profile, threshold);
	config_free(config);
	return root;
}

/* What stands at a path of keys and places, such as `versions/0/quality/tp`. */
static const cJSON *
at(const cJSON *item, const char *path)
{
	char part[64];
	for (const char *from = path; item != NULL && *from != '\0';) {
		size_t length = strcspn(from, "/");
		snprintf(part, sizeof(part), "%.*s", (int)length, from);
		item = cJSON_IsArray(item) ? cJSON_GetArrayItem(item, atoi(part))
					   : cJSON_GetObjectItemCaseSensitive(item, part);
		from += length + (from[length] == '/');
	}
	if (item == NULL)
		fail_msg("nothing at %s", path);
	return item;
}

struct expected {
	const char *path;
	double value; /* NaN: null */
};

static void
expect(const cJSON *root, const struct expected *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const cJSON *item = at(root, list[i].path);
		bool right =
		    isnan(list[i].value)
			? cJSON_IsNull(item)
			: cJSON_IsNumber(item) && fabs(item->valuedouble - list[i].value) < 1e-12;
		char *text = cJSON_PrintUnformatted(item);
		if (!right)
			fail_msg("%s is %s, not %.17g", list[i].path, text, list[i].value);
		free(text);
	}
}
#define EXPECT(root, ...)                                                                          \
	expect(root, (const struct expected[]){__VA_ARGS__},                                       \
	    sizeof((const struct expected[]){__VA_ARGS__}) / sizeof(struct expected))

#endif
