/* replay_files.c: model files that the live screen asks: what is too slow for it is not asked. */
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

#include "core/base/buf.h"
#include "core/model/explain.h"
#include "core/monitor/replay_files.h"

enum { DEPTH = 1000, TREES = 60 };

/* Appends an array of one element a node of a chain: DEPTH splits, each with a leaf to its right.
 */
static void
put_array(struct buf *out, const char *name, double split, double leaf, int child)
{
	buf_printf(out, ",\"%s\":[", name);
	for (int node = 0; node <= 2 * DEPTH; node++) {
		bool splits = node % 2 == 0 && node < 2 * DEPTH;
		double value = splits ? split : leaf;
		if (child > 0)
			value = splits ? node + (child == 1 ? 2 : 1) : -1;
		else if (strcmp(name, "split_indices") == 0)
			value = splits ? node / 2 : 0;
		buf_printf(out, "%s%g", node > 0 ? "," : "", value);
	}
	buf_puts(out, "]");
}

/* An XGBoost model of few, but very deep trees. */
static void
write_deep(const char *path)
{
	struct buf tree = {0}, out = {0};
	buf_printf(&tree, "{\"tree_param\":{\"num_nodes\":\"%d\"}", 2 * DEPTH + 1);
	put_array(&tree, "left_children", 0, 0, 1);
	put_array(&tree, "right_children", 0, 0, 2);
	put_array(&tree, "split_indices", 0, 0, 0);
	put_array(&tree, "split_conditions", 0.5, 0.01, 0);
	put_array(&tree, "default_left", 1, 0, 0);
	put_array(&tree, "sum_hessian", 2, 1, 0);
	buf_puts(&tree, "}");
	buf_printf(&out,
	    "{\"learner\":{\"attributes\":{},\"feature_names\":[],\"gradient_booster\":{\"name\":"
	    "\"gbtree\",\"model\":{\"gbtree_model_param\":{\"num_trees\":\"%d\"},\"trees\":[",
	    TREES);
	for (int i = 0; i < TREES; i++)
		buf_printf(&out, "%s%s", i > 0 ? "," : "", tree.data);
	buf_printf(&out,
	    "]}},\"learner_model_param\":{\"base_score\":\"0.5\",\"num_class\":\"0\","
	    "\"num_feature\":\"%d\"},\"objective\":{\"name\":\"binary:logistic\"}},\"version\":[2,"
	    "1,"
	    "0]}",
	    DEPTH);
	struct err err = {0};
	assert_true(buf_write_file(path, out.data, out.length, 0600, &err));
	buf_free(&tree);
	buf_free(&out);
}

static const struct replay_file *
read_one(struct replay_files *files, const char *path)
{
	const struct replay_file *file = replay_files_begin(files, path, "", NULL);
	for (int i = 0; i < 6000 && !replay_files_poll(files); i++)
		usleep(10000);
	assert_false(file->loading);
	if (file->model == NULL)
		fail_msg("%s", file->problem.text);
	return file;
}

static void
a_model_that_takes_long_to_explain_is_asked_but_not_explained(void **state)
{
	(void)state;
	char path[] = "/tmp/fraudtop-deep-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	write_deep(path);
	struct replay_files *files = replay_files_new();
	const struct replay_file *file = read_one(files, path);
	assert_null(file->explainer);
	assert_non_null(strstr(file->unexplained.text, "too long for the screen"));
	struct err err = {0};
	struct explainer *explainer = explainer_new(file->model, &err); /* elsewhere it can be */
	assert_non_null(explainer);
	explainer_free(explainer);
	replay_files_free(files);
	unlink(path);
}

static void
the_demos_models_are_explained(void **state)
{
	(void)state;
	struct replay_files *files = replay_files_new();
	const struct replay_file *file =
	    read_one(files, "core/service/models/fraud_classifier_12.json");
	assert_non_null(file->explainer);
	replay_files_free(files);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_model_that_takes_long_to_explain_is_asked_but_not_explained),
	    cmocka_unit_test(the_demos_models_are_explained),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
