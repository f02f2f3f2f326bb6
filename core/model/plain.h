/* plain.h: numbers are read and written with a point, whatever the host's locale has. Private to
 * core/model. */
#ifndef FRAUDTOP_MODEL_PLAIN_H
#define FRAUDTOP_MODEL_PLAIN_H

#include <locale.h>

struct plain {
	locale_t numbers, before;
};

/* From here to plain_end, in this thread alone. Pairs may stand inside one another. */
struct plain plain_begin(void);
void plain_end(struct plain plain);

#endif
