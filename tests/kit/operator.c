#include "tests/kit/operator.h"

#include <ctype.h>
#include <dirent.h>
#include <ftw.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <curl/curl.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/rollout/audit.h"

char place[512];

/* --- the place --- */

const char *
operator_program(void)
{
	const char *path = getenv("FRAUDTOP");
	return path != NULL && path[0] != '\0' ? path : "build/san/fraudtop";
}

bool
operator_make_place(void)
{
	static const char *const unset[] = {
	    "FRAUDTOP_READONLY", "FRAUDTOP_CONFIG", "NO_COLOR", "COLUMNS", "LINES", "TMUX", "STY"};
	char state[600], config[600];
	snprintf(place, sizeof(place), "/tmp/fraudtop-e2e-XXXXXX");
	if (mkdtemp(place) == NULL)
		return false;
	for (size_t i = 0; i < sizeof(unset) / sizeof(unset[0]); i++)
		unsetenv(unset[i]);
	snprintf(state, sizeof(state), "%s/state", place);
	snprintf(config, sizeof(config), "%s/no-config", place);
	setenv("XDG_RUNTIME_DIR", place, 1);
	setenv("XDG_STATE_HOME", state, 1);
	setenv("XDG_CONFIG_HOME", config, 1);
	setenv("FRAUDTOP", operator_program(), 1);
	setenv("FRAUDTOP_SYSLOG", "0", 1);
	setenv("TERM", "xterm-256color", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TZ", "UTC", 1);
	return true;
}

static int
operator_remove_one(const char *path, const struct stat *about, int kind, struct FTW *at)
{
	(void)about, (void)kind, (void)at;
	return remove(path);
}

void
operator_remove_place(void)
{
	nftw(place, operator_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

bool
operator_start_in(struct pty *pty, const char *const arguments[], const char *const *environment)
{
	char *argv[24] = {strdup(operator_program())};
	int count = 1;
	for (; arguments[count - 1] != NULL && count < 23; count++)
		argv[count] = strdup(arguments[count - 1]);
	bool started = pty_start(pty, argv, environment, 120, 40);
	while (count-- > 0)
		free(argv[count]);
	return started;
}

bool
operator_start(struct pty *pty, const char *const arguments[])
{
	static const char *const environment[] = {
	    "ASAN_OPTIONS=abort_on_error=0:detect_leaks=1", NULL};
	return operator_start_in(pty, arguments, environment);
}

/* --- what the screen shows --- */

/* Is this line the overview's row of the service? Past the marker of the selected row. */
static const char *
operator_row_text(const char *line, const char *service, bool *selected)
{
	static const char marker[] = "\xe2\x96\xb8"; /* ▸ */
	*selected = strncmp(line, marker, strlen(marker)) == 0;
	line += *selected ? strlen(marker) : 0;
	line += strspn(line, " ");
	size_t length = strlen(service);
	return strncmp(line, service, length) == 0 && line[length] == ' ' ? line + length : NULL;
}

/* The state and the version in the service's row of the overview. False if there is no such row. */
static bool
operator_row(struct pty *pty, const char *service, char state[16], char version[16], bool *selected)
{
	char *screen = pty_text(pty), *save = NULL;
	bool found = false;
	for (char *line = strtok_r(screen, "\n", &save); line != NULL && !found;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *rest = operator_row_text(line, service, selected);
		found = rest != NULL && sscanf(rest, " %15s %15s", state, version) == 2;
	}
	free(screen);
	return found;
}

bool
operator_wait_version(struct pty *pty, const char *service, const char *wanted)
{
	long long end = pty_now_ms() + PTY_WAIT_MS;
	char state[16] = "", version[16] = "";
	bool selected;
	while (!operator_row(pty, service, state, version, &selected) ||
	       strcmp(version, wanted) != 0 || pty_in_frame(pty)) {
		if (pty_now_ms() >= end) {
			char *screen = pty_text(pty);
			print_error(
			    "%s never showed %s; the screen is:\n%s", service, wanted, screen);
			free(screen);
			return false;
		}
		pty_read(pty, 50);
	}
	return true;
}

/* --- what the operator does --- */

/* Is the row of another service than `before` selected, in a whole frame? Its name is then there.
 */
static bool
operator_selected_is_other(struct pty *pty, char before[64])
{
	static const char marker[] = "\n\xe2\x96\xb8"; /* ▸ */
	char *screen = pty_text(pty), *row = strstr(screen, marker), name[64] = "";
	bool other = row != NULL && sscanf(row + strlen(marker), " %63s", name) == 1 &&
		     strcmp(name, before) != 0 && !pty_in_frame(pty);
	if (other)
		text_copy(before, 64, name);
	free(screen);
	return other;
}

bool
operator_select(struct pty *pty, const char *service)
{
	char name[64] = "";
	long long end = pty_now_ms() + PTY_WAIT_MS;
	while (strcmp(name, service) != 0) {
		while (!operator_selected_is_other(pty, name)) {
			if (pty_now_ms() >= end)
				return false;
			pty_read(pty, 50);
		}
		if (strcmp(name, service) != 0)
			pty_send(pty, "j");
	}
	return true;
}

bool
operator_open_sheet(struct pty *pty, const char *reason)
{
	return pty_send(pty, "R") && pty_wait(pty, "Reason:") && pty_send(pty, reason) &&
	       pty_wait(pty, reason) && pty_send(pty, "\r") && pty_wait(pty, "ARMED") &&
	       pty_wait(pty, "Type the model's name");
}

bool
operator_confirm(struct pty *pty)
{
	return pty_send(pty, "\025" OPERATOR_MODEL) &&
	       pty_wait(pty, "Esc to leave: " OPERATOR_MODEL) && pty_send(pty, "\r");
}

/* --- HTTP --- */

static size_t
operator_take(char *bytes, size_t size, size_t count, void *context)
{
	buf_append(context, bytes, size * count);
	return size * count;
}

cJSON *
operator_call(const char *base, const char *path, const char *body, long *status)
{
	char url[512];
	struct buf answer = {0};
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	CURL *curl = curl_easy_init();
	snprintf(url, sizeof(url), "%s%s", base, path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, operator_take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
	if (body != NULL) {
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	}
	*status = 0;
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
	cJSON *json = answer.length > 0 ? cJSON_Parse(answer.data) : NULL;
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	buf_free(&answer);
	return json;
}

bool
operator_says(const cJSON *json, const char *key, const char *wanted)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(json, key));
	return text != NULL && strcmp(text, wanted) == 0;
}

bool
operator_serves(const char *base, const char *version)
{
	long status;
	cJSON *json = operator_call(base, "/health", NULL, &status);
	bool good = status == 200 && operator_says(json, "version", version) &&
		    operator_says(json, "status", "ok");
	cJSON_Delete(json);
	return good;
}

/* --- the program as a command, and its audit log --- */

int
operator_run(const char *arguments, struct buf *out)
{
	char command[700], bytes[4096];
	size_t got;
	snprintf(command, sizeof(command), "\"$FRAUDTOP\" %s", arguments);
	FILE *pipe = popen(command, "r");
	if (pipe == NULL)
		return -1;
	while ((got = fread(bytes, 1, sizeof(bytes), pipe)) > 0)
		buf_append(out, bytes, got);
	int status = pclose(pipe);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool
operator_audited(const char *event, const char *outcome)
{
	struct audit_row *rows = NULL;
	size_t count = 0;
	bool found = false;
	struct audit *audit = audit_open_read(NULL, NULL);
	if (audit != NULL && audit_rows(audit, 0, NULL, &rows, &count, NULL)) {
		for (size_t i = 0; i < count && !found; i++)
			found = (event == NULL || strcmp(rows[i].event, event) == 0) &&
				(outcome == NULL || strcmp(rows[i].outcome, outcome) == 0);
	}
	free(rows);
	audit_close(audit);
	return found;
}

bool
operator_wait_audited(const char *event, const char *outcome)
{
	long long end = pty_now_ms() + PTY_WAIT_MS;
	while (!operator_audited(event, outcome)) {
		if (pty_now_ms() >= end)
			return false;
		poll(NULL, 0, 10);
	}
	return true;
}

/* --- processes --- */

size_t
operator_read_process(pid_t pid, const char *what, char *bytes, size_t size)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
	FILE *file = fopen(path, "r");
	size_t got = file != NULL ? fread(bytes, 1, size - 1, file) : 0;
	if (file != NULL)
		fclose(file);
	bytes[got] = '\0';
	return got;
}

static bool
operator_stat(pid_t pid, struct operator_process *process)
{
	char line[1024];
	operator_read_process(pid, "stat", line, sizeof(line));
	const char *rest = strrchr(line, ')'); /* the name may hold anything */
	char state = 'Z';
	process->pid = pid;
	return rest != NULL &&
	       sscanf(rest + 1,
		   " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "
		   "%llu",
		   &state, &process->parent, &process->started) == 3 &&
	       state != 'Z';
}

size_t
operator_processes(struct operator_process *list, size_t size)
{
	size_t count = 0;
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	while (folder != NULL && count < size && (entry = readdir(folder)) != NULL)
		count += isdigit((unsigned char)entry->d_name[0]) &&
			 operator_stat((pid_t)atoi(entry->d_name), &list[count]);
	if (folder != NULL)
		closedir(folder);
	return count;
}

size_t
operator_descendants(pid_t root, struct operator_process *list, size_t size)
{
	static struct operator_process all[8192];
	size_t total = operator_processes(all, sizeof(all) / sizeof(all[0])), count = 0;
	bool more = true;
	while (more) {
		more = false;
		for (size_t i = 0; i < total && count < size; i++) {
			bool below = all[i].parent == root;
			for (size_t j = 0; j < count && !below; j++)
				below = list[j].pid == all[i].parent;
			if (!below || all[i].pid == 0)
				continue;
			list[count++] = all[i];
			all[i].pid = all[i].parent = 0;
			more = true;
		}
	}
	return count;
}

bool
operator_gone(const struct operator_process *list, size_t count)
{
	long long end = pty_now_ms() + PTY_WAIT_MS;
	for (size_t i = 0; i < count; i++) {
		struct operator_process now;
		while (operator_stat(list[i].pid, &now) && now.started == list[i].started) {
			if (pty_now_ms() >= end)
				return false;
			poll(NULL, 0, 20);
		}
	}
	return true;
}
