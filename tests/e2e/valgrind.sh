#!/bin/sh
# The plain build under valgrind: what the sanitizers do not see (uninitialised values).
work=$(mktemp -d) bad=0
trap 'rm -rf "$work"' EXIT
model=core/service/models/fraud_classifier_12.json
run() { # run NAME COMMAND...
	name=$1
	shift
	if valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
		"$BUILD/fraudtop" "$@" >"$work/out" 2>"$work/err"; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		tail -n 40 "$work/err" | sed 's/^/#   /'
		bad=1
	fi
}
"$BUILD/fraudtop" traffic --export 400 >"$work/data.csv"
"$BUILD/fraudtop" score --model "$model" "$work/data.csv" | cut -d, -f3 >"$work/scores"
paste -d, "$work/data.csv" "$work/scores" >"$work/scored.csv"
for i in 00 01 02 03 04 05 06 07; do
	echo '{"ts":"2026-01-28T14:06:'$i'Z","request_id":"r'$i'","service":"eu","model":"m","version":"1","latency_ms":2.5,"score":0.7,"threshold":0.5,"features":{"a":1,"b":"x"}}'
	echo 'broken \u001b'
done >"$work/eu.jsonl"
echo '{"ts":"2026-01-28T15:00:00Z","request_id":"r03","label":1}' >"$work/labels.jsonl"
printf 'version: 1\nservices:\n- {name: eu, url: "http://127.0.0.1:9", log: %s, labels: %s}\n' \
	"$work/eu.jsonl" "$work/labels.jsonl" >"$work/config.yaml"
run "score" score --model "$model" "$work/data.csv"
run "profile" profile "$work/scored.csv" --score score -o "$work/ref.json"
run "report against data" report "$work/scored.csv" --reference "$work/scored.csv" --score score --threshold 0.5
run "report against a profile" report "$work/scored.csv" --reference "$work/ref.json" --score score
run "--once --json" -c "$work/config.yaml" --once --json
run "--once" -c "$work/config.yaml" --once
exit $bad
