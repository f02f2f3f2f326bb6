#include "core/config/settings_value.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"

char *
settings_format_duration(char *dst, size_t size, int64_t us)
{
	static const struct {
		int64_t us;
		const char *name;
	} units[] = {{CLOCK_DAY, "d"}, {CLOCK_HOUR, "h"}, {CLOCK_MINUTE, "m"}, {CLOCK_SECOND, "s"},
	    {1000, "ms"}};
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (us % units[i].us == 0 && (us > 0 || units[i].us == CLOCK_SECOND)) {
			snprintf(dst, size, "%lld%s", (long long)(us / units[i].us), units[i].name);
			return dst;
		}
	}
	snprintf(dst, size, "%.6fs", (double)us / 1e6);
	return dst;
}

static bool
refuse_range(const struct setting *setting, char *why, size_t size)
{
	char least[32], most[32];
	bool bare = *setting->unit == '\0' || strcmp(setting->unit, "share") == 0;
	if (setting->type == SETTING_DURATION) {
		settings_format_duration(least, sizeof(least), (int64_t)(setting->least * 1e6));
		settings_format_duration(most, sizeof(most), (int64_t)(setting->most * 1e6));
	} else {
		snprintf(least, sizeof(least), "%.10g", setting->least);
		snprintf(most, sizeof(most), "%.10g", setting->most);
	}
	snprintf(why, size, "must be between %s and %s%s%s", least, most, bare ? "" : " ",
	    bare ? "" : setting->unit);
	return false;
}

static bool
store_number(const struct setting *setting, void *place, const char *text, char *why, size_t size)
{
	double value = 0;
	int64_t whole = 0;
	if (setting->type == SETTING_NUMBER && !text_to_double(text, &value)) {
		snprintf(why, size, "must be a number");
		return false;
	}
	if (setting->type == SETTING_INTEGER && !text_to_int64(text, &whole)) {
		snprintf(why, size, "must be a whole number");
		return false;
	}
	if (setting->type == SETTING_DURATION && !clock_parse_duration(text, &whole)) {
		snprintf(why, size, "must be a duration such as 500ms, 30s, 1h or 7d");
		return false;
	}
	if (setting->type == SETTING_INTEGER)
		value = (double)whole;
	else if (setting->type == SETTING_DURATION)
		value = (double)whole / 1e6;
	if (!(value >= setting->least && value <= setting->most))
		return refuse_range(setting, why, size);
	if (setting->type == SETTING_NUMBER)
		memcpy(place, &value, sizeof(value));
	else
		memcpy(place, &whole, sizeof(whole));
	return true;
}

static bool
store_one_in(const struct setting *setting, void *place, const char *text, char *why, size_t size)
{
	int64_t n;
	if (strncmp(text, "1/", 2) != 0 || !text_to_int64(text + 2, &n) || n < 1 ||
	    (double)n > setting->most) {
		snprintf(why, size, "must be one in so many, such as 1/10, at most 1/%.0f",
		    setting->most);
		return false;
	}
	memcpy(place, &n, sizeof(n));
	return true;
}

static bool
store_text(const struct setting *setting, char *place, const char *text, char *why, size_t size)
{
	if (strlen(text) >= setting->size) {
		snprintf(why, size, "is longer than %zu bytes", setting->size - 1);
		return false;
	}
	text_copy(place, setting->size, text);
	return true;
}

static bool
store_url(const struct setting *setting, char *place, const char *text, char *why, size_t size)
{
	size_t scheme = strncmp(text, "http://", 7) == 0    ? 7
			: strncmp(text, "https://", 8) == 0 ? 8
							    : 0;
	size_t host = scheme + strcspn(text + scheme, "/?#");
	size_t colon = scheme + strcspn(text + scheme, ":/?#");
	if (scheme == 0)
		snprintf(why, size, "must begin with http:// or https://");
	else if (memchr(text + scheme, '@', host - scheme) != NULL)
		snprintf(why, size, "must not hold a user or password");
	else if (colon == scheme)
		snprintf(why, size, "has no host");
	else if (strpbrk(text, " \"<>\\^`{|}?#") != NULL)
		snprintf(why, size, "must be a plain base URL");
	else if (store_text(setting, place, text, why, size)) {
		size_t length = strlen(place);
		while (length > host && place[length - 1] == '/')
			place[--length] = '\0';
		return true;
	}
	return false;
}

static bool
store_word(const struct setting *setting, char *place, const char *text, char *why, size_t size)
{
	size_t length = strlen(text);
	const char *word = setting->choices;
	while (*word != '\0') {
		size_t end = strcspn(word, " ");
		if (end == length && memcmp(word, text, length) == 0)
			return store_text(setting, place, text, why, size);
		word += end + (word[end] == ' ');
	}
	if (strchr(setting->choices, ' ') != NULL)
		snprintf(why, size, "must be one of %s", setting->choices);
	else
		snprintf(
		    why, size, "must be `%s`, the only one this version knows", setting->choices);
	return false;
}

static bool
store_bool(void *place, const char *text, char *why, size_t size)
{
	bool value = strcmp(text, "true") == 0;
	if (!value && strcmp(text, "false") != 0) {
		snprintf(why, size, "must be true or false");
		return false;
	}
	memcpy(place, &value, sizeof(value));
	return true;
}

bool
settings_holds_list(const struct setting *setting)
{
	return setting->type == SETTING_PATHS || setting->type == SETTING_TEXTS ||
	       setting->type == SETTING_PAIRS;
}

bool
settings_store(const struct setting *setting, void *base, const char *text, char *why, size_t size)
{
	char *place = (char *)base + setting->offset;
	switch (setting->type) {
	case SETTING_TEXT:
	case SETTING_SECRET:
	case SETTING_PATH:
		return store_text(setting, place, text, why, size);
	case SETTING_URL:
		return store_url(setting, place, text, why, size);
	case SETTING_WORD:
		return store_word(setting, place, text, why, size);
	case SETTING_BOOL:
		return store_bool(place, text, why, size);
	case SETTING_NUMBER:
	case SETTING_INTEGER:
	case SETTING_DURATION:
		return store_number(setting, place, text, why, size);
	case SETTING_ONE_IN:
		return store_one_in(setting, place, text, why, size);
	case SETTING_PATHS:
	case SETTING_TEXTS:
	case SETTING_PAIRS:
		break;
	}
	mem_die("setting %s cannot be stored as text", setting->path);
}
