#!/bin/sh
# fuzz.sh: the fuzzers of the model formats and of logs, FUZZ_SECONDS (60) each, two at a time. `make fuzz` runs all there are.
seconds=${FUZZ_SECONDS:-60} bad=0
set -- record record_ways mapping captures csv
for source in tests/fuzz/model_*.c; do
	set -- "$@" "$(basename "$source" .c)"
done
while [ $# -gt 0 ]; do
	tests/fuzz/run "$BUILD" "$seconds" "$1" &
	first=$!
	[ $# -lt 2 ] || tests/fuzz/run "$BUILD" "$seconds" "$2" || bad=1
	wait $first || bad=1
	shift
	[ $# -eq 0 ] || shift
done
exit $bad
