/* colon.h: the command prompt. colon.def is the list of commands; the panels' names are commands
 * too. */
#ifndef FRAUDTOP_TUI_COLON_H
#define FRAUDTOP_TUI_COLON_H

#include <stddef.h>

#include "core/base/err.h"

struct app;

struct colon {
	const char *name, *operands, *help;
	bool (*run)(struct app *app, const char *operands, struct err *err);
	/* The i-th word that may follow, or NULL; run NULL-terminated from 0. NULL: none. */
	const char *(*word)(const struct app *app, size_t i);
};

const struct colon *colon_list(size_t *count);
/* Runs one line. False and err if it is no command or was refused. */
bool colon_run(struct app *app, const char *line, struct err *err);
/* Words that may stand where the line ends, separated by spaces, into dst. Returns how many. */
size_t colon_candidates(const struct app *app, const char *line, char *dst, size_t size);
/* Completes the line in place as far as it is unambiguous. */
void colon_complete(const struct app *app, char *line, size_t size);

#endif
