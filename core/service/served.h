/* served.h: the model that a service scores with, and following the registry's alias.
 *
 * A `served` never changes once it is made: who scores with it holds it, and a switch only makes
 * the next request take another. A version that cannot be loaded, whose scores are no
 * probabilities, or whose file is not the one that was registered (SHA-256), is refused with a
 * reason while the one in use goes on; it is tried again every two seconds. */
#ifndef FRAUDTOP_SERVICE_SERVED_H
#define FRAUDTOP_SERVICE_SERVED_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/model/model.h"

#define SERVED_POLL_US 200000
#define SERVED_DEFAULT_THRESHOLD 0.5

struct served {
	const struct model *model;
	char name[128], version[128];
	double threshold;
	int64_t epoch; /* of the alias; 0 without a registry */
};

struct served_source {
	const char *model_path; /* a file; or */
	const char *registry_path; /* the local registry's file, with model_name and alias */
	const char *model_name; /* NULL with a file: as the metadata says, else the file's name */
	const char *alias;
	const char *version; /* NULL: as the metadata says */
	double threshold; /* NaN: as the registry or the metadata says, else 0.5 */
};

struct served_state {
	uint64_t switches, refusals;
	char refused_version[128]; /* that the alias points at, or "" */
	char reason[256]; /* why it is not served, or why the registry cannot be read; or "" */
};

struct served_follower;

/* Loads the model now and, with a registry, starts a thread that follows the alias. NULL: err. */
struct served_follower *served_follow(const struct served_source *source, struct err *err);
void served_follower_free(struct served_follower *follower); /* ends the thread; NULL is fine */

/* The model in use; give it back with served_release. */
const struct served *served_hold(struct served_follower *follower);
void served_release(const struct served *served);
void served_get_state(struct served_follower *follower, struct served_state *state);

#endif
