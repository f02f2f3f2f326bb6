#!/bin/sh
# The threaded parts of the program under ThreadSanitizer: the service's own test once more, and those of the
# intake, whose workers read side by side, of the batches that they fill while one commits, of the label join, whose
# files are merged meanwhile, and of the checkpoint, which is opened by a thread.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
verdict() { # verdict CODE NAME
	if [ "$1" -eq 0 ] && ! ls "$work"/race* >/dev/null 2>&1; then
		echo "ok - $2, $(grep -c '^ok ' "$work/out") checks, without a race"
		return
	fi
	echo "not ok - $2, without a race"
	grep -A 2 '^not ok' "$work/out" | sed 's/^/#   /'
	cat "$work"/race* 2>/dev/null | head -n 60 | sed 's/^/#   /'
	rm -f "$work"/race*
	bad=1
}
export TSAN_OPTIONS="log_path='$work/race'" # in quotes: there may be spaces
FRAUDTOP="$PWD/$BUILD/tsan/fraudtop" tests/e2e/serve.py >"$work/out" 2>&1
verdict $? "the service under load"
"$BUILD/tests/intake-threads" >"$work/out" 2>&1
verdict $? "workers that read logs"
"$BUILD/tests/batch-threads" >"$work/out" 2>&1
verdict $? "batches filled while others are committed"
"$BUILD/tests/join_files-threads" >"$work/out" 2>&1
verdict $? "files of the label join merged while labels are looked up"
"$BUILD/tests/checkpoint_opening-threads" >"$work/out" 2>&1
verdict $? "a checkpoint opened beside the screen"
exit $bad
