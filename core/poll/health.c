/* health.c: reads /health answers of the shapes that scoring services send. The HTTP status comes
 * first: a body can make a good status bad, never a bad one good. */
#include "core/poll/health.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cJSON.h>

#include "core/base/text.h"
#include "core/poll/answer.h"

static void
scrub_string(char *dst, size_t size, const char *src)
{
	text_scrub(dst, size, src, strlen(src));
}

/* A string, or a number as it would be written: versions are both. */
static bool
take_text(const cJSON *item, char *dst, size_t size)
{
	if (cJSON_IsString(item) && item->valuestring[0] != '\0') {
		scrub_string(dst, size, item->valuestring);
		return true;
	}
	if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble))
		return false;
	double number = item->valuedouble;
	if (number == floor(number) && fabs(number) < 0x1p53)
		snprintf(dst, size, "%.0f", number);
	else
		snprintf(dst, size, "%.15g", number);
	return true;
}

static bool
take_member(const cJSON *object, const char *name, char *dst, size_t size)
{
	return take_text(cJSON_GetObjectItemCaseSensitive(object, name), dst, size);
}

static void
read_identity(struct health *health, const cJSON *object)
{
	const cJSON *model = cJSON_GetObjectItemCaseSensitive(object, "model");
	char *name = health->model, *version = health->version;
	size_t name_size = sizeof(health->model), version_size = sizeof(health->version);
	if (!take_text(model, name, name_size) &&
	    !take_member(object, "model_name", name, name_size))
		take_member(model, "name", name, name_size);
	/* Where both stand, `version` is that of the service's own program. */
	if (!take_member(object, "model_version", version, version_size) &&
	    !take_member(model, "version", version, version_size))
		take_member(object, "version", version, version_size);
	const cJSON *epoch = cJSON_GetObjectItemCaseSensitive(object, "epoch");
	if (cJSON_IsNumber(epoch) && epoch->valuedouble >= 0 && epoch->valuedouble < 0x1p53)
		health->epoch = (int64_t)epoch->valuedouble;
}

static bool
word_is_good(const char *word)
{
	static const char *const good[] = {"ok", "healthy", "up", "alive", "ready", "live", "pass",
	    "passing", "serving", "running", "available"};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (strcasecmp(word, good[i]) == 0)
			return true;
	}
	return false;
}

/* False, with the word in reason, if the object says that the service is not well. */
static bool
says_healthy(const cJSON *object, char *reason, size_t size)
{
	static const char *const flags[] = {"healthy", "alive", "live", "ready", "ok"};
	const cJSON *status = cJSON_GetObjectItemCaseSensitive(object, "status");
	char word[96];
	if (cJSON_IsString(status) && !word_is_good(status->valuestring)) {
		scrub_string(word, sizeof(word), status->valuestring);
		snprintf(reason, size, "status %s", word[0] != '\0' ? word : "is empty");
		return false;
	}
	if (cJSON_IsFalse(status)) {
		snprintf(reason, size, "status false");
		return false;
	}
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(object, flags[i]))) {
			snprintf(reason, size, "%s: false", flags[i]);
			return false;
		}
	}
	return true;
}

/* Appends one more part to a reason, cut at a whole character. */
static void
add_reason(char *reason, size_t size, const char *more)
{
	size_t used = strlen(reason);
	if (used > 0 && used + 3 < size) {
		memcpy(reason + used, ": ", 3);
		used += 2;
	}
	text_copy(reason + used, size - used, more);
}

static void
add_detail(const cJSON *object, char *reason, size_t size)
{
	static const char *const names[] = {"reason", "detail", "message", "error"};
	char detail[192];
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, names[i]);
		if (!cJSON_IsString(item) || item->valuestring[0] == '\0')
			continue;
		scrub_string(detail, sizeof(detail), item->valuestring);
		add_reason(reason, size, detail);
		return;
	}
}

static void
read_object(struct health *health, const cJSON *object)
{
	const cJSON *loaded = cJSON_GetObjectItemCaseSensitive(object, "model_loaded");
	char said[128] = "";
	read_identity(health, object);
	if (!says_healthy(object, said, sizeof(said))) {
		health->healthy = false;
		add_reason(health->reason, sizeof(health->reason), said);
	}
	if (!health->healthy)
		add_detail(object, health->reason, sizeof(health->reason));
	health->model_loaded = cJSON_IsBool(loaded) ? cJSON_IsTrue(loaded) : health->healthy;
}

static void
refuse(struct health *health, const char *reason)
{
	add_reason(health->reason, sizeof(health->reason), reason);
	health->healthy = false;
	health->model_loaded = false;
}

static void
read_body(struct health *health, const struct http_answer *answer)
{
	const char *body = answer->body + strspn(answer->body, " \t\r\n");
	health->model_loaded = health->healthy;
	if (answer->cut) {
		refuse(health, "the health answer is too long");
	} else if (answer_is_html(answer)) {
		refuse(health, "an HTML page instead of health");
	} else if (*body == '{') {
		cJSON *object = cJSON_ParseWithLength(
		    body, answer->body_length - (size_t)(body - answer->body));
		if (object == NULL)
			refuse(health, "the health answer is broken JSON");
		else
			read_object(health, object);
		cJSON_Delete(object);
	}
}

void
health_read(struct health *health, const struct http_answer *answer)
{
	*health = (struct health){.epoch = -1};
	if (answer->status == 0) {
		text_copy(health->reason, sizeof(health->reason), answer->reason);
		return;
	}
	health->up = answer->status < 500;
	health->healthy = answer->status >= 200 && answer->status < 300;
	if (!health->healthy)
		answer_explain(answer, "/health", health->reason, sizeof(health->reason));
	read_body(health, answer);
}
