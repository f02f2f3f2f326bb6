#!/bin/sh
# vectors.sh: the runner of known answers must fail where an answer is wrong, where nobody computes what
# is asked, and where a named file is not there. Speaks TAP.
vectors=${BUILD:-build}/tests/vectors
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset CMOCKA_MESSAGE_OUTPUT
bad=0 number=0
check() { # check NAME STATUS LAST-LINE PATTERN: of the run before, in $work/out and $code
	number=$((number + 1))
	if [ "$code" -eq "$2" ] && [ "$(tail -n 1 "$work/out")" = "$3" ] && grep -q -- "$4" "$work/out"; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		sed 's/^/#   /' "$work/out"
		bad=1
	fi
}
run() { # run [FILE...]
	"$vectors" "$@" >"$work/out" 2>&1
	code=$?
}
cases() { # cases CASE...: writes a file of them
	list=
	for case; do
		list="$list${list:+,}$case"
	done
	printf '{"cases": [%s]}' "$list" >"$work/file.json"
}
good='{"id":"good","metric":"quantile_exact","inputs":{"x":[1,2],"q":[0.5]},"params":{},
 "expected":{"type7":[1.5]},"tolerance":{"abs":1e-9,"rel":0}}'
one() { # one INPUTS PARAMS EXPECTED: a case like it
	printf '{"id":"odd","metric":"quantile_exact","inputs":%s,"params":%s,"expected":%s,
 "tolerance":{"abs":1e-9,"rel":0}}' "$1" "$2" "$3"
}
x='{"x":[1,2],"q":[0.5]}'

cases "$good"
run "$work/file.json"
check "a right answer passes" 0 "1 passed, 0 failed" passed
run "$work/file.json" "$work/file.json"
check "files add up" 0 "2 passed, 0 failed" passed
cases "$good" "$(one "$x" '{}' '{"type7":[1.6]}')"
run "$work/file.json"
check "a wrong answer fails with got and expected" 1 "1 passed, 1 failed" \
	'^odd: type7\[0\]: got 1.5, expected 1.6'
cases "$(one "$x" '{}' '{"type7":[1.5,2]}')"
run "$work/file.json"
check "a list of another length fails" 1 "0 passed, 1 failed" '^odd: type7: got 1 numbers, expected 2'
cases "$(one "$x" '{}' '{"type7":[null]}')"
run "$work/file.json"
check "a number where it is undefined fails" 1 "0 passed, 1 failed" 'expected undefined'
cases "$(one "$x" '{}' '{"type7":[1.5],"type8":[1.5]}')"
run "$work/file.json"
check "a key that nobody computes fails" 1 "0 passed, 1 failed" '^odd: type8\.\[\]: nobody computes it'
cases "$(one '{"x":[1,2],"q":[0.5],"weights":[1,1]}' '{}' '{"type7":[1.5]}')"
run "$work/file.json"
check "an input that nobody reads fails" 1 "0 passed, 1 failed" '^odd: input weights: nobody reads it'
cases "$(one "$x" '{"k":3}' '{"type7":[1.5]}')"
run "$work/file.json"
check "a param that nobody reads fails" 1 "0 passed, 1 failed" '^odd: param k: nobody reads it'
cases "$(one "$x" '{}' '{}')"
run "$work/file.json"
check "a case that expects nothing fails" 1 "0 passed, 1 failed" '^odd: the case expects nothing'
cases "$good" '{"id":"new","metric":"horoscope","inputs":{},"params":{},"expected":{"x":1}}'
run "$work/file.json"
check "an unknown metric fails" 1 "1 passed, 1 failed" '^new: nobody computes the metric horoscope'
echo '{' >"$work/file.json"
run "$work/file.json"
check "what is no JSON fails" 1 "0 passed, 1 failed" 'no file of known answers'
echo '{"cases":[]}' >"$work/file.json"
run "$work/file.json"
check "a file without cases fails" 1 "0 passed, 1 failed" 'no file of known answers'
run "$work/none.json"
check "a named file that is not there fails" 1 "0 passed, 1 failed" 'none.json'
vectors=$(cd "$(dirname "$vectors")" && pwd)/vectors
mkdir -p "$work/deep/er" && cd "$work/deep/er" || exit 1
run
check "without the default file it says so loudly" 0 "0 passed, 0 failed" 'NO KNOWN ANSWER IS CHECKED'
exit $bad
