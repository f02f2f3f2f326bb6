/* xgboost_old.c: XGBoost's old binary form, which is the inside of its memory and is not read here:
 * "binf" (before 1.0 nothing, in R sometimes "bs64" and base64), 34 words of parameters, and the
 * names of the objective and of the booster, each behind its length in 8 bytes. */
#include <string.h>

#include "core/model/parts.h"

enum { PARAM_BYTES = 136, OBJECTIVE_MAX = 64 };

/* A little-endian length, or SIZE_MAX if it does not stand there. */
static size_t
length_at(const unsigned char *bytes, size_t length, size_t at)
{
	size_t value = 0;
	if (length < 8 || at > length - 8)
		return SIZE_MAX;
	for (size_t i = 8; i > 0; i--)
		value = value << 8 | bytes[at + i - 1];
	return value;
}

static bool
has_names(const unsigned char *bytes, size_t length)
{
	static const char *const boosters[] = {"gbtree", "dart", "gblinear"};
	size_t objective = length_at(bytes, length, PARAM_BYTES);
	if (objective > OBJECTIVE_MAX)
		return false;
	size_t at = PARAM_BYTES + 8 + objective, booster = length_at(bytes, length, at);
	for (size_t i = 0; i < sizeof(boosters) / sizeof(boosters[0]); i++) {
		if (booster == strlen(boosters[i]) && booster <= length - at - 8 &&
		    memcmp(bytes + at + 8, boosters[i], booster) == 0)
			return true;
	}
	return false;
}

bool
xgboost_is_old(const char *bytes, size_t length)
{
	return (length >= 4 && (memcmp(bytes, "binf", 4) == 0 || memcmp(bytes, "bs64", 4) == 0)) ||
	       has_names((const unsigned char *)bytes, length);
}

bool
xgboost_refuse_old(struct err *err)
{
	return err_set(err, ERR_DATA,
	    "an XGBoost model in the old binary format; XGBoost up to 3.0 (not 3.1) converts it: "
	    "python3 -c \"import xgboost; xgboost.Booster(model_file='OLD').save_model('NEW.json')"
	    "\"");
}
