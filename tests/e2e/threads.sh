#!/bin/sh
# The service's own test once more, under ThreadSanitizer: the threaded part of the program.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
FRAUDTOP="$PWD/$BUILD/tsan/fraudtop" TSAN_OPTIONS="log_path=$work/race" tests/e2e/serve.py >"$work/out" 2>&1
code=$?
checks=$(grep -c '^ok ' "$work/out")
if [ $code -eq 0 ] && ! ls "$work"/race* >/dev/null 2>&1; then
	echo "ok - the service under load, $checks checks, without a race"
else
	echo "not ok - the service under load, without a race"
	grep -A 2 '^not ok' "$work/out" | sed 's/^/#   /'
	cat "$work"/race* 2>/dev/null | head -n 60 | sed 's/^/#   /'
	exit 1
fi
