/* decompress.h: gzip and zstd, unpacked as they come, in bounded memory. Members that stand one
 * after the other are one text; zeros after the last are passed over. */
#ifndef FRAUDTOP_SOURCE_DECOMPRESS_H
#define FRAUDTOP_SOURCE_DECOMPRESS_H

#include <stdbool.h>
#include <stddef.h>

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };

/* By a file's first bytes (4 tell), and by its name. */
enum packing decompress_packing(const char *bytes, size_t length);
enum packing decompress_packing_name(const char *path);

struct decompress;

struct decompress *decompress_new(enum packing packing);
void decompress_free(struct decompress *decompress); /* NULL is fine */

enum packing decompress_kind(const struct decompress *decompress);
/* Unpacks from `src`, of which *used are used up, into dst, where *made are made. False: it is
 * damaged; what was made is good. */
bool decompress_run(struct decompress *decompress, const char *src, size_t length, size_t *used,
    char *dst, size_t room, size_t *made);
/* Is all that came whole members? */
bool decompress_whole(const struct decompress *decompress);
const char *decompress_reason(const struct decompress *decompress); /* clean */

#endif
