#include "core/monitor/replay_files.h"

#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/priority.h"
#include "core/base/text.h"
#include "core/registry/artifact.h"

static const int64_t explain_us_max = 3000;

struct held_file {
	struct replay_file file; /* first, so that a pointer to it is one to the whole */
	struct held_file *next;
	char *path, *sha256, *metadata;
	pthread_t thread;
	atomic_bool done; /* by the thread, which touches nothing after it */
	bool wanted, forgotten;
};

struct replay_files {
	struct held_file *list;
};

struct replay_files *
replay_files_new(void)
{
	return mem_alloc(sizeof(struct replay_files));
}

static void
take_over(struct held_file *held)
{
	pthread_join(held->thread, NULL);
	held->file.loading = false;
}

static void
free_held(struct held_file *held)
{
	if (held->file.loading)
		take_over(held);
	explainer_free(held->file.explainer);
	inputs_free(held->file.inputs);
	model_free(held->file.model);
	free(held->path);
	free(held->sha256);
	free(held->metadata);
	free(held);
}

void
replay_files_free(struct replay_files *files)
{
	if (files == NULL)
		return;
	while (files->list != NULL) {
		struct held_file *next = files->list->next;
		free_held(files->list);
		files->list = next;
	}
	free(files);
}

struct replay_file *
replay_files_find(struct replay_files *files, const char *path, const char *sha256)
{
	for (struct held_file *held = files->list; held != NULL; held = held->next) {
		if (!held->forgotten && strcmp(held->path, path) == 0 &&
		    strcmp(held->sha256, sha256) == 0) {
			held->wanted = true;
			return &held->file;
		}
	}
	return NULL;
}

/* Whose explanations would keep a key waiting is not explained on the loop: a result has those of
 * sixteen rows at once. What one takes does not depend on the row. */
static void
check_explainer(struct replay_file *file)
{
	size_t features = model_features(file->model);
	double *row = mem_grow(NULL, 2 * features + 1, sizeof(*row));
	for (size_t i = 0; i < features; i++)
		row[i] = NAN;
	int64_t cost = INT64_MAX;
	for (int tries = 0; tries < 3 && cost > explain_us_max; tries++) { /* it may be set aside */
		mono_us began = clock_mono();
		explainer_rows(file->explainer, row, 1, row + features);
		int64_t took = clock_mono() - began;
		cost = took < cost ? took : cost;
	}
	free(row);
	if (cost <= explain_us_max)
		return;
	explainer_free(file->explainer);
	file->explainer = NULL;
	err_set(&file->unexplained, ERR_DATA,
	    "one explanation takes %" PRId64 " ms, too long for the screen; fraudtop replay "
	    "--request ID gives it",
	    cost / 1000);
}

static void *
read_file(void *context)
{
	struct held_file *held = context;
	priority_give_way();
	struct replay_file *file = &held->file;
	file->model = held->sha256[0] != '\0'
			  ? artifact_load(held->path, held->sha256, held->metadata, &file->problem)
			  : artifact_load_file(held->path, &file->problem);
	if (file->model != NULL) {
		file->inputs = inputs_new(file->model);
		file->explainer = explainer_new(file->model, &file->unexplained);
		if (file->explainer != NULL)
			check_explainer(file);
	}
	atomic_store(&held->done, true);
	return NULL;
}

struct replay_file *
replay_files_begin(
    struct replay_files *files, const char *path, const char *sha256, const char *metadata)
{
	struct held_file *held = mem_alloc(sizeof(*held));
	sigset_t all, before;
	held->path = mem_string(path);
	held->sha256 = mem_string(sha256);
	held->metadata = mem_string(metadata != NULL ? metadata : "{}");
	held->wanted = held->file.loading = true;
	held->next = files->list;
	files->list = held;
	sigfillset(&all); /* signals are the loop's */
	pthread_sigmask(SIG_BLOCK, &all, &before);
	bool started = pthread_create(&held->thread, NULL, read_file, held) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!started) {
		held->file.loading = false;
		err_set(&held->file.problem, ERR_FAILED, "%s: no thread to read it with", path);
	}
	return &held->file;
}

bool
replay_files_poll(struct replay_files *files)
{
	bool any = false;
	for (struct held_file *held = files->list; held != NULL; held = held->next) {
		if (!held->file.loading || !atomic_load(&held->done))
			continue;
		take_over(held);
		any = true;
	}
	return any;
}

void
replay_files_sweep(struct replay_files *files)
{
	for (struct held_file **link = &files->list; *link != NULL;) {
		struct held_file *held = *link;
		if (held->file.loading || held->wanted) {
			held->wanted = false;
			link = &held->next;
			continue;
		}
		*link = held->next;
		free_held(held);
	}
}

void
replay_files_forget(struct replay_files *files)
{
	for (struct held_file *held = files->list; held != NULL; held = held->next)
		held->forgotten |= !held->file.loading && held->file.model == NULL;
}

static void
fill_reasons(struct why_view *view, const struct replay_file *file, const double *row)
{
	struct replay_why *why = &view->why;
	if (file->explainer == NULL) {
		text_copy(view->problem, sizeof(view->problem), file->unexplained.text);
		return;
	}
	replay_explain(why, file->model, file->explainer, row, WHY_REASONS);
	for (size_t i = 0; i < why->count; i++)
		text_copy(view->inputs[i], sizeof(view->inputs[i]),
		    model_feature(file->model, why->reasons[i].feature));
}

void
replay_file_explain(const struct replay_file *file, const struct prediction *prediction,
    double threshold, struct why_view *why)
{
	why->known = false;
	why->score = NAN;
	why->threshold = threshold;
	why->problem[0] = '\0';
	why->why = (struct replay_why){.margin = NAN, .base = NAN, .rest = NAN};
	if (file == NULL || file->loading || file->model == NULL) {
		text_copy(why->problem, sizeof(why->problem),
		    file == NULL    ? "no registry tells where its model file is"
		    : file->loading ? "its model file is being read"
				    : file->problem.text);
		return;
	}
	double *row = mem_grow(NULL, model_features(file->model) + 1, sizeof(*row));
	size_t lacking = inputs_record(file->inputs, prediction, row);
	if (lacking > 0) {
		snprintf(why->problem, sizeof(why->problem),
		    "the record does not name %zu of the %zu inputs of its model", lacking,
		    model_features(file->model));
	} else {
		why->known = true;
		model_score(file->model, row, &why->score);
		fill_reasons(why, file, row);
	}
	free(row);
}
