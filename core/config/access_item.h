/* access_item.h: how services are entered: an item of the list `access`, as those of items.h. */
#ifndef FRAUDTOP_CONFIG_ACCESS_ITEM_H
#define FRAUDTOP_CONFIG_ACCESS_ITEM_H

#include <stddef.h>

/* A text that is shown nowhere. */
struct config_secret {
	char text[8192];
	char variable[64]; /* of the environment, that it came from; "": the file itself */
};

struct config_access { /* core/base/http_access.h */
	char name[128];
	struct config_secret token;
	char token_file[1024], header[128], user[256];
	struct config_secret password;
	char password_file[1024];
	char ca_file[1024], cert_file[1024], key_file[1024];
	size_t line;
};

#endif
