/* url.h: what a URL says of where it leads. */
#ifndef FRAUDTOP_BASE_URL_H
#define FRAUDTOP_BASE_URL_H

#include <stdbool.h>

/* Whether it is this machine itself, by name or by number: no proxy can know what that means. */
bool url_is_loopback(const char *url);

#endif
