/* artifact.h: the model file of a registered version, or any other that is to flag, read as a
 * service reads it. A model whose scores are no probabilities is refused. */
#ifndef FRAUDTOP_REGISTRY_ARTIFACT_H
#define FRAUDTOP_REGISTRY_ARTIFACT_H

#include "core/base/err.h"
#include "core/model/model.h"

/* The bytes that are hashed are those that are parsed, so that the file cannot change in between;
 * ERR_DATA if they are not the registered ones. metadata: as the registry has it. Touches no
 * registry, so that it may run on any thread. NULL and err on failure. */
struct model *artifact_load(
    const char *path, const char *sha256, const char *metadata, struct err *err);
/* A file of no registry, with the metadata beside it. */
struct model *artifact_load_file(const char *path, struct err *err);

#endif
