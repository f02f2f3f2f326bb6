#include "tests/kit/report_json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/report/report.h"

void
report_json_read(struct dataset *data, const char *text, const struct dataset_options *options)
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

cJSON *
report_json_by(const struct config *config, const struct dataset *data,
    const struct dataset *reference, const struct profile *profile, double threshold)
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

cJSON *
report_json(const struct dataset *data, const struct dataset *reference,
    const struct profile *profile, double threshold)
{
	struct config *config = config_new();
	cJSON *root = report_json_by(config, data, reference, profile, threshold);
	config_free(config);
	return root;
}

const cJSON *
report_json_at(const cJSON *item, const char *path)
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

void
report_json_expect(const cJSON *root, const struct report_expected *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const cJSON *item = report_json_at(root, list[i].path);
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
