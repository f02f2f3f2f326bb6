/* report_json.h: for the tests of reports: text into a dataset, a report into JSON, and what stands
 * where in it. Each fails the test where it cannot. */
#ifndef FRAUDTOP_TESTS_KIT_REPORT_JSON_H
#define FRAUDTOP_TESTS_KIT_REPORT_JSON_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "core/report/report.h"

void report_json_read(
    struct dataset *data, const char *text, const struct dataset_options *options);

/* Free it with cJSON_Delete. The first is by the configuration as it comes. */
cJSON *report_json(const struct dataset *data, const struct dataset *reference,
    const struct profile *profile, double threshold);
cJSON *report_json_by(const struct config *config, const struct dataset *data,
    const struct dataset *reference, const struct profile *profile, double threshold);

/* What stands at a path of keys and places, such as `versions/0/quality/tp`. */
const cJSON *report_json_at(const cJSON *item, const char *path);

struct report_expected {
	const char *path;
	double value; /* NaN: null */
};
void report_json_expect(const cJSON *root, const struct report_expected *list, size_t count);
#define REPORT_EXPECT(root, ...)                                                                   \
	report_json_expect(root, (const struct report_expected[]){__VA_ARGS__},                    \
	    sizeof((const struct report_expected[]){__VA_ARGS__}) /                                \
		sizeof(struct report_expected))

#endif
