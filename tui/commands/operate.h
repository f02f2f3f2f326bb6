/* operate.h: what rollback and promote share: all but which version. */
#ifndef FRAUDTOP_TUI_COMMANDS_OPERATE_H
#define FRAUDTOP_TUI_COMMANDS_OPERATE_H

#include "tui/command.h"

/* Carries out `rollback` or `promote` of MODEL to version `to` (NULL: the previous one) as the
 * options say, prints the verdict, and returns the exit code. */
int operate_run(const struct args *args, const char *operation, const char *model, const char *to);

/* clang-format off */
#define OPERATE_OPTIONS \
	{"alias", 0, "A", "the alias to move (default: the one that the model's services follow)"}, \
	{"registry", 0, "R", "a configured registry, or the path of a local one"}, \
	{"confirm", 0, "MODEL", "the model's name once more"}, \
	{"reason", 0, "TEXT", "why, for the audit log and the registry"}, \
	{"dry-run", 0, NULL, "check, say what would be written, write nothing to the registry"}, \
	{"json", 0, NULL, "print the result as a JSON object"}, \
	{"service-url", 0, "URL,...", "more services to verify with: [NAME=]URL"}, \
	{"timeout", 0, "TIME", "how long to watch the services (default 30s, or as configured)"}, \
	{"expect-version", 0, "V", "refuse (80) if the alias is not at this version now"}, \
	{"expect-epoch", 0, "N", "refuse (80) if the alias is not at this epoch now"}, \
	{"action-id", 0, "ID", "the action's id in the audit log (default: a new one)"}, \
	{"readonly", 0, NULL, "refuse (77), as FRAUDTOP_READONLY=1 and readonly: true do"}, \
	{"config", 'c', "FILE", "the configuration"}
/* clang-format on */

#define OPERATE_DESCRIPTION                                                                        \
	"Checks first: the version is registered, its file is there, is the one that was\n"        \
	"registered, loads, and takes the same features as the present version. Writes an "        \
	"INTENT\n"                                                                                 \
	"row to the audit log, moves the alias if it is still as it was read, writes the "         \
	"RESULT,\n"                                                                                \
	"and then asks each service that follows the alias until all of them serve the version.\n" \
	"Progress goes to stderr, the result to stdout.\n"                                         \
	"\n"                                                                                       \
	"Exit status: 0 done, and every service serves it; 1 refused by the registry; 64 usage;\n" \
	"75 the alias is moved, but not every service served it in time, or no service is known\n" \
	"to ask; 76 someone else moved the alias meanwhile; 77 not permitted; 79 stopped by a\n"   \
	"check; 80 the alias is not as it was shown."

#endif
