/* decoding.h: what must hold of every record that a decoder gives, for the fuzzers of formats. */
#ifndef FRAUDTOP_FUZZ_KIT_DECODING_H
#define FRAUDTOP_FUZZ_KIT_DECODING_H

#include <stdbool.h>

#include "core/format/decode.h"

/* Each record is sound; however the text is cut at the borders of its records, they are the same,
 * and what was learned from those before changes nothing in them. `inside`: see mapping.h. */
void decoding_fuzz(
    const struct mapping *mapping, bool labels, bool inside, const struct stretch *stretch);

#endif
