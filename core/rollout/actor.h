/* actor.h: who is acting, and from where, as the audit log and the registry record it. */
#ifndef FRAUDTOP_ROLLOUT_ACTOR_H
#define FRAUDTOP_ROLLOUT_ACTOR_H

#include <stddef.h>

/* `alice`, or `root (sudo by alice)`: what a registry keeps as changed_by. Returns dst. */
char *actor_name(char *dst, size_t size);

/* `alice uid=1000 loginuid=1000 sudo=bob`: the login name of the effective user, its uid, the uid
 * that once logged in (survives su and sudo; left out if there is none), and SUDO_USER. */
char *actor_describe(char *dst, size_t size);

/* `ssh 10.0.0.9 52114 10.0.0.1 22 host=bastion`, `tty /dev/pts/3 host=...` or `no tty host=...`. */
char *actor_origin(char *dst, size_t size);

#endif
