/* flagwords.h: the words by which a log says yes or no of a label or a decision: fraud, legit,
 * block, approve. Capitals are as good as small letters, and `_`, `-` and a space are one. */
#ifndef FRAUDTOP_CONFIG_FLAGWORDS_H
#define FRAUDTOP_CONFIG_FLAGWORDS_H

#include <stdbool.h>
#include <stddef.h>

#define FLAGWORDS_LENGTH 32 /* bytes of a word at most */
#define FLAGWORDS_MOST 64 /* of one mapping, and of the common ones */

struct flagword {
	char text[FLAGWORDS_LENGTH + 1]; /* folded */
	bool positive;
};

/* Those that everybody means alike, in the order of their letters. */
extern const struct flagword flagwords_common[];
extern const size_t flagwords_common_count;

/* The word as flagwords_common has it. False: it is empty (dst is ""), or too long for one (dst
 * holds its beginning). */
bool flagwords_fold(char dst[FLAGWORDS_LENGTH + 1], const char *text, size_t length);
/* Its place in flagwords_common, of a folded word; or flagwords_common_count. */
size_t flagwords_find(const char *folded);

#endif
