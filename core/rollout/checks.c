/* checks.c: what is looked at before a rollout, and what each finding means for it.
 *
 * A rollback is for emergencies: only what would make things worse for certain stops it. A promote
 * is stopped by whatever cannot be known. */
#include "core/rollout/rollout.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/model/model.h"
#include "core/registry/artifact.h"

struct checking {
	struct rollout_plan *plan;
	struct registry *registry;
	struct rollout_check *checks;
	unsigned count;
	struct registry_version target;
	struct model *model;
	struct err failure; /* of the first check that failed */
	unsigned failures;
};

static void add(struct checking *checking, int verdict, int code, const char *name,
    const char *format, ...) __attribute__((format(printf, 5, 6)));

static void
add(struct checking *checking, int verdict, int code, const char *name, const char *format, ...)
{
	struct rollout_check *check = &checking->checks[checking->count++];
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	memset(check, 0, sizeof(*check));
	text_copy(check->name, sizeof(check->name), name);
	text_scrub(check->text, sizeof(check->text), text, strlen(text));
	check->verdict = verdict;
	if (verdict == ROLLOUT_FAIL && checking->failures++ == 0)
		err_set(&checking->failure, code, "%s", text);
}

static void
check_current(struct checking *checking)
{
	const struct rollout_plan *plan = checking->plan;
	if (strcmp(plan->from, plan->to) == 0)
		add(checking, ROLLOUT_FAIL, ERR_FAILED, "current",
		    "%s of %s is at version %s already", plan->alias, plan->model, plan->to);
	else
		add(checking, ROLLOUT_PASS, 0, "current", "moves %s of %s from %s to %s",
		    plan->alias, plan->model, plan->from, plan->to);
}

static bool
check_target(struct checking *checking)
{
	struct err err = {0};
	const struct rollout_plan *plan = checking->plan;
	if (!registry_get_version(
		checking->registry, plan->model, plan->to, &checking->target, &err)) {
		add(checking, ROLLOUT_FAIL, ERR_FAILED, "target", "%s", err.text);
		return false;
	}
	add(checking, ROLLOUT_PASS, 0, "target", "version %s is registered, by %s", plan->to,
	    checking->target.created_by);
	return true;
}

static bool
check_artifact(struct checking *checking)
{
	struct err err = {0};
	char hex[HASH_HEX_SIZE];
	const struct registry_version *target = &checking->target;
	if (access(target->path, R_OK) != 0) {
		add(checking, ROLLOUT_FAIL, ERR_GATE, "artifact", "%s cannot be read",
		    target->path);
		return false;
	}
	add(checking, ROLLOUT_PASS, 0, "artifact", "%s", target->path);
	bool hashed = hash_sha256_file(target->path, hex, &err);
	bool same = hashed && strcmp(hex, target->sha256) == 0;
	if (!hashed)
		add(checking, ROLLOUT_FAIL, ERR_GATE, "sha256", "%s", err.text);
	else if (!same)
		add(checking, ROLLOUT_FAIL, ERR_GATE, "sha256",
		    "the file is not the one that was registered: SHA-256 %.12s, registered %.12s",
		    hex, target->sha256);
	else
		add(checking, ROLLOUT_PASS, 0, "sha256", "%.12s as registered", hex);
	return same;
}

/* Loads a version's model as a service does: its file and the registry's metadata, no others. */
static struct model *
load_version(struct checking *checking, const struct registry_version *version, struct err *err)
{
	char *metadata =
	    registry_metadata(checking->registry, version->model, version->version, err);
	if (metadata == NULL)
		return NULL;
	struct model *model = artifact_load(version->path, version->sha256, metadata, err);
	free(metadata);
	return model;
}

static void
check_loads(struct checking *checking)
{
	struct err err = {0};
	checking->model = load_version(checking, &checking->target, &err);
	if (checking->model == NULL)
		add(checking, ROLLOUT_FAIL, ERR_GATE, "loads", "%s", err.text);
	else
		add(checking, ROLLOUT_PASS, 0, "loads", "%s, %zu features",
		    model_kind(checking->model), model_features(checking->model));
}

/* Appends the features of `one` that `other` lacks; returns how many. */
static size_t
list_missing(const struct model *one, const struct model *other, char *text, size_t size)
{
	size_t missing = 0;
	for (size_t i = 0; i < model_features(one); i++) {
		if (model_find(other, model_feature(one, i)) >= 0)
			continue;
		if (missing++ < 3)
			text_append(text, size, " %s", model_feature(one, i));
		else if (missing == 4)
			text_append(text, size, " ...");
	}
	return missing;
}

/* The first feature that is a category in one model and a number in the other. */
static const char *
find_other_kind(const struct model *one, const struct model *other)
{
	for (size_t i = 0; i < model_features(one); i++) {
		int at = model_find(other, model_feature(one, i));
		if (at >= 0 && model_categorical(one, i) != model_categorical(other, (size_t)at))
			return model_feature(one, i);
	}
	return NULL;
}

static void
compare_features(struct checking *checking, const struct model *present)
{
	char more[80] = "", less[80] = "";
	size_t wants = list_missing(checking->model, present, more, sizeof(more));
	size_t drops = list_missing(present, checking->model, less, sizeof(less));
	const char *kind = find_other_kind(checking->model, present);
	if (wants + drops > 0)
		add(checking, ROLLOUT_FAIL, ERR_GATE, "features",
		    "other features than now:%s%s%s%s", wants > 0 ? " wants" : "", more,
		    drops > 0 ? " lacks" : "", less);
	else if (kind != NULL)
		add(checking, ROLLOUT_WARN, 0, "features",
		    "%s is a category in one version and a number in the other", kind);
	else
		add(checking, ROLLOUT_PASS, 0, "features", "the same %zu as now",
		    model_features(present));
}

static void
check_features(struct checking *checking)
{
	struct err err = {0};
	struct registry_version version;
	struct model *present = NULL;
	const struct rollout_plan *plan = checking->plan;
	if (registry_get_version(checking->registry, plan->model, plan->from, &version, &err))
		present = load_version(checking, &version, &err);
	if (present != NULL)
		compare_features(checking, present);
	else
		add(checking, strcmp(plan->operation, "promote") == 0 ? ROLLOUT_FAIL : ROLLOUT_WARN,
		    ERR_GATE, "features", "cannot be compared with the present version's: %s",
		    err.text);
	model_free(present);
}

static void
check_threshold(struct checking *checking)
{
	double threshold = checking->target.threshold;
	if (isnan(threshold) && checking->model != NULL)
		threshold = model_threshold(checking->model);
	if (isnan(threshold))
		add(checking, ROLLOUT_WARN, 0, "threshold",
		    "none is recorded for version %s: the service's own will stay",
		    checking->plan->to);
	else
		add(checking, ROLLOUT_PASS, 0, "threshold", "%g comes with version %s", threshold,
		    checking->plan->to);
}

static bool
changed(const struct rollout_plan *plan, const struct registry_alias *now, struct err *err)
{
	char at[32];
	return err_set(err, ERR_CHANGED,
	    "%s of %s is at version %s since %s (by %s, epoch %lld), not as it was shown",
	    plan->alias, plan->model, now->version, clock_format(at, sizeof(at), now->changed_at),
	    now->changed_by, (long long)now->epoch);
}

/* A registry's missing thing is its refusal; a busy or broken registry refuses too. */
static bool
refused(struct err *err)
{
	if (err != NULL && err->code != ERR_PERMISSION)
		err->code = ERR_FAILED;
	return false;
}

static bool
fill_plan(struct rollout_plan *plan, struct registry *registry, struct err *err)
{
	struct registry_alias now;
	bool rollback = strcmp(plan->operation, "rollback") == 0;
	if (!rollback && strcmp(plan->operation, "promote") != 0)
		return err_set(err, ERR_USAGE, "no operation `%s`", plan->operation);
	if (!rollback && plan->to[0] == '\0')
		return err_set(err, ERR_USAGE, "a promote needs a version");
	if (plan->registry[0] == '\0')
		text_copy(plan->registry, sizeof(plan->registry), registry_name(registry));
	if (!registry_get_alias(registry, plan->model, plan->alias, &now, err))
		return refused(err);
	if ((plan->from[0] != '\0' && strcmp(plan->from, now.version) != 0) ||
	    (plan->epoch != 0 && plan->epoch != now.epoch))
		return changed(plan, &now, err);
	text_copy(plan->from, sizeof(plan->from), now.version);
	plan->epoch = now.epoch;
	if (plan->to[0] == '\0' &&
	    !registry_previous(registry, plan->model, plan->alias, plan->to, err)) {
		err_prefix(err, "there is no version to go back to by itself (name one with --to)");
		return refused(err);
	}
	return true;
}

bool
rollout_prepare(struct rollout_plan *plan, struct registry *registry, struct rollout_check *checks,
    unsigned *count, struct err *err)
{
	struct checking checking = {.plan = plan, .registry = registry, .checks = checks};
	*count = 0;
	if (!fill_plan(plan, registry, err))
		return false;
	check_current(&checking);
	if (check_target(&checking) && check_artifact(&checking)) {
		check_loads(&checking);
		if (checking.model != NULL)
			check_features(&checking);
		check_threshold(&checking);
	}
	model_free(checking.model);
	*count = checking.count;
	if (checking.failures == 0)
		return true;
	err_set(err, checking.failure.code, "%s", checking.failure.text);
	if (checking.failures > 1)
		err_prefix(err, "%u checks failed, the first", checking.failures);
	return false;
}
