/* The effective configuration as YAML that config_read takes back. Nothing in it is secret: of a
 * secret it has the variable that held it, or that there is one, and a URL with a password is
 * refused. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/text.h"
#include "core/config/config.h"
#include "core/config/config_file.h"
#include "core/config/settings.h"
#include "core/config/settings_value.h"

/* A double-quoted scalar. The text is clean, so only these three need care; `$` would be expanded.
 */
static void
print_text(struct buf *out, const char *text)
{
	buf_puts(out, "\"");
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buf_puts(out, "\\");
		if (*text == '$')
			buf_puts(out, "$");
		buf_append(out, text, 1);
	}
	buf_puts(out, "\"");
}

/* `[a, b]`; of pairs `{a: b}`. */
static void
print_texts(struct buf *out, const struct setting *setting, const char *base)
{
	bool pairs = setting->type == SETTING_PAIRS;
	char **texts;
	size_t count;
	memcpy(&texts, base + setting->offset, sizeof(texts));
	memcpy(&count, base + setting->size, sizeof(count));
	buf_puts(out, pairs ? "{" : "[");
	for (size_t i = 0; i < count; i++) {
		buf_puts(out, i == 0 ? "" : pairs && i % 2 == 1 ? ": " : ", ");
		print_text(out, texts[i]);
	}
	buf_puts(out, pairs ? "}" : "]");
}

static void
print_secret(struct buf *out, const struct setting *setting, const char *base)
{
	struct config_secret secret;
	memcpy(&secret, base + setting->offset, sizeof(secret));
	if (secret.variable[0] != '\0')
		buf_printf(out, "\"${%s}\" # hidden", secret.variable);
	else
		buf_puts(out, "\"\" # hidden: it stands in the file itself");
}

static void
print_value(struct buf *out, const struct setting *setting, const void *base)
{
	const char *place = (const char *)base + setting->offset;
	char text[64];
	double number;
	int64_t whole;
	bool truth;
	switch (setting->type) {
	case SETTING_PATHS:
	case SETTING_TEXTS:
	case SETTING_PAIRS:
		print_texts(out, setting, base);
		return;
	case SETTING_BOOL:
		memcpy(&truth, place, sizeof(truth));
		buf_puts(out, truth ? "true" : "false");
		return;
	case SETTING_NUMBER:
		memcpy(&number, place, sizeof(number));
		buf_puts(out, jsonw_format_double(text, sizeof(text), number));
		return;
	case SETTING_INTEGER:
		memcpy(&whole, place, sizeof(whole));
		buf_printf(out, "%lld", (long long)whole);
		return;
	case SETTING_DURATION:
		memcpy(&whole, place, sizeof(whole));
		buf_puts(out, settings_format_duration(text, sizeof(text), whole));
		return;
	case SETTING_ONE_IN:
		memcpy(&whole, place, sizeof(whole));
		buf_printf(out, "1/%lld", (long long)whole);
		return;
	case SETTING_SECRET:
		print_secret(out, setting, base);
		return;
	case SETTING_TEXT:
	case SETTING_URL:
	case SETTING_PATH:
	case SETTING_WORD:
		print_text(out, place);
		return;
	}
}

/* A number or text that was not given has nothing to print. */
static bool
is_unset(const struct setting *setting, const void *base)
{
	double number;
	int64_t whole;
	if (setting->fallback == NULL || *setting->fallback != '\0')
		return false;
	if (setting->type == SETTING_TEXT || setting->type == SETTING_URL ||
	    setting->type == SETTING_SECRET || setting->type == SETTING_PATH)
		return *((const char *)base + setting->offset) == '\0';
	if (setting->type == SETTING_INTEGER || setting->type == SETTING_DURATION) {
		memcpy(&whole, (const char *)base + setting->offset, sizeof(whole));
		return whole == 0;
	}
	if (setting->type != SETTING_NUMBER)
		return false;
	memcpy(&number, (const char *)base + setting->offset, sizeof(number));
	return isnan(number);
}

static void
print_item(struct buf *out, const char *section, const void *item)
{
	bool first = true;
	for (size_t i = 0; i < settings_count; i++) {
		const struct setting *setting = &settings_table[i];
		size_t length = settings_section(setting);
		if (strlen(section) != length || memcmp(setting->path, section, length) != 0 ||
		    is_unset(setting, item))
			continue;
		buf_printf(out, "%s%s: ", first ? "  - " : "    ", settings_key(setting));
		print_value(out, setting, item);
		buf_puts(out, "\n");
		first = false;
	}
}

static void
print_list(struct buf *out, const char *section, const void *items, size_t size, size_t line_offset,
    size_t count)
{
	if (count == 0) {
		buf_printf(out, "%s: [] # default\n", section);
		return;
	}
	buf_printf(out, "%s:\n", section);
	for (size_t i = 0; i < count; i++) {
		const char *item = (const char *)items + i * size;
		size_t line;
		memcpy(&line, item + line_offset, sizeof(line));
		if (line > 0)
			buf_printf(out, "  # line %zu\n", line);
		print_item(out, section, item);
	}
}

/* All settings that are not of lists, each with where it came from. */
static void
print_scalars(const struct config *config, struct buf *out)
{
	const char *last = "";
	size_t last_length = 0;
	for (size_t i = 0; i < settings_count; i++) {
		const struct setting *setting = &settings_table[i];
		size_t length = settings_section(setting);
		if (settings_is_list(setting->path, length))
			continue;
		if (length != last_length || memcmp(last, setting->path, length) != 0)
			buf_printf(out, "%.*s:\n", (int)length, setting->path);
		last = setting->path;
		last_length = length;
		buf_printf(out, "%s%s: ", length > 0 ? "  " : "", settings_key(setting));
		print_value(out, setting, config);
		if (config->lines[i] > 0)
			buf_printf(out, " # line %zu\n", config->lines[i]);
		else
			buf_puts(out, " # default\n");
	}
}

#define PRINT_LIST(out, section, type, config)                                                     \
	print_list(out, #section, (config)->section, sizeof(struct type),                          \
	    offsetof(struct type, line), (config)->section##_count)

void
config_print(const struct config *config, struct buf *out)
{
	char path[sizeof(config->path)];
	text_scrub(path, sizeof(path), config->path, strlen(config->path));
	buf_printf(out, "# %s%s\n", *path != '\0' ? "from " : "no file: all defaults", path);
	buf_puts(out, "version: 1\n");
	print_scalars(config, out);
	PRINT_LIST(out, services, config_service, config);
	PRINT_LIST(out, access, config_access, config);
	PRINT_LIST(out, mappings, config_mapping, config);
	PRINT_LIST(out, registries, config_registry, config);
	PRINT_LIST(out, references, config_reference, config);
	PRINT_LIST(out, features, config_feature, config);
	PRINT_LIST(out, expectations, config_expectations, config);
	buf_puts(out, "rules: [] # default\n");
}
