/* theme.c: theme files read as they say, refused with the place, and every meaning told apart
 * however few colours there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/rng.h"
#include "tui/theme.h"

static const char *const names[] = {"default", "light", "mono", "high-contrast", "deuteranopia"};

static bool
parse(struct theme *theme, const char *text, struct err *err)
{
	return theme_parse(theme, text, strlen(text), "my.theme", err);
}

static void
a_theme_says_colours_grounds_and_attributes(void **state)
{
	(void)state;
	struct theme theme = {0};
	struct err err = {0};
	assert_true(parse(&theme,
	    "# comment\n\n$sky = #5fafd7   # a definition\n$loud = $sky on 16 bold\n"
	    "ok = green\nwarn=bright-yellow on default underline\n  crit = 196 on #000000 bold "
	    "reverse\n"
	    "graph1 = $sky dim\ngraph2 = $loud\r\nmuted = grey",
	    &err));
	assert_int_equal(theme.styles[ROLE_OK].foreground, 2);
	assert_int_equal(theme.styles[ROLE_OK].background, -1);
	assert_int_equal(theme.styles[ROLE_WARN].foreground, 11);
	assert_int_equal(theme.styles[ROLE_WARN].background, -1);
	assert_int_equal(theme.styles[ROLE_WARN].attributes, THEME_UNDERLINE);
	assert_int_equal(theme.styles[ROLE_CRIT].foreground, 196);
	assert_int_equal(theme.styles[ROLE_CRIT].background, 16);
	assert_int_equal(theme.styles[ROLE_CRIT].attributes, THEME_BOLD | THEME_REVERSE);
	assert_int_equal(theme.styles[ROLE_GRAPH1].foreground, 74);
	assert_int_equal(theme.styles[ROLE_GRAPH1].attributes, THEME_DIM);
	assert_int_equal(theme.styles[ROLE_GRAPH2].foreground, 74);
	assert_int_equal(theme.styles[ROLE_GRAPH2].background, 16);
	assert_int_equal(theme.styles[ROLE_GRAPH2].attributes, THEME_BOLD);
	assert_int_equal(theme.styles[ROLE_MUTED].foreground, 8);
}

static void
a_bad_line_is_refused_with_its_place_and_changes_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
	} bad[] = {{"ok = 2\nwrn = 3\n", "my.theme:2: no role `wrn`; did you mean `warn`?"},
	    {"ok = gren\n", "my.theme:1: not a colour: `gren`; did you mean `green`?"},
	    {"ok = 256\n", "my.theme:1: not a colour: `256`"},
	    {"ok = -1\n", "my.theme:1: not a colour: `-1`"},
	    {"\n\nok = #12345\n", "my.theme:3: nothing is given for `ok`"},
	    {"ok = 2 on\n", "my.theme:1: no colour after `on`"},
	    {"ok = 2 blink\n", "my.theme:1: not `on`, bold, dim, underline or reverse: `blink`"},
	    {"ok\n", "my.theme:1: expected `role = colour`, not `ok`"},
	    {"ok =\n", "my.theme:1: nothing is given for `ok`"},
	    {"ok = $none\n", "my.theme:1: no definition of `$none`"},
	    {"$a = $a\n", "my.theme:1: no definition of `$a`"},
	    {"ok = 1\nok = 2\n", "my.theme:2: given twice: `ok`"},
	    {"ok = \x1b[2J\n", "my.theme:1: not a colour: `\xEF\xBF\xBD[2J`"}};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct theme theme = {0}, before = {0};
		struct err err = {0};
		theme.styles[ROLE_OK].foreground = before.styles[ROLE_OK].foreground = 77;
		assert_false(parse(&theme, bad[i].text, &err));
		assert_string_equal(err.text, bad[i].says);
		assert_int_equal(err.code, ERR_CONFIG);
		assert_memory_equal(&theme, &before, sizeof(theme));
	}
}

static void
any_bytes_are_read_or_refused(void **state)
{
	(void)state;
	static const char *const pieces[] = {"ok", "=", " ", "\n", "#", "#ffffff", "$a", "on",
	    "bold", "255", "default", "\t", "crit", "\r", "0", "\x80", "green", "= "};
	struct rng rng;
	rng_seed(&rng, 9, 1);
	int good = 0;
	for (int i = 0; i < 20000; i++) {
		struct buf text = {0};
		for (uint32_t n = rng_below(&rng, 12); n > 0; n--)
			buf_puts(&text, pieces[rng_below(&rng, 18)]);
		if (rng_below(&rng, 20) == 0)
			buf_append(&text, "\0", 1);
		struct theme theme = {0};
		struct err err = {0};
		bool read = theme_parse(&theme, text.data ? text.data : "", text.length, "f", &err);
		assert_true(read || err.text[0] != '\0');
		good += read;
		buf_free(&text);
	}
	assert_true(good > 100);
}

static void
the_built_in_themes_name_every_role(void **state)
{
	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct theme theme;
		struct err err = {0};
		memset(&theme, 0x55, sizeof(theme));
		assert_true(theme_load(&theme, names[i], &err));
		for (int role = 0; role < ROLE_COUNT; role++) {
			assert_in_range(theme.styles[role].foreground + 1, 0, 256);
			assert_in_range(theme.styles[role].background + 1, 0, 256);
			assert_true(theme.styles[role].attributes < 16);
		}
	}
}

static bool
look_alike(const struct theme *theme, enum role a, enum role b, int colors)
{
	struct cell one = {.code = 'x', .role = (uint8_t)a},
		    two = {.code = 'x', .role = (uint8_t)b};
	struct theme_style first = theme_style(theme, &one, colors);
	struct theme_style second = theme_style(theme, &two, colors);
	return first.foreground == second.foreground && first.background == second.background &&
	       first.attributes == second.attributes;
}

static void
severities_differ_with_any_number_of_colours(void **state)
{
	(void)state;
	static const int depths[] = {256, 16, 8, 0};
	for (size_t i = 0; i < 5; i++)
		for (int d = 0; d < 4; d++) {
			struct theme theme = {0};
			const char *name = depths[d] == 0 ? "mono" : names[i];
			assert_true(theme_load(&theme, name, NULL));
			assert_false(look_alike(&theme, ROLE_OK, ROLE_WARN, depths[d]));
			assert_false(look_alike(&theme, ROLE_OK, ROLE_CRIT, depths[d]));
			assert_false(look_alike(&theme, ROLE_WARN, ROLE_CRIT, depths[d]));
			assert_false(look_alike(&theme, ROLE_STALE, ROLE_OK, depths[d]));
			assert_false(look_alike(&theme, ROLE_PROD, ROLE_ARMED, depths[d]));
			assert_false(look_alike(&theme, ROLE_TAB, ROLE_TAB_ACTIVE, depths[d]));
			assert_false(look_alike(&theme, ROLE_DEFAULT, ROLE_SELECTED, depths[d]));
		}
}

static void
nothing_is_drawn_in_the_colour_of_its_ground(void **state)
{
	(void)state;
	static const int depths[] = {256, 16, 8};
	for (size_t i = 0; i < 5; i++)
		for (int d = 0; d < 3; d++)
			for (int role = 0; role < ROLE_COUNT * 2; role++) {
				struct theme theme = {0};
				assert_true(theme_load(&theme, names[i], NULL));
				struct cell cell = {
				    .code = 'x', .role = (uint8_t)(role / 2), .reverse = role % 2};
				struct theme_style style = theme_style(&theme, &cell, depths[d]);
				assert_true(
				    style.foreground != style.background || style.foreground < 0);
				assert_true(style.foreground < depths[d]);
				assert_true(style.background < depths[d]);
			}
}

static void
pale_colours_keep_their_hue_among_sixteen(void **state)
{
	(void)state;
	assert_int_equal(theme_to_16(-1), -1);
	assert_int_equal(theme_to_16(3), 3);
	assert_int_equal(theme_to_16(71), 2);
	assert_int_equal(theme_to_16(167), 1);
	assert_int_equal(theme_to_16(172), 3);
	assert_int_equal(theme_to_16(74), 6);
	assert_int_equal(theme_to_16(245), 8);
	assert_int_equal(theme_to_16(231), 15);
	assert_int_equal(theme_to_16(16), 0);
	for (short i = -1; i < 256; i++)
		assert_in_range(theme_to_16(i) + 1, 0, 16);
}

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void
a_theme_of_the_user_lies_over_the_default(void **state)
{
	(void)state;
	char folder[] = "/tmp/fraudtop-theme-XXXXXX", path[256];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/fraudtop", folder);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/fraudtop/themes", folder);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/fraudtop/themes/mine.theme", folder);
	write_file(path, "ok = 99\n");
	setenv("XDG_CONFIG_HOME", folder, 1);
	struct theme theme = {0}, plain = {0};
	struct err err = {0};
	assert_true(theme_load(&plain, "default", &err));
	assert_true(theme_load(&theme, "mine", &err));
	assert_int_equal(theme.styles[ROLE_OK].foreground, 99);
	assert_int_equal(theme.styles[ROLE_CRIT].foreground, plain.styles[ROLE_CRIT].foreground);
	assert_true(theme_load(&theme, path, &err));
	write_file(path, "ok = 99\nbroken\n");
	assert_false(theme_load(&theme, "mine", &err));
	assert_non_null(strstr(err.text, "mine.theme:2:"));
	assert_int_equal(theme.styles[ROLE_OK].foreground, 99);
	assert_false(theme_load(&theme, "defualt", &err));
	assert_non_null(strstr(err.text, "did you mean `default`?"));
	unsetenv("XDG_CONFIG_HOME");
	unlink(path);
	for (int i = 0; i < 3; i++) {
		*strrchr(path, '/') = '\0';
		assert_int_equal(rmdir(path), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_theme_says_colours_grounds_and_attributes),
	    cmocka_unit_test(a_bad_line_is_refused_with_its_place_and_changes_nothing),
	    cmocka_unit_test(any_bytes_are_read_or_refused),
	    cmocka_unit_test(the_built_in_themes_name_every_role),
	    cmocka_unit_test(severities_differ_with_any_number_of_colours),
	    cmocka_unit_test(nothing_is_drawn_in_the_colour_of_its_ground),
	    cmocka_unit_test(pale_colours_keep_their_hue_among_sixteen),
	    cmocka_unit_test(a_theme_of_the_user_lies_over_the_default),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
