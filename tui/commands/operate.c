/* operate.c: rollback and promote from the command line, and from the screen, which starts them as
 * a process of its own. Nothing asks back: --confirm and --reason are the arming. */
#include "tui/commands/operate.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/commands/targets.h"

struct step {
	char state[16], line[512];
};

struct operation {
	const struct args *args;
	struct config *config;
	struct registry *registry;
	struct audit *audit;
	struct rollout_plan plan;
	char *memory; /* that the plan points into */
	struct step *steps; /* all that was said */
	size_t steps_count, steps_capacity;
};

/* --- may it be done? --- */

static bool
check_readonly(const struct args *args, struct err *err)
{
	const char *variable = getenv("FRAUDTOP_READONLY");
	if (args_flag(args, "readonly"))
		return err_set(err, ERR_PERMISSION, "not permitted: --readonly");
	if (variable != NULL && strcmp(variable, "0") != 0)
		return err_set(err, ERR_PERMISSION,
		    "not permitted: FRAUDTOP_READONLY is set in the environment");
	return true;
}

static bool
is_blank(const char *text)
{
	return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

/* A dry run needs neither, but what is given must be right. */
static bool
check_confirmation(
    const struct args *args, const char *operation, const char *model, struct err *err)
{
	const char *confirm = args_option(args, "confirm"), *reason = args_option(args, "reason");
	bool dry = args_flag(args, "dry-run");
	char clean[128];
	if (confirm == NULL && !dry)
		return err_set(err, ERR_USAGE,
		    "a %s must be confirmed with the model's name: --confirm %s", operation, model);
	if (confirm != NULL && strcmp(confirm, model) != 0) {
		text_scrub(clean, sizeof(clean), confirm, strlen(confirm));
		return err_set(
		    err, ERR_USAGE, "--confirm says `%s`, but the model is `%s`", clean, model);
	}
	if (is_blank(reason) && (!dry || reason != NULL))
		return err_set(err, ERR_USAGE, "a %s needs a reason: --reason TEXT", operation);
	return true;
}

static bool
take_name(char *dst, size_t size, const char *what, const char *text, struct err *err)
{
	text_scrub(dst, size, text, strlen(text));
	if (strcmp(dst, text) == 0 && text[0] != '\0')
		return true;
	return err_set(
	    err, ERR_USAGE, "%s: `%s` is empty, too long, or has invisible characters", what, dst);
}

static bool
take_action_id(struct rollout_plan *plan, const char *id, struct err *err)
{
	if (id == NULL)
		return true;
	size_t length = strlen(id);
	bool good = length > 0 && length < sizeof(plan->action_id);
	for (size_t i = 0; good && i < length; i++)
		good = isalnum((unsigned char)id[i]) || id[i] == '-';
	if (!good)
		return err_set(err, ERR_USAGE,
		    "--action-id: at most %zu letters, digits and dashes",
		    sizeof(plan->action_id) - 1);
	text_copy(plan->action_id, sizeof(plan->action_id), id);
	return true;
}

/* What the command line alone decides. */
static bool
take_arguments(struct rollout_plan *plan, const struct args *args, const char *operation,
    const char *model, const char *to, struct err *err)
{
	const char *reason = args_option(args, "reason");
	const char *expected = args_option(args, "expect-version");
	const char *epoch = args_option(args, "expect-epoch");
	if (!take_name(plan->model, sizeof(plan->model), "the model", model, err) ||
	    !check_confirmation(args, operation, plan->model, err) ||
	    !take_action_id(plan, args_option(args, "action-id"), err))
		return false;
	if ((to != NULL && !take_name(plan->to, sizeof(plan->to), "the version", to, err)) ||
	    (expected != NULL &&
		!take_name(plan->from, sizeof(plan->from), "--expect-version", expected, err)))
		return false;
	if (epoch != NULL && (!text_to_int64(epoch, &plan->epoch) || plan->epoch < 1))
		return err_set(err, ERR_USAGE, "--expect-epoch: not a number above 0");
	text_copy(plan->operation, sizeof(plan->operation), operation);
	if (reason != NULL)
		text_scrub(plan->reason, sizeof(plan->reason), reason, strlen(reason));
	plan->dry_run = args_flag(args, "dry-run");
	return true;
}

/* --- the target --- */

static bool
find_target(struct operation *operation, struct err *err)
{
	const struct args *args = operation->args;
	struct rollout_plan *plan = &operation->plan;
	struct targets_registry found;
	long long timeout = 0;
	if (operation->config->readonly)
		return err_set(err, ERR_PERMISSION, "not permitted: %s says readonly: true",
		    operation->config->path);
	if (!args_duration(args, "timeout", &timeout, err) ||
	    !targets_find_registry(
		operation->config, args_option(args, "registry"), plan->model, &found, err) ||
	    !targets_find_alias(operation->config, args_option(args, "alias"), &found, plan->model,
		plan->alias, err))
		return false;
	plan->verify_timeout_us = timeout > 0 ? timeout : operation->config->verify_timeout_us;
	text_copy(plan->registry, sizeof(plan->registry), found.name);
	if (!targets_find_services(
		operation->config, args_option(args, "service-url"), plan, &operation->memory, err))
		return false;
	operation->registry = registry_open(found.name, found.kind, found.location, false, err);
	if (operation->registry == NULL)
		return false;
	operation->audit = audit_open(NULL, err);
	return operation->audit != NULL || err_prefix(err, "nothing is done without an audit log");
}

static void
recover(struct operation *operation)
{
	struct err err = {0};
	unsigned count =
	    rollout_recover(operation->audit, targets_open_named, operation->config, &err);
	if (err.code != 0)
		fprintf(stderr, "fraudtop: recovery: %s\n", err.text);
	if (count > 0)
		fprintf(stderr,
		    "fraudtop: %u earlier operation%s without a result: see fraudtop audit\n",
		    count, count == 1 ? " was found" : "s were found");
}

/* --- telling --- */

static void
say(const char *state, const char *line, void *context)
{
	struct operation *operation = context;
	mem_reserve(&operation->steps, &operation->steps_capacity, operation->steps_count + 1,
	    sizeof(*operation->steps));
	struct step *step = &operation->steps[operation->steps_count++];
	text_copy(step->state, sizeof(step->state), state);
	text_copy(step->line, sizeof(step->line), line);
	fprintf(stderr, "%-10s %s\n", state, line);
}

static const char *const outcomes[] = {
    [ROLLOUT_VERIFIED] = "verified",
    [ROLLOUT_DRY_RUN] = "dry-run",
    [ROLLOUT_REFUSED] = "refused",
    [ROLLOUT_UNVERIFIED] = "unverified",
    [ROLLOUT_SUPERSEDED] = "superseded",
};

static void
json_lists(struct jsonw *json, const struct operation *operation)
{
	static const char *const verdicts[] = {"pass", "warn", "fail"};
	const struct rollout_plan *plan = &operation->plan;
	jsonw_open_array(json, "services");
	for (unsigned i = 0; i < plan->services; i++)
		jsonw_string(json, NULL, plan->service_names[i]);
	jsonw_close_array(json);
	jsonw_open_array(json, "checks");
	for (unsigned i = 0; i < plan->checks_count; i++) {
		jsonw_open_object(json, NULL);
		jsonw_string(json, "name", plan->checks[i].name);
		jsonw_string(json, "verdict", verdicts[plan->checks[i].verdict]);
		jsonw_string(json, "text", plan->checks[i].text);
		jsonw_close_object(json);
	}
	jsonw_close_array(json);
	jsonw_open_array(json, "steps");
	for (size_t i = 0; i < operation->steps_count; i++) {
		jsonw_open_object(json, NULL);
		jsonw_string(json, "state", operation->steps[i].state);
		jsonw_string(json, "line", operation->steps[i].line);
		jsonw_close_object(json);
	}
	jsonw_close_array(json);
}

static void
print_json(const struct operation *operation, enum rollout_outcome outcome, int code,
    const struct err *err)
{
	const struct rollout_plan *plan = &operation->plan;
	struct buf out = {0};
	struct jsonw json = {.out = &out};
	jsonw_open_object(&json, NULL);
	jsonw_string(&json, "schema", "fraudtop.action/1");
	jsonw_string(&json, "operation", plan->operation);
	jsonw_string(&json, "outcome", outcomes[outcome]);
	jsonw_int(&json, "exit", code);
	jsonw_string(&json, "error", err->code != 0 ? err->text : NULL);
	jsonw_string(&json, "action_id", plan->action_id);
	jsonw_string(&json, "registry", plan->registry);
	jsonw_string(&json, "model", plan->model);
	jsonw_string(&json, "alias", plan->alias);
	jsonw_string(&json, "from", plan->from[0] != '\0' ? plan->from : NULL);
	jsonw_string(&json, "to", plan->to[0] != '\0' ? plan->to : NULL);
	if (plan->epoch > 0)
		jsonw_int(&json, "epoch_before", plan->epoch);
	else
		jsonw_null(&json, "epoch_before");
	jsonw_string(&json, "reason", plan->reason);
	json_lists(&json, operation);
	jsonw_close_object(&json);
	printf("%s\n", out.data);
	buf_free(&out);
}

static void
print_line(const struct operation *operation, enum rollout_outcome outcome, const struct err *err)
{
	const struct rollout_plan *plan = &operation->plan;
	printf("%s: %s of %s (%s)", outcomes[outcome], plan->operation, plan->model, plan->alias);
	if (plan->from[0] != '\0' && plan->to[0] != '\0')
		printf(" %s -> %s", plan->from, plan->to);
	if (outcome == ROLLOUT_VERIFIED)
		printf(", served by");
	for (unsigned i = 0; outcome == ROLLOUT_VERIFIED && i < plan->services; i++)
		printf("%s %s", i > 0 ? "," : "", plan->service_names[i]);
	if (outcome == ROLLOUT_DRY_RUN)
		printf(", every check passed; nothing was written");
	if (err->code != 0)
		printf(": %s", err->text);
	printf(" [%s]\n", plan->action_id);
}

/* --- doing --- */

static int
carry_out(struct operation *operation)
{
	struct err err = {0};
	recover(operation);
	signal(SIGHUP, SIG_IGN); /* a lost terminal must not stop what has begun */
	enum rollout_outcome outcome = rollout_run(
	    &operation->plan, operation->registry, operation->audit, say, operation, &err);
	int code = rollout_exit_code(outcome, &err);
	if (args_flag(operation->args, "json"))
		print_json(operation, outcome, code, &err);
	else
		print_line(operation, outcome, &err);
	fflush(stdout);
	return code;
}

int
operate_run(const struct args *args, const char *name, const char *model, const char *to)
{
	struct operation operation = {.args = args};
	struct err err = {0};
	int code;
	if (check_readonly(args, &err) &&
	    take_arguments(&operation.plan, args, name, model, to, &err) &&
	    (operation.config = targets_config(args, &err)) != NULL &&
	    find_target(&operation, &err))
		code = carry_out(&operation);
	else
		code = command_fail(&err);
	audit_close(operation.audit);
	registry_close(operation.registry);
	config_free(operation.config);
	free(operation.memory);
	free(operation.steps);
	return code;
}
