/* json.c: members of a model's or a metadata's JSON, with a message where one is not what it must
 * be. */
#include <math.h>
#include <stdio.h>

#include "core/base/mem.h"
#include "core/model/parts.h"

const char *
cjson_word(const cJSON *item)
{
	return item == NULL	      ? "missing"
	       : cJSON_IsString(item) ? "a string"
	       : cJSON_IsNumber(item) ? "a number"
	       : cJSON_IsBool(item)   ? "a boolean"
	       : cJSON_IsArray(item)  ? "an array"
	       : cJSON_IsObject(item) ? "an object"
	       : cJSON_IsNull(item)   ? "null"
				      : "unknown";
}

bool
cjson_number(const cJSON *item, const char *name, double *value, struct err *err)
{
	if (item == NULL)
		return err_set(err, ERR_DATA, "%s is missing", name);
	if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble))
		return err_set(err, ERR_DATA, "%s is %s, not a finite number", name,
		    cJSON_IsNumber(item) ? "infinite" : cjson_word(item));
	*value = item->valuedouble;
	return true;
}

bool
cjson_numbers(const cJSON *json, const char *name, double **list, size_t *count, struct err *err)
{
	char place[64];
	size_t i = 0;
	const cJSON *item;
	if (!cJSON_IsArray(json) || json->child == NULL)
		return err_set(err, ERR_DATA, "%s is %s, not an array of numbers", name,
		    cJSON_IsArray(json) ? "empty" : cjson_word(json));
	*count = (size_t)cJSON_GetArraySize(json);
	*list = mem_alloc(*count * sizeof(**list));
	cJSON_ArrayForEach(item, json)
	{
		snprintf(place, sizeof(place), "%s[%zu]", name, i);
		if (!cjson_number(item, place, &(*list)[i++], err))
			return false;
	}
	return true;
}
