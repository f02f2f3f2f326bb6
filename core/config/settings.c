#include "core/config/settings.h"

#include <math.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/config.h"
#include "core/config/settings_value.h"

#define AT(member) offsetof(struct config, member)
#define TOP(member) AT(member), sizeof(((struct config *)NULL)->member)
#define IN(type, member) offsetof(struct type, member), sizeof(((struct type *)NULL)->member)
#define LIST(type, member) offsetof(struct type, member), offsetof(struct type, member##_count)

#define MINUTE 60.0
#define HOUR 3600.0
#define DAY 86400.0

static const char presets[] =
#define PRESET(name, text, help) " " text
#include "core/config/presets.def"
#undef PRESET
    ;

/* path, type, place, least, most, default, unit, help, choices */
/* clang-format off */
const struct setting settings_table[] = {
{"context", SETTING_TEXT, TOP(context), 0, 0, "", "",
	"a name for what is watched, shown in the banner", NULL},
{"readonly", SETTING_BOOL, TOP(readonly), 0, 0, "false", "",
	"true forbids every write", NULL},

{"services.name", SETTING_TEXT, IN(config_service, name), 0, 0, NULL, "",
	"the name of the service, its `service` in the log", NULL},
{"services.url", SETTING_URL, IN(config_service, url), 0, 0, "", "",
	"its base URL: /health and /metrics are under it; without one only its log is read", NULL},
{"services.access", SETTING_TEXT, IN(config_service, access), 0, 0, "", "",
	"the name of one of `access`: what its URL wants to see before it answers", NULL},
{"services.log", SETTING_PATHS, LIST(config_service, logs), 0, 0, "", "",
	"its prediction log: a path, a folder, a glob, `-` (standard input) or a list", NULL},
{"services.labels", SETTING_PATHS, LIST(config_service, labels), 0, 0, "", "",
	"its label feed: a path, a folder, a glob or a list", NULL},
{"services.format", SETTING_TEXT, IN(config_service, format), 0, 0, "fraudtop", "",
	"how its log and labels are laid out: a preset, or the name of one of `mappings`", NULL},
{"services.table", SETTING_TEXT, IN(config_service, table), 0, 0, "", "",
	"the table to read, where `log` is an SQLite file", NULL},
{"services.sample", SETTING_ONE_IN, IN(config_service, sample), 1, 1e6, "1/1", "",
	"read only so many of its predictions, chosen by request id", NULL},
{"services.model", SETTING_TEXT, IN(config_service, model), 0, 0, "", "",
	"the model it serves", NULL},
{"services.alias", SETTING_TEXT, IN(config_service, alias), 0, 0, "production", "",
	"the alias it follows in the registry", NULL},
{"services.registry", SETTING_TEXT, IN(config_service, registry), 0, 0, "", "",
	"the name of one of `registries`; may be left out if there is only one", NULL},

{"access.name", SETTING_TEXT, IN(config_access, name), 0, 0, NULL, "",
	"the name by which `services.access` refers to it", NULL},
{"access.token", SETTING_SECRET, IN(config_access, token.text), 0, 0, "", "",
	"sent as `Authorization: Bearer`; as ${NAME}, from the environment", NULL},
{"access.token_file", SETTING_PATH, IN(config_access, token_file), 0, 0, "", "",
	"a file that holds the token; read again when it changes", NULL},
{"access.header", SETTING_TEXT, IN(config_access, header), 0, 0, "", "",
	"the header that bears the token as it is, such as X-Api-Key, instead of Authorization", NULL},
{"access.user", SETTING_TEXT, IN(config_access, user), 0, 0, "", "",
	"sent with the password as `Authorization: Basic`", NULL},
{"access.password", SETTING_SECRET, IN(config_access, password.text), 0, 0, "", "",
	"of the user; as ${NAME}, from the environment", NULL},
{"access.password_file", SETTING_PATH, IN(config_access, password_file), 0, 0, "", "",
	"a file that holds the password; read again when it changes", NULL},
{"access.ca_file", SETTING_PATH, IN(config_access, ca_file), 0, 0, "", "",
	"PEM: who may vouch for the service's certificate, instead of the system's authorities", NULL},
{"access.cert_file", SETTING_PATH, IN(config_access, cert_file), 0, 0, "", "",
	"PEM: our own certificate, where the service wants one", NULL},
{"access.key_file", SETTING_PATH, IN(config_access, key_file), 0, 0, "", "",
	"PEM: its key, without a password; left out if it stands in `cert_file`", NULL},

{"mappings.name", SETTING_TEXT, IN(config_mapping, name), 0, 0, NULL, "",
	"the name by which `services.format` refers to it", NULL},
{"mappings.preset", SETTING_WORD, IN(config_mapping, preset), 0, 0, "fraudtop", "",
	"the layout it begins with; what is given here comes instead", presets + 1},
{"mappings.inside", SETTING_TEXT, IN(config_mapping, inside), 0, 0, "", "",
	"what of a line is the record: `text` (the JSON after any text), or the path of its text", NULL},
{"mappings.ts", SETTING_TEXT, IN(config_mapping, ts), 0, 0, "", "",
	"path of the event's time, as text or as a number of seconds, ms, us or ns since 1970", NULL},
{"mappings.request_id", SETTING_TEXT, IN(config_mapping, request_id), 0, 0, "", "",
	"path of what joins a prediction and its label", NULL},
{"mappings.service", SETTING_TEXT, IN(config_mapping, service), 0, 0, "", "",
	"path of the service", NULL},
{"mappings.model", SETTING_TEXT, IN(config_mapping, model), 0, 0, "", "",
	"path of the model", NULL},
{"mappings.version", SETTING_TEXT, IN(config_mapping, version), 0, 0, "", "",
	"path of the model's version", NULL},
{"mappings.segment", SETTING_TEXT, IN(config_mapping, segment), 0, 0, "", "",
	"path of the segment", NULL},
{"mappings.score", SETTING_TEXT, IN(config_mapping, score), 0, 0, "", "",
	"path of the score, from 0 to 1", NULL},
{"mappings.threshold", SETTING_TEXT, IN(config_mapping, threshold), 0, 0, "", "",
	"path of the threshold", NULL},
{"mappings.decision", SETTING_TEXT, IN(config_mapping, decision), 0, 0, "", "",
	"path of the decision: 0, 1, true or false", NULL},
{"mappings.latency_ms", SETTING_TEXT, IN(config_mapping, latency_ms), 0, 0, "", "",
	"path of the latency in ms", NULL},
{"mappings.status", SETTING_TEXT, IN(config_mapping, status), 0, 0, "", "",
	"path of the HTTP status", NULL},
{"mappings.label", SETTING_TEXT, IN(config_mapping, label), 0, 0, "", "",
	"path of the label: 0, 1, true or false", NULL},
{"mappings.features", SETTING_TEXT, IN(config_mapping, features), 0, 0, "", "",
	"path of the features: an object or a list", NULL},
{"mappings.attributions", SETTING_TEXT, IN(config_mapping, attributions), 0, 0, "", "",
	"path of what each feature gave to the score: an object", NULL},
{"mappings.input", SETTING_TEXT, IN(config_mapping, input), 0, 0, "", "",
	"path of the request's payload (captures, events, tensors)", NULL},
{"mappings.output", SETTING_TEXT, IN(config_mapping, output), 0, 0, "", "",
	"path of the response's payload (captures, events, tensors)", NULL},
{"mappings.named", SETTING_PAIRS, LIST(config_mapping, named), 0, 0, "", "",
	"single features: {name: path, ...}", NULL},
{"mappings.columns", SETTING_TEXTS, LIST(config_mapping, columns), 0, 0, "", "",
	"names for the features of payloads without names, in order; default: f0, f1, ...", NULL},
{"mappings.positive", SETTING_TEXTS, LIST(config_mapping, positive), 0, 0, "", "",
	"what stands for 1 in labels and decisions, beside the common words", NULL},
{"mappings.negative", SETTING_TEXTS, LIST(config_mapping, negative), 0, 0, "", "",
	"what stands for 0 in them", NULL},
{"mappings.flat", SETTING_BOOL, IN(config_mapping, flat), 0, 0, "false", "",
	"values at the top that no path leads to are features", NULL},
{"mappings.delimiter", SETTING_WORD, IN(config_mapping, delimiter), 0, 0, "comma", "",
	"what stands between the columns of a CSV", "comma semicolon tab bar"},
{"mappings.decimal", SETTING_WORD, IN(config_mapping, decimal), 0, 0, "point", "",
	"what stands before the decimals of a CSV's numbers", "point comma"},

{"registries.name", SETTING_TEXT, IN(config_registry, name), 0, 0, NULL, "",
	"the name by which services refer to it", NULL},
{"registries.kind", SETTING_WORD, IN(config_registry, kind), 0, 0, "local", "",
	"what kind of registry", "local"},
{"registries.path", SETTING_PATH, IN(config_registry, location), 0, 0, NULL, "",
	"the database file of a local registry", NULL},

{"references.model", SETTING_TEXT, IN(config_reference, model), 0, 0, NULL, "",
	"the model the reference is of", NULL},
{"references.profile", SETTING_PATH, IN(config_reference, profile), 0, 0, NULL, "",
	"a file made by `fraudtop profile`", NULL},

{"windows.comparison", SETTING_DURATION, TOP(comparison_us), 10, 30 * DAY, "1h", "",
	"what latency, errors and drift look back on", NULL},
{"windows.quality", SETTING_DURATION, TOP(quality_us), 10, 365 * DAY, "7d", "",
	"what precision and recall look back on", NULL},
{"windows.lateness", SETTING_DURATION, TOP(lateness_us), 0, DAY, "60s", "",
	"how far behind a record may be and still count", NULL},
{"windows.idle_after", SETTING_DURATION, TOP(idle_after_us), 1, DAY, "10s", "",
	"a log silent for this long no longer holds the clock", NULL},
{"windows.label_ttl", SETTING_DURATION, TOP(label_ttl_us), 10, 730 * DAY, "90d", "",
	"how long a prediction waits for its label", NULL},
{"windows.assume_negative_after", SETTING_DURATION, TOP(assume_negative_us), 0, 730 * DAY, "0s", "",
	"the age at which a prediction without a label is taken for a 0; 0s: never", NULL},

{"features.name", SETTING_TEXT, IN(config_feature, name), 0, 0, NULL, "",
	"the feature", NULL},
{"features.warning", SETTING_NUMBER, IN(config_feature, warning), 0, 100, "", "PSI",
	"its drift warning, instead of limits.psi_warning", NULL},
{"features.critical", SETTING_NUMBER, IN(config_feature, critical), 0, 100, "", "PSI",
	"its critical drift, instead of limits.psi_critical", NULL},
{"features.min_samples", SETTING_INTEGER, IN(config_feature, min_samples), 1, 1e9, "", "records",
	"fewer are insufficient to judge it, instead of limits.min_samples", NULL},
{"features.comparison", SETTING_DURATION, IN(config_feature, window_us), 10, 30 * DAY, "", "",
	"what its drift looks back on, instead of windows.comparison", NULL},
{"features.season", SETTING_WORD, IN(config_feature, season), 0, 0, "auto", "",
	"the hours of the reference it is compared with (UTC); auto: as its profile recognised",
	"auto none hour-of-day hour-of-week"},

{"expectations.model", SETTING_TEXT, IN(config_expectations, model), 0, 0, NULL, "",
	"the model whose records are held to it", NULL},
{"expectations.suite", SETTING_PATH, IN(config_expectations, suite), 0, 0, NULL, "",
	"a Great Expectations suite, as JSON", NULL},

{"limits.psi_warning", SETTING_NUMBER, TOP(psi_warning), 0, 100, "0.1", "PSI",
	"drift of a feature: warning", NULL},
{"limits.psi_critical", SETTING_NUMBER, TOP(psi_critical), 0, 100, "0.2", "PSI",
	"drift of a feature: critical", NULL},
{"limits.score_psi_warning", SETTING_NUMBER, TOP(score_psi_warning), 0, 100, "0.05", "PSI",
	"drift of the score: warning", NULL},
{"limits.score_psi_critical", SETTING_NUMBER, TOP(score_psi_critical), 0, 100, "0.1", "PSI",
	"drift of the score: critical", NULL},
{"limits.drift_share", SETTING_NUMBER, TOP(drift_share), 0, 1, "0.15", "share",
	"drifted features that make the data drifted", NULL},
{"limits.drift_share_severe", SETTING_NUMBER, TOP(drift_share_severe), 0, 1, "0.2", "share",
	"drifted features that make it severe", NULL},
{"limits.p95_ms", SETTING_NUMBER, TOP(p95_ms), 0, 3.6e6, "100", "ms",
	"p95 latency: target", NULL},
{"limits.p99_warning_ms", SETTING_NUMBER, TOP(p99_warning_ms), 0, 3.6e6, "200", "ms",
	"p99 latency: warning", NULL},
{"limits.p99_critical_ms", SETTING_NUMBER, TOP(p99_critical_ms), 0, 3.6e6, "500", "ms",
	"p99 latency: critical", NULL},
{"limits.error_warning", SETTING_NUMBER, TOP(error_warning), 0, 1, "0.01", "share",
	"error rate: warning", NULL},
{"limits.error_critical", SETTING_NUMBER, TOP(error_critical), 0, 1, "0.05", "share",
	"error rate: critical", NULL},
{"limits.maturity", SETTING_NUMBER, TOP(maturity), 0, 1, "0.8", "share",
	"labels in, below which quality is immature", NULL},
{"limits.quality_drop", SETTING_NUMBER, TOP(quality_drop), 0, 1, "0.05", "share",
	"drop of precision or recall from the baseline", NULL},
{"limits.min_samples", SETTING_INTEGER, TOP(min_samples), 1, 1e9, "1000", "records",
	"fewer are insufficient to judge drift", NULL},
{"limits.min_labels", SETTING_INTEGER, TOP(min_labels), 1, 1e9, "30", "labels",
	"fewer positives (or flagged) are insufficient to judge quality", NULL},
{"limits.reference_records", SETTING_INTEGER, TOP(reference_records), 100, 1e7, "10000", "records",
	"first records that make the reference where no profile is given", NULL},

{"verdict.alpha", SETTING_NUMBER, TOP(alpha), 1e-12, 0.5, "0.01", "",
	"significance wanted of drift, after Benjamini and Hochberg over the features", NULL},
{"verdict.confirm", SETTING_INTEGER, TOP(confirm_windows), 1, 8, "2", "windows",
	"how many of the last windows must agree before drift warns", NULL},
{"verdict.of", SETTING_INTEGER, TOP(of_windows), 1, 8, "3", "windows",
	"how many of the last windows are looked at, a twelfth of the window apart", NULL},
{"verdict.nulls_rise", SETTING_NUMBER, TOP(nulls_rise), 0, 1, "0.01", "share",
	"significant rise of nulls: warning", NULL},
{"verdict.nulls_critical", SETTING_NUMBER, TOP(nulls_critical), 0, 1, "0.05", "share",
	"nulls that make such a rise critical", NULL},
{"verdict.type_share", SETTING_NUMBER, TOP(type_share), 0, 1, "0.01", "share",
	"values of another type than the reference's: warning", NULL},
{"verdict.range_share", SETTING_NUMBER, TOP(range_share), 0, 1, "0.001", "share",
	"values outside the reference's range: warning", NULL},
{"verdict.unseen_share", SETTING_NUMBER, TOP(unseen_share), 0, 1, "0.001", "share",
	"values that the reference has not: warning", NULL},
{"verdict.throughput_drop", SETTING_NUMBER, TOP(throughput_drop), 0, 1, "0.3", "share",
	"drop of the volume below the same hours of the reference: warning", NULL},
{"verdict.score_season", SETTING_WORD, TOP(score_season), 0, 0, "auto", "",
	"the hours of the reference the score is compared with (UTC)",
	"auto none hour-of-day hour-of-week"},
{"verdict.rate_season", SETTING_WORD, TOP(rate_season), 0, 0, "auto", "",
	"the hours of the reference volume and decision rate are compared with (UTC)",
	"auto none hour-of-day hour-of-week"},
{"verdict.compat", SETTING_WORD, TOP(compat), 0, 0, "none", "",
	"another tool whose own test and limit `report` adds to each feature",
	"none evidently nannyml sagemaker"},

{"concept.detector", SETTING_WORD, TOP(detector), 0, 0, "adwin", "",
	"what watches label errors, decision rate and score mean for change",
	"adwin page-hinkley ddm"},
{"concept.delta", SETTING_NUMBER, TOP(concept_delta), 1e-12, 1, "0.002", "",
	"ADWIN: the chance of a false alarm, shared by the streams of a series", NULL},
{"concept.legacy_scan", SETTING_BOOL, TOP(legacy_scan), 0, 0, "false", "",
	"ADWIN: scan as river did up to 0.21", NULL},

{"cohorts.by", SETTING_TEXT, TOP(cohort_by), 0, 0, "segment", "",
	"the field that cohorts and bias are by: `segment`, or the name of a feature", NULL},
{"cohorts.most", SETTING_INTEGER, TOP(cohort_most), 1, 64, "20", "cohorts",
	"how many cohorts are kept apart; the rest are `other`", NULL},
{"cohorts.least", SETTING_INTEGER, TOP(bias_least), 1, 1e9, "100", "records",
	"a group of fewer is not compared for bias", NULL},

{"poll.interval", SETTING_DURATION, TOP(poll_interval_us), 0.1, HOUR, "1s", "",
	"time between two polls of a service", NULL},
{"poll.timeout", SETTING_DURATION, TOP(poll_timeout_us), 0.1, 10 * MINUTE, "2s", "",
	"how long a service may take to answer", NULL},
{"verify.timeout", SETTING_DURATION, TOP(verify_timeout_us), 1, HOUR, "30s", "",
	"how long a rollback or promote is watched", NULL},

{"screen.theme", SETTING_TEXT, TOP(theme), 0, 0, "default", "",
	"the name of a theme", NULL},
{"screen.graph", SETTING_WORD, TOP(graph), 0, 0, "braille", "",
	"what graphs are drawn with", "braille block ascii"},
{"screen.delay", SETTING_DURATION, TOP(delay_us), 0.25, HOUR, "1s", "",
	"time between two frames", NULL},

{"replay.rows", SETTING_INTEGER, TOP(replay_rows), 0, 50000, "5000", "records",
	"newest predictions of a version that another one is asked about; 0: none, no replay", NULL},

{"memory.windows", SETTING_INTEGER, TOP(windows_memory), 16, 65536, "96", "MiB",
	"memory for windows and references; beyond it the rarest versions are counted as `other`", NULL},
{"memory.join_memory", SETTING_INTEGER, TOP(join_memory), 1, 65536, "64", "MiB",
	"memory for predictions that wait for their label; older ones go to a file", NULL},
{"memory.join_file", SETTING_INTEGER, TOP(join_file), 0, 65536, "8", "GiB",
	"the most that file may take; 0: no file, the oldest are dropped", NULL},
{"memory.join_sample", SETTING_ONE_IN, TOP(join_sample), 1, 1e6, "1/1", "",
	"keep only so many predictions for quality, chosen by request id", NULL},

{"ingest.workers", SETTING_INTEGER, TOP(workers), 0, 64, "0", "threads",
	"that read side by side while a log is caught up with; 0: one a core, at most 4", NULL},
{"ingest.checkpoint", SETTING_DURATION, TOP(checkpoint_us), 0, HOUR, "10s", "",
	"how often is kept how far the logs were read, so that a restart goes on there; 0s: never", NULL},
};
/* clang-format on */

const size_t settings_count = sizeof(settings_table) / sizeof(*settings_table);

/* Keys of the design that this version does not have yet. */
static const struct {
	const char *section, *key, *why;
} later[] = {
    {"registries", "url",
	"this version knows registries of kind `local` only, which have a `path`"},
    {"registries", "token_file",
	"this version knows registries of kind `local` only, which have a `path`"},
    {"registries", "token",
	"this version knows registries of kind `local` only, which have a `path`"},
    {"memory", "join_entries", "it is a number of bytes now: `join_memory`"},
};

size_t
settings_section(const struct setting *setting)
{
	const char *dot = strchr(setting->path, '.');
	return dot != NULL ? (size_t)(dot - setting->path) : 0;
}

const char *
settings_key(const struct setting *setting)
{
	size_t section = settings_section(setting);
	return setting->path + section + (section > 0);
}

const struct settings_section settings_sections[] = {
    {"services", true},
    {"access", true},
    {"mappings", true},
    {"registries", true},
    {"references", true},
    {"windows", false},
    {"features", true},
    {"expectations", true},
    {"limits", false},
    {"verdict", false},
    {"concept", false},
    {"cohorts", false},
    {"poll", false},
    {"verify", false},
    {"screen", false},
    {"replay", false},
    {"memory", false},
    {"ingest", false},
};
const size_t settings_sections_count = sizeof(settings_sections) / sizeof(*settings_sections);

bool
settings_is_list(const char *section, size_t length)
{
	for (size_t i = 0; i < settings_sections_count; i++) {
		const char *name = settings_sections[i].name;
		if (strlen(name) == length && memcmp(name, section, length) == 0)
			return settings_sections[i].list;
	}
	return false;
}

static bool
is_in(const struct setting *setting, const char *section)
{
	size_t length = settings_section(setting);
	return strlen(section) == length && memcmp(setting->path, section, length) == 0;
}

size_t
settings_keys(const char *section, const char *keys[SETTINGS_KEYS])
{
	size_t n = 0;
	if (*section == '\0') {
		keys[n++] = "version";
		for (size_t i = 0; i < settings_sections_count; i++)
			keys[n++] = settings_sections[i].name;
		keys[n++] = "rules";
	}
	for (size_t i = 0; i < settings_count; i++) {
		if (!is_in(&settings_table[i], section))
			continue;
		if (n + 1 >= SETTINGS_KEYS)
			mem_die("section %s has too many settings", section);
		keys[n++] = settings_key(&settings_table[i]);
	}
	keys[n] = NULL;
	return n;
}

void
settings_advise(const char *section, const char *key, char *dst, size_t size)
{
	const char *keys[SETTINGS_KEYS];
	settings_keys(section, keys);
	*dst = '\0';
	for (size_t i = 0; i < sizeof(later) / sizeof(*later); i++) {
		if (strcmp(later[i].section, section) == 0 && strcmp(later[i].key, key) == 0) {
			text_append(dst, size, "`%s`: %s", key, later[i].why);
			return;
		}
	}
	text_append(dst, size, "unknown key `%s`", key);
	for (size_t i = 0; i < settings_count; i++) {
		const struct setting *other = &settings_table[i];
		if (strcmp(settings_key(other), key) == 0) {
			size_t length = settings_section(other);
			if (length > 0)
				text_append(dst, size, "; it belongs under `%.*s`", (int)length,
				    other->path);
			else
				text_append(dst, size, "; it belongs at the top of the file");
			return;
		}
	}
	const char *nearest = text_nearest(key, keys);
	if (nearest != NULL) {
		text_append(dst, size, "; did you mean `%s`?", nearest);
		return;
	}
	for (size_t i = 0; keys[i] != NULL; i++)
		text_append(dst, size, "%s%s", i == 0 ? "; known here: " : ", ", keys[i]);
}

void
settings_defaults(const char *section, void *base)
{
	for (size_t i = 0; i < settings_count; i++) {
		const struct setting *setting = &settings_table[i];
		char why[128];
		double unset = NAN;
		if (!is_in(setting, section) || setting->fallback == NULL)
			continue;
		if (*setting->fallback != '\0') {
			if (!settings_store(setting, base, setting->fallback, why, sizeof(why)))
				mem_die("the default of %s %s", setting->path, why);
		} else if (setting->type == SETTING_NUMBER) { /* of the others 0 says so */
			memcpy((char *)base + setting->offset, &unset, sizeof(unset));
		}
	}
}
