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
mkfifo "$work/pipe" && probe 64 "$work/pipe" && grep -q 'plain' "$work/err"
verdict $? "a pipe is refused"
echo "1..$n"
exit $failed
