#!/bin/sh
# probe.sh: `fraudtop probe` as a shell sees it: each preset is told from the others, exit codes, and that the mapping it
# prints is a configuration that reads the same.
. tests/e2e/tap.sh
probe() { # probe WANTED_CODE ARGUMENT...
	wanted=$1
	shift
	ends_with "$wanted" probe "$@"
}

for preset in fraudtop:fraudtop fastapi:fastapi events:cloudevents tensors:mlserver-v2 table:csv file:sagemaker-capture; do
	seed=${preset%:*} name=${preset#*:}
	if [ "$seed" = file ]; then
		cp tests/data/seeds/captures/file "$work/$seed"
	else
		sed 1d "tests/data/seeds/mapping/$seed" >"$work/$seed"
	fi
	probe 0 "$work/$seed" && head -n 1 "$work/out" | grep -q ": $name\$"
	verdict $? "a log of $name is known as one"
	{ echo "version: 1" && sed -n '/^mappings:/,$p' "$work/out"; } >"$work/config.yaml"
	probe 0 --json "$work/$seed" && cp "$work/out" "$work/first" &&
		probe 0 --json -c "$work/config.yaml" --format mine "$work/$seed" &&
		grep -o '"records":.*' "$work/out" >"$work/b" && grep -o '"records":.*' "$work/first" | cmp -s - "$work/b"
	verdict $? "the mapping printed for $name reads the same records"
done

while IFS='|' read -r inside writer script; do
	sed "$script" "$work/fraudtop" >"$work/wrapped"
	probe 0 "$work/wrapped" && head -n 1 "$work/out" | grep -qF "wrapped: fraudtop, inside the lines: $inside" &&
		grep -q ' 2 predictions, 0 labels, 0 refused' "$work/out" && grep -q '`format: mine`' "$work/out" &&
		{ echo "version: 1" && sed -n '/^mappings:/,$p' "$work/out"; } >"$work/config.yaml" &&
		probe 0 -c "$work/config.yaml" --format mine "$work/wrapped" &&
		grep -q ' 2 predictions, 0 labels, 0 refused' "$work/out"
	verdict $? "what $writer put around the records is found, and its mapping printed"
done <<'EOF'
$.log|docker|s/[\\"]/\\&/g; s/.*/{"log":"&\\n","stream":"stdout","time":"2026-01-28T14:06:04Z"}/
$.MESSAGE|journald|s/[\\"]/\\&/g; s/.*/{"_PID":"7","MESSAGE":"&"}/
$.payload|a queue|s/.*/{"schema":{"type":"struct"},"payload":&}/
text|Kubernetes|s/^/2026-01-28T14:06:04.1Z stdout F /
text|kubectl|s/^/[pod\/eu-7c9\/fraud] /
EOF
printf '{"ts":"2026-01-28T14:06:04Z","score":0.5,"decision":"review","features":{"a":%s}}\n' 0 1 2 >"$work/odd"
probe 65 "$work/odd" && head -n 1 "$work/out" | grep -q 'odd: fraudtop$' && grep -q 'is the word `review`' "$work/out"
verdict $? "a log that one value spoils is not read as another format"
gzip -k "$work/fraudtop" && probe 0 "$work/fraudtop.gz" && grep -q ' 2 predictions, 0 labels, 0 refused' "$work/out"
verdict $? "a packed log is unpacked"
printf '{"request_id":"a","label":1}\n' >"$work/labels" && probe 0 "$work/labels" && grep -q ': fraudtop, labels$' "$work/out"
verdict $? "a label feed is known as one"
printf '{"when":{"at":7},"p":0.5}\n{"when"' >"$work/odd"
probe 65 "$work/odd" && grep -q 'line 1, byte 0: offset 25: no ts' "$work/out" && grep -q ' \$.when.at  7' "$work/out" &&
	grep -q ' 2 refused, of them 1 cut short' "$work/out"
verdict $? "what nothing understands is refused with reasons, and shown place by place"
: >"$work/empty"
probe 65 "$work/empty" && grep -q "nothing is in it" "$work/out"
verdict $? "of an empty file it says so"
probe 66 "$work/none" && grep -q 'No such file' "$work/err"
verdict $? "a file that is not there: exit code 66"
probe 64 --format fasapi "$work/odd" && grep -q 'did you mean `fastapi`' "$work/err"
verdict $? "a format that is not there: the nearest, exit code 64"
printf 'ts,id,score,decision,label\n2026-01-28T14:06:04Z,a,0.9,Block,chargeback\n2026-01-28T14:06:05Z,b,0.1,approve,legit\n' >"$work/words"
probe 0 "$work/words" && grep -q 'the word `block` is 1' "$work/out" && grep -q ' positive: \["block", "chargeback"\]$' "$work/out"
verdict $? "words for labels and decisions are guessed, and said"
sed 's/Block/review/' "$work/words" >"$work/review"
probe 0 "$work/review" && grep -q 'the word `review` says nothing' "$work/out"
verdict $? "a word that says nothing is named"
{ echo "version: 1" && probe 0 "$work/words" && sed -n '/^mappings:/,$p' "$work/out" &&
	printf 'services:\n- {name: s, log: %s, format: mine}\n' "$work/words"; } >"$work/config.yaml"
XDG_STATE_HOME="$work/state" ends_with 0 --once --json -c "$work/config.yaml" && grep -q '"accepted":2,"rejected":0' "$work/out"
verdict $? "the mapping printed makes a configuration that --once reads by"
while IFS='~' read -r name bytes says; do
	printf "$bytes" >"$work/table"
	{ echo "version: 1" && probe 0 "$work/table" && sed -n '/^mappings:/,$p' "$work/out" &&
		printf 'services:\n- {name: s, log: %s, format: mine}\n' "$work/table"; } >"$work/config.yaml"
	grep -q 'score 0.25' "$work/out" && grep -q "$says\$" "$work/out" &&
		XDG_STATE_HOME="$work/state" ends_with 0 --once --json -c "$work/config.yaml" &&
		grep -q '"accepted":2,"rejected":0' "$work/out"
	verdict $? "the mapping printed for a table with $name reads it"
done <<'EOF'
semicolons and decimal commas~ts;id;score;amount\n2026-01-28T14:06:04Z;a;0,25;12,5\n2026-01-28T14:06:05Z;b;0,5;"1;2"\n~decimal: comma
semicolons and decimal points~ts;id;score\n2026-01-28T14:06:04Z;a;0.25\n2026-01-28T14:06:05Z;b;.5\n~delimiter: semicolon
tabs, a mark, CRLF and a newline in quotes~\357\273\277ts\tid\tscore\tnote\r\n2026-01-28T14:06:04Z\ta\t0.25\t"two\nlines"\r\n2026-01-28T14:06:05Z\tb\t0.5\t""\r\n~delimiter: tab
bars~ts|id|score\n2026-01-28T14:06:04Z|a|0.25\n2026-01-28T14:06:05Z|b|0.5\n~delimiter: bar
EOF
while IFS='|' read -r name bytes says; do
	printf "$bytes" >"$work/odd"
	probe 65 "$work/odd" && head -n 1 "$work/out" | grep -q "odd: $says" && ! grep -q '^mappings' "$work/out"
	verdict $? "it says what $name is instead of a log"
done <<'EOF'
a packed file|\3757zXZ\0\0\004|packed with xz
a list|[{"ts":"2026-01-28T14:06:04Z","score":0.5}]|one JSON list
a tidy JSON|{\n "ts": 7,\n "score": 0.5\n}\n|JSON over several lines
a scrape|# HELP a b\na 1\n|metrics
UTF-16|\377\376{\0}\0|UTF-16
the line of a logger|12:00 INFO {"score": 0.5}\n|lines with text before their JSON
that of a pod|[pod/a] {"score": 0.5}\n|lines with text before their JSON
EOF
mkfifo "$work/pipe" && probe 64 "$work/pipe" && grep -q 'plain' "$work/err"
verdict $? "a pipe is refused"
echo "1..$n"
exit $failed
