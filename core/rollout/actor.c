/* actor.c: reads the identity of this process from the system. Environment variables are the user's
 * own word and are recorded as such; uid and loginuid are the kernel's. */
#include "core/rollout/actor.h"

#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/text.h"

static void
login_name(char *dst, size_t size)
{
	struct passwd entry, *found = NULL;
	char memory[4096];
	if (getpwuid_r(geteuid(), &entry, memory, sizeof(memory), &found) == 0 && found != NULL)
		text_scrub(dst, size, found->pw_name, strlen(found->pw_name));
	else
		snprintf(dst, size, "uid%ld", (long)geteuid());
}

static void
environment(const char *name, char *dst, size_t size)
{
	const char *value = getenv(name);
	text_scrub(dst, size, value != NULL ? value : "", value != NULL ? strlen(value) : 0);
}

char *
actor_name(char *dst, size_t size)
{
	char sudo[48];
	login_name(dst, size);
	environment("SUDO_USER", sudo, sizeof(sudo));
	if (sudo[0] != '\0')
		text_append(dst, size, " (sudo by %s)", sudo);
	return dst;
}

char *
actor_describe(char *dst, size_t size)
{
	char sudo[48];
	struct buf loginuid = {0};
	int64_t uid;
	login_name(dst, size);
	text_append(dst, size, " uid=%ld", (long)geteuid());
	if (buf_read_file(&loginuid, "/proc/self/loginuid", 64, NULL) && loginuid.length > 0) {
		loginuid.data[strcspn(loginuid.data, "\n")] = '\0';
		/* 4294967295 is the kernel's word for none. */
		if (text_to_int64(loginuid.data, &uid) && uid != UINT32_MAX)
			text_append(dst, size, " loginuid=%lld", (long long)uid);
	}
	buf_free(&loginuid);
	environment("SUDO_USER", sudo, sizeof(sudo));
	if (sudo[0] != '\0')
		text_append(dst, size, " sudo=%s", sudo);
	return dst;
}

static bool
find_tty(char *dst, size_t size)
{
	char name[64];
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (isatty(fd) && ttyname_r(fd, name, sizeof(name)) == 0) {
			text_scrub(dst, size, name, strlen(name));
			return true;
		}
	}
	return false;
}

char *
actor_origin(char *dst, size_t size)
{
	char where[80], host[65] = "";
	environment("SSH_CONNECTION", where, sizeof(where));
	dst[0] = '\0';
	if (where[0] != '\0')
		text_append(dst, size, "ssh %s", where);
	else if (find_tty(where, sizeof(where)))
		text_append(dst, size, "tty %s", where);
	else
		text_append(dst, size, "no tty");
	if (gethostname(host, sizeof(host) - 1) != 0)
		host[0] = '\0';
	text_scrub(where, sizeof(where), host, strlen(host));
	text_append(dst, size, " host=%s", where);
	return dst;
}
