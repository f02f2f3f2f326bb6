#include "core/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"

bool
err_set(struct err *err, int code, const char *format, ...)
{
	if (err == NULL)
		return false;
	char raw[sizeof(err->text)];
	va_list args;
	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	text_scrub(err->text, sizeof(err->text), raw, strlen(raw));
	err->code = code;
	return false;
}

bool
err_prefix(struct err *err, const char *format, ...)
{
	if (err == NULL)
		return false;
	struct err old = *err;
	char prefix[sizeof(err->text)];
	va_list args;
	va_start(args, format);
	vsnprintf(prefix, sizeof(prefix), format, args);
	va_end(args);
	return err_set(err, old.code, "%.200s: %.300s", prefix, old.text);
}
