/* prompt.c: a line is edited by whole characters, and whatever is typed leaves valid text. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/rng.h"
#include "core/base/text.h"
#include "widgets/prompt.h"

static void
type(struct prompt *prompt, const char *text)
{
	for (size_t at = 0; text[at] != '\0';) {
		uint32_t code = 0;
		size_t used = text_decode(text + at, strlen(text) - at, &code);
		prompt_insert(prompt, code);
		at += used;
	}
}

static void
a_line_is_edited_by_whole_characters(void **state)
{
	(void)state;
	struct prompt *prompt = calloc(1, sizeof(*prompt));
	type(prompt, "modèle 支付");
	prompt_insert(prompt, 0x1b);
	prompt_insert(prompt, 0x202E);
	prompt_insert(prompt, 0x110003);
	assert_string_equal(prompt->text, "modèle 支付");
	prompt_key(prompt, PROMPT_BACKSPACE);
	prompt_key(prompt, PROMPT_LEFT);
	prompt_key(prompt, PROMPT_LEFT);
	type(prompt, "!");
	assert_string_equal(prompt->text, "modèle! 支");
	prompt_key(prompt, PROMPT_KILL_WORD);
	assert_string_equal(prompt->text, " 支");
	prompt_key(prompt, PROMPT_DELETE);
	prompt_key(prompt, PROMPT_END);
	prompt_key(prompt, PROMPT_KILL_LINE);
	assert_string_equal(prompt->text, "");
	type(prompt, "ae\xCC\x81");
	prompt_key(prompt, PROMPT_BACKSPACE);
	assert_string_equal(prompt->text, "a");
	free(prompt);
}

static void
history_keeps_the_line_being_typed(void **state)
{
	(void)state;
	struct prompt *prompt = calloc(1, sizeof(*prompt));
	for (int i = 0; i < PROMPT_HISTORY + 8; i++) {
		char line[32];
		snprintf(line, sizeof(line), "line %d", i);
		prompt_set(prompt, line);
		prompt_remember(prompt);
	}
	assert_int_equal(prompt->history_count, PROMPT_HISTORY);
	type(prompt, "draft");
	prompt_key(prompt, PROMPT_UP);
	assert_string_equal(prompt->text, "line 39");
	for (int i = 0; i < 100; i++)
		prompt_key(prompt, PROMPT_UP);
	assert_string_equal(prompt->text, "line 8");
	for (int i = 0; i < 100; i++)
		prompt_key(prompt, PROMPT_DOWN);
	assert_string_equal(prompt->text, "draft");
	free(prompt);
}

static void
any_editing_leaves_valid_text(void **state)
{
	(void)state;
	struct prompt *prompt = calloc(1, sizeof(*prompt));
	struct rng rng;
	rng_seed(&rng, 11, 1);
	static const uint32_t codes[] = {'a', ' ', 0xE9, 0x301, 0x652F, 0x1F600, 0x9B, 0xFFFFFFFF};
	for (int i = 0; i < 20000; i++) {
		int what = (int)rng_below(&rng, 24);
		if (what <= PROMPT_DOWN)
			prompt_key(prompt, (enum prompt_key)what);
		else if (what == 23)
			prompt_remember(prompt);
		else
			prompt_insert(prompt, codes[rng_below(&rng, 8)]);
		size_t length = strlen(prompt->text), at = 0;
		assert_true(length < PROMPT_MAX && prompt->cursor <= length);
		bool met = false;
		while (at < length) {
			uint32_t code;
			met |= at == prompt->cursor;
			size_t used = text_decode(prompt->text + at, length - at, &code);
			assert_true(used > 0);
			at += used;
		}
		assert_true(met || prompt->cursor == length);
	}
	free(prompt);
}

int
main(void)
{
	setlocale(LC_ALL, "C.UTF-8"); /* widths of characters */
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_is_edited_by_whole_characters),
	    cmocka_unit_test(history_keeps_the_line_being_typed),
	    cmocka_unit_test(any_editing_leaves_valid_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
