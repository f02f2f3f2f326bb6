/* audit.c: `fraudtop audit`: the record of every operation, and whether it is whole. Reads only: a
 * log that is not there is not made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/rollout/audit.h"
#include "tui/command.h"

static void
print_row(const struct audit_row *row)
{
	char at[32];
	printf("%5lld %s %-9s %-8s", (long long)row->seq, clock_format(at, sizeof(at), row->at),
	    row->event, row->operation);
	if (row->model[0] != '\0')
		printf(" %s/%s", row->model, row->alias);
	if (row->from_version[0] != '\0' || row->to_version[0] != '\0')
		printf(" %s -> %s", row->from_version, row->to_version);
	if (row->outcome[0] != '\0')
		printf(" %s", row->outcome);
	printf(" | %s | %s | %s", row->actor, row->reason, row->detail);
	putchar('\n');
}

static int
print_rows(struct audit *audit, const struct args *args)
{
	struct err err = {0};
	struct audit_row *rows = NULL;
	size_t count = 0;
	long last = 0;
	if (!args_int(args, "last", 1, 1000000000, &last, &err) ||
	    !audit_rows(audit, 0, args_option(args, "action-id"), &rows, &count, &err))
		return command_fail(&err);
	for (size_t i = last > 0 && count > (size_t)last ? count - (size_t)last : 0; i < count;
	     i++) {
		struct buf line = {0};
		if (args_flag(args, "json")) {
			audit_row_json(&rows[i], &line);
			printf("%s\n", line.data);
		} else {
			print_row(&rows[i]);
		}
		buf_free(&line);
	}
	free(rows);
	if (fflush(stdout) != 0 || ferror(stdout))
		return ERR_IO;
	return 0;
}

static int
verify(struct audit *audit, const struct args *args)
{
	struct err err = {0};
	struct audit_row *rows = NULL;
	size_t count = 0;
	int64_t walked = 0;
	bool good = audit_verify(audit, &walked, &err);
	if (good && walked > 0)
		good = audit_rows(audit, walked - 1, NULL, &rows, &count, &err);
	const char *head = count > 0 ? rows[0].hash : "";
	if (args_flag(args, "json")) {
		struct buf out = {0};
		struct jsonw json = {.out = &out};
		jsonw_open_object(&json, NULL);
		jsonw_string(&json, "schema", "fraudtop.audit-verify/1");
		jsonw_bool(&json, "ok", good);
		jsonw_int(&json, "rows", walked);
		jsonw_string(&json, "head", good ? head : NULL);
		jsonw_string(&json, "error", good ? NULL : err.text);
		jsonw_close_object(&json);
		printf("%s\n", out.data);
		buf_free(&out);
	} else if (good) {
		printf("%s: %lld rows, the chain is whole; head %s\n", audit_path(audit),
		    (long long)walked, head[0] != '\0' ? head : "none");
	}
	free(rows);
	return good ? 0 : command_fail(&err);
}

static int
run(const struct args *args)
{
	struct err err = {0};
	const char *word = args_operand(args, 0);
	if (word != NULL && strcmp(word, "verify") != 0) {
		err_set(&err, ERR_USAGE, "audit: `%s` is not `verify`", word);
		return command_fail(&err);
	}
	struct audit *audit = audit_open_read(args_option(args, "file"), &err);
	if (audit == NULL && err.code == ERR_NO_INPUT && word == NULL &&
	    args_option(args, "file") == NULL) {
		fprintf(stderr, "fraudtop: nothing was recorded yet\n");
		return 0;
	}
	if (audit == NULL)
		return command_fail(&err);
	int code = word != NULL ? verify(audit, args) : print_rows(audit, args);
	audit_close(audit);
	return code;
}

static const char *const examples[] = {"fraudtop audit --last 20",
    "fraudtop audit --json | jq 'select(.event == \"RESULT\")'", "fraudtop audit verify", NULL};

static const struct command_option options[] = {
    {"json", 0, NULL, "one JSON object a row; of verify, one object"},
    {"last", 'n', "N", "the last N rows alone"},
    {"action-id", 0, "ID", "the rows of one action alone"},
    {"file", 0, "FILE", "the log (default: audit.db in the state folder)"}, {0}};

const struct command command_audit = {
    .name = "audit",
    .operands = "[verify]",
    .operands_max = 1,
    .summary = "Print the record of every operation, or verify that it is whole.",
    .description =
	"Rows are appended, never changed: triggers refuse it, and each row's hash covers the\n"
	"hash of the row before it: SHA-256(prev_hash || JSON of the row without its last two\n"
	"members, prev_hash and hash). verify walks the chain: 0 whole, 65 broken (with the first\n"
	"bad row), 66 no log. It makes tampering evident, not impossible: the file's owner can\n"
	"rewrite it whole. Rows also go to syslog, unless FRAUDTOP_SYSLOG=0.",
    .examples = examples,
    .options = options,
    .run = run,
};
