/* look.c: the options of how the screen looks. */
#include "tui/look.h"

#include <string.h>

#include "core/base/text.h"

/* Takes the word of an option that is one of a few, or says which there are. */
static bool
choose(const struct args *args, const char *name, const char *const *words, int *choice,
    struct err *err)
{
	const char *given = args_option(args, name);
	if (given == NULL)
		return true;
	char list[128] = "";
	for (int i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], given) == 0) {
			*choice = i;
			return true;
		}
		text_append(list, sizeof(list), "%s%s", i > 0 ? ", " : "", words[i]);
	}
	return err_set(err, ERR_USAGE, "--%s: `%.40s` is none of %s", name, given, list);
}

bool
look_override(const struct args *args, struct config *config, struct err *err)
{
	static const char *const graphs[] = {"braille", "block", "ascii", NULL};
	const char *theme = args_option(args, "theme");
	int graph = -1;
	if (!choose(args, "graph", graphs, &graph, err))
		return false;
	if (args_flag(args, "ascii"))
		graph = 2;
	if (graph >= 0)
		text_copy(config->graph, sizeof(config->graph), graphs[graph]);
	if (theme != NULL)
		text_copy(config->theme, sizeof(config->theme), theme);
	return true;
}

bool
look_color(const struct args *args, enum term_color *color, struct err *err)
{
	static const char *const colors[] = {"auto", "never", "mono", "16", "256", NULL};
	static const enum term_color choices[] = {
	    TERM_COLOR_AUTO, TERM_COLOR_NEVER, TERM_COLOR_NEVER, TERM_COLOR_16, TERM_COLOR_256};
	int choice = args_flag(args, "no-color") ? 1 : 0;
	if (!choose(args, "color", colors, &choice, err))
		return false;
	*color = choices[choice];
	return true;
}
