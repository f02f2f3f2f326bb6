/* profile_json.c: writes profiles as JSON, schema fraudtop.profile/1, and reads and writes their
 * files. What is not known is left out, so a file without times or labels is as it ever was. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/reference/profile_parts.h"

/* 30 features in 200 kB. Of a larger profile the counts by hour go where the calendar does not show
 * in them. */
enum { BYTES = 200 * 1000, BYTES_FEATURES = 30 };

const char *const profile_kinds[3] = {"edges", "values", "categories"};

static void
write_known(struct jsonw *json, const char *key, double value)
{
	if (!isnan(value))
		jsonw_number(json, key, value);
}

/* Counts of 32 bits by hour. */
static void
write_hours(struct jsonw *json, const char *key, const uint32_t *hours, size_t columns)
{
	uint64_t *wide = mem_grow(NULL, SEASON_HOURS * columns, sizeof(*wide));
	for (size_t i = 0; i < SEASON_HOURS * columns; i++)
		wide[i] = hours[i];
	profile_write_hours(json, key, wide, columns);
	free(wide);
}

static void
write_feature(
    struct jsonw *json, const char *key, const struct profile_feature *feature, bool all_hours)
{
	const struct bins *bins = &feature->bins;
	jsonw_open_object(json, key);
	jsonw_string(json, "name", feature->name);
	jsonw_string(json, "kind", profile_kinds[bins->kind]);
	jsonw_int(json, "n", (int64_t)feature->n);
	jsonw_int(json, "missing", (int64_t)feature->missing);
	if (bins->kind == BINS_CATEGORIES_KIND) {
		jsonw_open_array(json, "categories");
		for (size_t i = 0; i + 1 < bins->count; i++)
			jsonw_string(json, NULL, bins->categories[i]);
		jsonw_close_array(json);
		jsonw_bool(json, "other", bins->has_other);
	} else {
		jsonw_number(json, "mean", feature->mean);
		jsonw_number(json, "deviation", feature->deviation);
		jsonw_number(json, "min", feature->low);
		jsonw_number(json, "max", feature->high);
		jsonw_open_array(json, "edges");
		for (size_t i = 0; i + 1 < bins->count; i++)
			jsonw_number(json, NULL, bins->edges[i]);
		jsonw_close_array(json);
		if (bins->kind == BINS_EDGES) { /* where a PSI bin begins */
			jsonw_open_array(json, "psi_edges");
			for (size_t i = 0; i + 1 < bins->count; i++) {
				if (bins->coarse[i] != bins->coarse[i + 1])
					jsonw_number(json, NULL, bins->edges[i]);
			}
			jsonw_close_array(json);
		}
	}
	jsonw_open_array(json, "counts");
	for (size_t i = 0; i < bins->count; i++)
		jsonw_int(json, NULL, (int64_t)feature->counts[i]);
	jsonw_close_array(json);
	if (feature->hours != NULL && (all_hours || feature->season != SEASON_NONE)) {
		jsonw_string(json, "season", season_name(feature->season));
		write_hours(json, "hours", feature->hours, bins->coarse_count);
	}
	write_known(json, "attribution", feature->attribution);
	jsonw_close_object(json);
}

static void
write_calibration(struct jsonw *json, const struct calibration_map *map)
{
	jsonw_open_object(json, "calibration");
	jsonw_open_array(json, "scores");
	for (size_t i = 0; i < map->knots; i++)
		jsonw_number(json, NULL, map->x[i]);
	jsonw_close_array(json);
	jsonw_open_array(json, "probabilities");
	for (size_t i = 0; i < map->knots; i++)
		jsonw_number(json, NULL, map->y[i]);
	jsonw_close_array(json);
	jsonw_close_object(json);
}

static void
write_score(struct jsonw *json, const struct profile_score *score)
{
	jsonw_open_object(json, NULL);
	jsonw_string(json, "version", score->version);
	write_feature(json, "score", &score->score, true);
	const struct {
		const char *key;
		uint64_t value;
	} counts[] = {{"decided", score->decided}, {"flagged", score->flagged},
	    {"labelled", score->labelled}, {"tp", score->tp}, {"fp", score->fp}, {"tn", score->tn},
	    {"fn", score->fn}};
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		jsonw_int(json, counts[i].key, (int64_t)counts[i].value);
	write_known(json, "roc_auc", score->roc_auc);
	write_known(json, "average_precision", score->average_precision);
	if (score->calibrated)
		write_calibration(json, &score->calibration);
	if (score->score.hours != NULL && score->decided > 0) {
		write_hours(json, "hours_decided", score->hours_decided, 1);
		write_hours(json, "hours_flagged", score->hours_flagged, 1);
	}
	jsonw_close_object(json);
}

static void
write_profile(const struct profile *profile, struct buf *out, bool all_hours)
{
	struct jsonw json = {.out = out};
	jsonw_open_object(&json, NULL);
	jsonw_string(&json, "schema", PROFILE_SCHEMA);
	jsonw_string(&json, "model", profile->model);
	jsonw_int(&json, "records", (int64_t)profile->records);
	if (profile->first_ts != 0) {
		jsonw_time(&json, "first_ts", profile->first_ts);
		jsonw_time(&json, "last_ts", profile->last_ts);
		profile_write_hours(&json, "hours_records", profile->hours_records, 1);
	}
	jsonw_open_array(&json, "features");
	for (size_t i = 0; i < profile->features_count; i++)
		write_feature(&json, NULL, &profile->features[i], all_hours);
	jsonw_close_array(&json);
	jsonw_open_array(&json, "scores");
	for (size_t i = 0; i < profile->scores_count; i++)
		write_score(&json, &profile->scores[i]);
	jsonw_close_array(&json);
	jsonw_close_object(&json);
	buf_puts(out, "\n");
}

void
profile_to_json(const struct profile *profile, struct buf *out)
{
	size_t features = profile->features_count;
	size_t most =
	    BYTES / BYTES_FEATURES * (features > BYTES_FEATURES ? features : BYTES_FEATURES);
	write_profile(profile, out, true);
	if (out->length <= most)
		return;
	buf_clear(out);
	write_profile(profile, out, false);
}

struct profile *
profile_from_json(const char *text, const char *name, struct err *err)
{
	const char *end = NULL;
	cJSON *root = cJSON_ParseWithOpts(text, &end, true);
	if (root == NULL) {
		err_set(
		    err, ERR_DATA, "%s: not JSON at byte %td", name, end != NULL ? end - text : 0);
		return NULL;
	}
	struct profile *profile = mem_alloc(sizeof(*profile));
	if (!profile_parse(profile, root, err)) {
		err_prefix(err, "%s", name);
		profile_free(profile);
		profile = NULL;
	}
	cJSON_Delete(root);
	return profile;
}

struct profile *
profile_read(const char *path, struct err *err)
{
	struct buf text = {0};
	struct profile *profile = NULL;
	if (buf_read_file(&text, path, PROFILE_MAX_FILE, err))
		profile = profile_from_json(text.data, path, err);
	buf_free(&text);
	return profile;
}

bool
profile_write(const struct profile *profile, const char *path, struct err *err)
{
	struct buf text = {0};
	profile_to_json(profile, &text);
	bool done = buf_write_file(path, text.data, text.length, 0644, err);
	buf_free(&text);
	return done;
}

bool
profile_build_file(const char *data_path, const char *out_path, struct err *err)
{
	struct dataset data = {0};
	bool done = dataset_read(&data, data_path, NULL, err);
	if (done && data.rows == 0)
		done = err_set(err, ERR_DATA, "%s: no usable record%s%s", data_path,
		    data.rejected > 0 ? "; the last was refused: " : "", data.last_reason);
	if (done) {
		struct profile *profile = profile_from_dataset(&data);
		done = !dataset_failed(&data, err) && profile_write(profile, out_path, err);
		profile_free(profile);
	}
	dataset_free(&data);
	return done;
}
