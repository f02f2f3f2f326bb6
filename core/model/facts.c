/* facts.c: counts what is in a model. Only the trees that make a score are looked into. */
#include "core/model/facts.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/model/parts.h"

/* A child lies behind its parent, so that one pass from front to back sees whole trees. */
static void
count_trees(const struct trees *trees, struct model_facts *facts, bool *used)
{
	uint32_t *depths = mem_alloc(trees->nodes_count * sizeof(*depths)); /* from 1; 0: unused */
	for (size_t i = 0; i < trees->used; i++)
		depths[trees->roots[i]] = 1;
	for (size_t i = 0; i < trees->nodes_count; i++) {
		const struct trees_node *node = &trees->nodes[i];
		if (depths[i] == 0)
			continue;
		if (depths[i] - 1 > facts->depth)
			facts->depth = depths[i] - 1;
		if (node->child == 0) {
			facts->leaves++;
			continue;
		}
		facts->splits++;
		used[node->feature & TREES_FEATURE] = true;
		depths[node->child] = depths[node->child + 1] = depths[i] + 1;
	}
	free(depths);
}

void
model_facts(const struct model *model, struct model_facts *facts, bool *used)
{
	bool *seen = mem_alloc(model->features_count * sizeof(*seen));
	*facts = (struct model_facts){.objective = model->objective,
	    .link = link_word(model->link),
	    .slope = model->slope,
	    .trees = model->trees.count,
	    .used = model->trees.used,
	    .intercept = model->terms != NULL ? model->intercept : (double)NAN};
	count_trees(&model->trees, facts, seen);
	for (size_t i = 0; i < model->features_count; i++) {
		seen[i] = seen[i] || (model->terms != NULL && model->terms[i].weight != 0);
		facts->inputs_used += seen[i];
		if (used != NULL)
			used[i] = seen[i];
	}
	free(seen);
}

bool
model_term(const struct model *model, size_t index, struct model_term *term)
{
	if (model->terms == NULL || index >= model->features_count)
		return false;
	const struct linear_term *own = &model->terms[index];
	*term = (struct model_term){own->weight, own->missing, own->mean};
	return true;
}

bool
model_nameless(const struct model *model)
{
	return model->nameless != NULL;
}
