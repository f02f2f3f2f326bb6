/* store.h: what outlives the program: checkpoints, in one SQLite file.
 *
 * A checkpoint is a set of named values (bytes), replaced as a whole in one durable transaction:
 * after a kill -9 there is the old one or the new one, never a mixture. The store knows bytes, not
 * snapshots. One process holds it at a time; another is told who does (ERR_UNAVAILABLE) and may go
 * on without. A file of another version or program, or a broken one, is put aside under another
 * name, not lost, and err says so though all else goes well. A store may be handed from one thread
 * to another, but is not for two at once. */
#ifndef FRAUDTOP_STORE_STORE_H
#define FRAUDTOP_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"

struct store;

/* Opens or makes `folder`/store.db (the folder too, mode 0700) and locks it. NULL and err:
 * ERR_UNAVAILABLE if another process holds it, else why it cannot be had. A store and an err of
 * ERR_DATA: what was there has been put aside. */
struct store *store_open(const char *folder, struct err *err);
void store_close(struct store *store); /* NULL is fine */
const char *store_folder(const struct store *store);

/* Begins a checkpoint. `print` is what it depends on (a configuration's hash, the format's
 * version): one of another print is not found. */
bool store_begin(struct store *store, const char *print, struct err *err);
void store_put(struct store *store, const char *name, const struct buf *bytes);
/* Makes it durable. False: nothing has changed in the file. */
bool store_commit(struct store *store, struct err *err);

/* The value of the newest checkpoint of that print, into *bytes (emptied first). False: there is
 * none of that name, or err says why it cannot be read; with ERR_DATA it is broken, and the store
 * begins anew. */
bool store_get(
    struct store *store, const char *print, const char *name, struct buf *bytes, struct err *err);
/* Is there a checkpoint of another print? */
bool store_has_other(struct store *store, const char *print);

#endif
