/* entry.c: names of terminals. TERM is text from outside: it is only compared, and scrubbed before
 * it is shown. */
#include "tui/entry.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "core/base/text.h"

bool
entry_is_set(const char *variable)
{
	const char *value = getenv(variable);
	return value != NULL && value[0] != '\0';
}

bool
entry_files(int *fd_in, int *fd_out, FILE **input, struct err *err)
{
	*fd_in = STDIN_FILENO;
	*fd_out = STDOUT_FILENO;
	if (!isatty(STDOUT_FILENO))
		return err_set(err, ERR_UNAVAILABLE,
		    "the standard output is not a terminal; use --batch, --plain or --once");
	if (isatty(STDIN_FILENO))
		return true;
	*input = fopen("/dev/tty", "re");
	if (*input == NULL)
		return err_set(err, ERR_UNAVAILABLE, "there is no terminal to read keys from");
	*fd_in = fileno(*input);
	return true;
}

static size_t
add(char names[ENTRY_MAX][ENTRY_SIZE], size_t count, const char *name)
{
	size_t length = strlen(name);
	if (length == 0 || length >= ENTRY_SIZE || count == ENTRY_MAX)
		return count;
	memcpy(names[count], name, length + 1);
	return count + 1;
}

size_t
entry_list(const char *term, bool rich, char names[ENTRY_MAX][ENTRY_SIZE])
{
	size_t count = 0;
	term = term != NULL ? term : "";
	if (rich && term[0] != '\0' && strchr(term, '-') == NULL) {
		char family[ENTRY_SIZE + 16];
		snprintf(family, sizeof(family), "%.80s-256color", term);
		count = add(names, count, family);
	}
	count = add(names, count, term);
	if (strncmp(term, "screen.", 7) == 0)
		count = add(names, count, term + 7);
	count = add(names, count, "xterm-256color");
	count = add(names, count, "xterm");
	return add(names, count, "vt100");
}

void
entry_warning(const char *term, const char *used, char *text, size_t size)
{
	text[0] = '\0';
	if (term == NULL || term[0] == '\0') {
		text_append(text, size, "TERM is not set; using %s", used);
	} else if (strncmp(used, term, strlen(term)) != 0) {
		char clean[ENTRY_SIZE];
		text_scrub(clean, sizeof(clean), term, strlen(term));
		text_append(
		    text, size, "terminal type `%s` is not known here; using %s", clean, used);
	}
}

bool
entry_wants_sync(const char *name)
{
	return !entry_is_set("FRAUDTOP_NO_SYNC") && strncmp(name, "linux", 5) != 0 &&
	       strncmp(name, "vt", 2) != 0 && strncmp(name, "dumb", 4) != 0;
}

bool
entry_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

uint32_t
entry_glyph(uint32_t code, bool utf8)
{
	if (code < 0x80)
		return code >= 0x20 && code < 0x7F ? code : '?';
	if (!utf8)
		return '?';
	return wcwidth((wchar_t)code) > 0 ? code : 0xFFFD;
}
