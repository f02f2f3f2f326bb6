/* theme.c: theme files and where they are. A file is read whole before anything of it counts, so
 * that a refused one leaves the theme in use as it was. Roles that a file does not name keep what
 * they had. */
#include "tui/theme.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

enum { WORDS_MAX = 12, WORD_SIZE = 48, DEFINITIONS_MAX = 64 };

static const char *const role_names[] = {
#define X(id, name, help) name,
#include "widgets/roles.def"
#undef X
    NULL};

static const char *const colour_names[] = {"black", "red", "green", "yellow", "blue", "magenta",
    "cyan", "white", "bright-black", "bright-red", "bright-green", "bright-yellow", "bright-blue",
    "bright-magenta", "bright-cyan", "bright-white", NULL};

static const struct {
	const char *name;
	unsigned attribute;
} attributes[] = {{"bold", THEME_BOLD}, {"dim", THEME_DIM}, {"underline", THEME_UNDERLINE},
    {"reverse", THEME_REVERSE}};

struct definition {
	char name[WORD_SIZE];
	int words;
	char word[WORDS_MAX][WORD_SIZE];
};

struct parser {
	const char *file;
	int line;
	struct err *err;
	struct definition definitions[DEFINITIONS_MAX];
	int definitions_count;
	bool given[ROLE_COUNT];
	struct theme theme;
};

static bool
is_hex(const char *text, size_t length)
{
	return strlen(text) == length && strspn(text, "0123456789abcdefABCDEF") == length;
}

static void
colour_rgb(int colour, int rgb[3])
{
	static const int basic[16][3] = {{0, 0, 0}, {205, 0, 0}, {0, 205, 0}, {205, 205, 0},
	    {0, 0, 238}, {205, 0, 205}, {0, 205, 205}, {229, 229, 229}, {127, 127, 127},
	    {255, 0, 0}, {0, 255, 0}, {255, 255, 0}, {92, 92, 255}, {255, 0, 255}, {0, 255, 255},
	    {255, 255, 255}};
	static const int cube[6] = {0, 95, 135, 175, 215, 255};
	if (colour < 16) {
		memcpy(rgb, basic[colour], sizeof(basic[0]));
	} else if (colour < 232) {
		int index = colour - 16;
		rgb[0] = cube[index / 36];
		rgb[1] = cube[index / 6 % 6];
		rgb[2] = cube[index % 6];
	} else {
		rgb[0] = rgb[1] = rgb[2] = 8 + 10 * (colour - 232);
	}
}

/* The nearest of 16..255 (the first 16 are the user's own) by weighted distance: eyes see green
 * best. */
static short
nearest_of_256(long packed)
{
	int wanted[3] = {(int)(packed >> 16), (int)(packed >> 8 & 255), (int)(packed & 255)};
	long best = LONG_MAX;
	short found = 16;
	for (short i = 16; i < 256; i++) {
		int rgb[3];
		colour_rgb(i, rgb);
		long red = rgb[0] - wanted[0], green = rgb[1] - wanted[1],
		     blue = rgb[2] - wanted[2];
		long distance = 3 * red * red + 6 * green * green + 2 * blue * blue;
		if (distance < best) {
			best = distance;
			found = i;
		}
	}
	return found;
}

/* By hue rather than by distance: the calm colours of themes are pale, and the nearest of the 16 to
 * most of them would be a grey, which says nothing. */
short
theme_to_16(short colour)
{
	if (colour < 16)
		return colour < 0 ? -1 : colour;
	int rgb[3];
	colour_rgb(colour > 255 ? 255 : colour, rgb);
	int high = rgb[0], low = rgb[0];
	for (int i = 1; i < 3; i++) {
		high = rgb[i] > high ? rgb[i] : high;
		low = rgb[i] < low ? rgb[i] : low;
	}
	if (high - low < 40) /* a grey */
		return high < 48 ? 0 : high < 150 ? 8 : high < 240 ? 7 : 15;
	int middle = (high + low) / 2;
	short hue = 0;
	for (int i = 0; i < 3; i++)
		if (rgb[i] > middle)
			hue = (short)(hue | 1 << i);
	return high > 220 && low > 60 ? (short)(hue + 8) : hue;
}

/* -2: not a colour. */
static int
parse_colour(const char *word)
{
	int64_t number;
	if (strcmp(word, "default") == 0)
		return -1;
	if (word[0] == '#' && is_hex(word + 1, 6))
		return nearest_of_256(strtol(word + 1, NULL, 16));
	if (strspn(word, "0123456789") == strlen(word) && text_to_int64(word, &number))
		return number <= 255 ? (int)number : -2;
	if (strcmp(word, "gray") == 0 || strcmp(word, "grey") == 0)
		return 8;
	for (int i = 0; colour_names[i] != NULL; i++)
		if (strcmp(word, colour_names[i]) == 0)
			return i;
	return -2;
}

static bool
refuse(struct parser *parser, const char *what, const char *word, const char *const *list)
{
	const char *near = list != NULL ? text_nearest(word, list) : NULL;
	return err_set(parser->err, ERR_CONFIG, "%s:%d: %s `%s`%s%s%s", parser->file, parser->line,
	    what, word, near != NULL ? "; did you mean `" : "", near != NULL ? near : "",
	    near != NULL ? "`?" : "");
}

/* Splits what is right of `=` into words, with definitions put in. A `#` that is not a colour
 * begins a comment. */
static bool
split(struct parser *parser, char *rest, struct definition *out)
{
	out->words = 0;
	char *save = NULL;
	for (char *word = strtok_r(rest, " \t\r", &save); word != NULL;
	     word = strtok_r(NULL, " \t\r", &save)) {
		if (word[0] == '#' && !is_hex(word + 1, 6))
			break;
		const struct definition *found = NULL;
		for (int i = 0; word[0] == '$' && i < parser->definitions_count; i++)
			if (strcmp(parser->definitions[i].name, word) == 0)
				found = &parser->definitions[i];
		if (word[0] == '$' && found == NULL)
			return refuse(parser, "no definition of", word, NULL);
		int count = found != NULL ? found->words : 1;
		for (int i = 0; i < count; i++) {
			if (out->words == WORDS_MAX || strlen(word) >= WORD_SIZE)
				return refuse(parser, "too much, at", word, NULL);
			text_copy(out->word[out->words++], WORD_SIZE,
			    found != NULL ? found->word[i] : word);
		}
	}
	if (out->words == 0)
		return refuse(parser, "nothing is given for", out->name, NULL);
	return true;
}

static bool
parse_style(struct parser *parser, const struct definition *line, struct theme_style *style)
{
	*style = (struct theme_style){-1, -1, 0};
	int colour = parse_colour(line->word[0]), at = 1;
	if (colour < -1)
		return refuse(parser, "not a colour:", line->word[0], colour_names);
	style->foreground = (short)colour;
	if (at < line->words && strcmp(line->word[at], "on") == 0) {
		if (++at == line->words)
			return refuse(parser, "no colour after", "on", NULL);
		colour = parse_colour(line->word[at]);
		if (colour < -1)
			return refuse(parser, "not a colour:", line->word[at], colour_names);
		style->background = (short)colour;
		at++;
	}
	for (; at < line->words; at++) {
		unsigned found = 0;
		for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
			if (strcmp(line->word[at], attributes[i].name) == 0)
				found = attributes[i].attribute;
		if (found == 0)
			return refuse(parser,
			    "not `on`, bold, dim, underline or reverse:", line->word[at], NULL);
		style->attributes |= found;
	}
	return true;
}

static bool
parse_line(struct parser *parser, char *line)
{
	line += strspn(line, " \t\r");
	if (line[0] == '\0' || line[0] == '#')
		return true;
	char *equals = strchr(line, '=');
	if (equals == NULL)
		return refuse(parser, "expected `role = colour`, not", line, NULL);
	*equals = '\0';
	line[strcspn(line, " \t\r")] = '\0';
	struct definition entry;
	if (strlen(line) >= sizeof(entry.name))
		return refuse(parser, "no role", line, NULL);
	text_copy(entry.name, sizeof(entry.name), line);
	if (!split(parser, equals + 1, &entry))
		return false;
	if (line[0] == '$') {
		if (parser->definitions_count == DEFINITIONS_MAX)
			return refuse(parser, "too many definitions, at", line, NULL);
		parser->definitions[parser->definitions_count++] = entry;
		return true;
	}
	for (int i = 0; i < ROLE_COUNT; i++) {
		if (strcmp(line, role_names[i]) != 0)
			continue;
		if (parser->given[i])
			return refuse(parser, "given twice:", line, NULL);
		parser->given[i] = true;
		return parse_style(parser, &entry, &parser->theme.styles[i]);
	}
	return refuse(parser, "no role", line, role_names);
}

bool
theme_parse(struct theme *theme, const char *text, size_t length, const char *file, struct err *err)
{
	struct parser parser = {.file = file, .err = err, .theme = *theme};
	while (length > 0) {
		const char *end = memchr(text, '\n', length);
		size_t size = end != NULL ? (size_t)(end - text) : length;
		char line[512];
		parser.line++;
		if (size >= sizeof(line) || memchr(text, '\0', size) != NULL)
			return err_set(
			    err, ERR_CONFIG, "%s:%d: not a line of a theme", file, parser.line);
		memcpy(line, text, size);
		line[size] = '\0';
		if (!parse_line(&parser, line))
			return false;
		size += end != NULL;
		text += size;
		length -= size;
	}
	*theme = parser.theme;
	return true;
}
