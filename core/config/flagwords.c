/* flagwords.c: see flagwords.h. What one house blocks and another reviews is left to the mapping.
 */
#include "core/config/flagwords.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

const struct flagword flagwords_common[] = {
    {"accept", false},
    {"accepted", false},
    {"allow", false},
    {"allowed", false},
    {"approve", false},
    {"approved", false},
    {"bad", true},
    {"benign", false},
    {"block", true},
    {"blocked", true},
    {"charge back", true},
    {"chargeback", true},
    {"clean", false},
    {"confirmed fraud", true},
    {"decline", true},
    {"declined", true},
    {"denied", true},
    {"deny", true},
    {"false", false},
    {"flag", true},
    {"flagged", true},
    {"fraud", true},
    {"fraudulent", true},
    {"genuine", false},
    {"good", false},
    {"honest", false},
    {"legit", false},
    {"legitimate", false},
    {"n", false},
    {"negative", false},
    {"no", false},
    {"no fraud", false},
    {"non fraud", false},
    {"nonfraud", false},
    {"normal", false},
    {"not flagged", false},
    {"not fraud", false},
    {"ok", false},
    {"pass", false},
    {"passed", false},
    {"positive", true},
    {"reject", true},
    {"rejected", true},
    {"suspicious", true},
    {"true", true},
    {"y", true},
    {"yes", true},
};

const size_t flagwords_common_count = sizeof(flagwords_common) / sizeof(*flagwords_common);

_Static_assert(
    sizeof(flagwords_common) / sizeof(*flagwords_common) <= FLAGWORDS_MOST, "a bit for each");

bool
flagwords_fold(char dst[FLAGWORDS_LENGTH + 1], const char *text, size_t length)
{
	while (length > 0 && strchr(" \t\r\n", *text) != NULL) {
		text++;
		length--;
	}
	while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
		length--;
	bool fits = length > 0 && length <= FLAGWORDS_LENGTH;
	text_scrub(dst, FLAGWORDS_LENGTH + 1, text, length);
	for (char *at = dst; *at != '\0'; at++) {
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at | 0x20);
		else if (*at == '_' || (*at == '-' && at > dst))
			*at = ' ';
	}
	return fits;
}

static int
compare(const void *folded, const void *word)
{
	return strcmp(folded, ((const struct flagword *)word)->text);
}

size_t
flagwords_find(const char *folded)
{
	const struct flagword *found = bsearch(
	    folded, flagwords_common, flagwords_common_count, sizeof(*flagwords_common), compare);
	return found != NULL ? (size_t)(found - flagwords_common) : flagwords_common_count;
}
