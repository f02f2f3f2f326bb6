/* vectors.c: known answers. `vectors [FILE...]` runs files of METRICS.md section 4's form against
 * core, names each case that fails with what came out and what should have, and ends with the line
 * `N passed, N failed`, counting cases; its exit status is 1 if any failed.
 *
 * Without a FILE it runs ../shared/data/vectors.json, and says so loudly if that is not there. With
 * CMOCKA_MESSAGE_OUTPUT=TAP (tests/run) it prints one line of TAP a metric besides. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "tests/support/vectors/vectors.h"

#define VECTORS "../shared/data/vectors.json"

static unsigned passed, failed, tap_lines;
static bool tap;

static const struct vector_metric *
find_metric(const char *name)
{
	const struct vector_metric *const lists[] = {vectors_of_distributions, vectors_of_drift,
	    vectors_of_counts, vectors_of_quality, vectors_of_estimates, vectors_of_sketches,
	    vectors_of_streams};
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		for (const struct vector_metric *metric = lists[i]; metric->name != NULL;
		     metric++) {
			if (strcmp(metric->name, name) == 0)
				return metric;
		}
	}
	return NULL;
}

static const char *
text_of(const cJSON *json, const char *key)
{
	const cJSON *item = vector_item(json, key);
	return cJSON_IsString(item) ? item->valuestring : "(none)";
}

static bool
run_case(const cJSON *json)
{
	const cJSON *tolerance = vector_item(json, "tolerance");
	struct vector v = {.id = text_of(json, "id"),
	    .inputs = vector_item(json, "inputs"),
	    .params = vector_item(json, "params"),
	    .expected = vector_item(json, "expected"),
	    .abs = vector_number(vector_item(tolerance, "abs")),
	    .rel = vector_number(vector_item(tolerance, "rel"))};
	const struct vector_metric *metric = find_metric(text_of(json, "metric"));
	v.abs = isnan(v.abs) ? 0 : v.abs;
	v.rel = isnan(v.rel) ? 0 : v.rel;
	if (metric == NULL) {
		vector_fault(&v, "nobody computes the metric %s", text_of(json, "metric"));
	} else {
		metric->run(&v);
		vector_finish(&v);
	}
	bool good = v.faults.length == 0;
	if (!good)
		fputs(v.faults.data, stdout);
	for (size_t i = 0; i < v.word_count; i++)
		free(v.words[i]);
	free(v.words);
	free(v.seen);
	buf_free(&v.faults);
	return good;
}

static void
run_metric(const cJSON *cases, const char *metric)
{
	const cJSON *one;
	unsigned good = 0, bad = 0;
	cJSON_ArrayForEach(one, cases)
	{
		if (strcmp(text_of(one, "metric"), metric) == 0)
			*(run_case(one) ? &good : &bad) += 1;
	}
	passed += good;
	failed += bad;
	if (tap)
		printf("%sok %u - %s: %u known answers, %u failed\n", bad > 0 ? "not " : "",
		    ++tap_lines, metric, good + bad, bad);
}

static bool
is_first_of_its_metric(const cJSON *cases, const cJSON *one)
{
	const cJSON *other = cases->child;
	while (other != one && strcmp(text_of(other, "metric"), text_of(one, "metric")) != 0)
		other = other->next;
	return other == one;
}

static void
refuse(const char *path, const char *why)
{
	failed++;
	if (tap)
		printf("not ok %u - %s\n", ++tap_lines, path);
	printf("%s: %s\n", path, why);
}

static void
run_file(const char *path, bool needed)
{
	struct buf text = {0};
	struct err err;
	if (!needed && access(path, F_OK) != 0) {
		printf("%s%s is not there: NO KNOWN ANSWER IS CHECKED\n",
		    tap ? "ok 1 - known answers # SKIP " : "SKIPPED: ", path);
		return;
	}
	if (!buf_read_file(&text, path, 256 << 20, &err)) {
		refuse(path, err.text);
		return;
	}
	cJSON *file = cJSON_Parse(text.data);
	const cJSON *cases = vector_item(file, "cases"), *one;
	if (!cJSON_IsArray(cases) || cases->child == NULL)
		refuse(path, "no file of known answers: it has no cases");
	else
		cJSON_ArrayForEach(one, cases)
		{
			if (is_first_of_its_metric(cases, one))
				run_metric(cases, text_of(one, "metric"));
		}
	cJSON_Delete(file);
	buf_free(&text);
}

int
main(int argc, char **argv)
{
	const char *output = getenv("CMOCKA_MESSAGE_OUTPUT");
	tap = output != NULL && strcmp(output, "TAP") == 0;
	if (argc < 2)
		run_file(VECTORS, false);
	for (int i = 1; i < argc; i++)
		run_file(argv[i], true);
	printf("%u passed, %u failed\n", passed, failed);
	return failed > 0;
}
