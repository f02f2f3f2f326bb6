#!/bin/sh
# score.sh: `fraudtop score` as a shell sees it: figures, explanations, messages, exit codes.
. tests/e2e/tap.sh
models=tests/data/models shared=../shared/data/handbook
score() { # score WANTED_CODE ARGUMENT...
	wanted=$1
	shift
	ends_with "$wanted" score "$@"
}

for model in model_v1_stale model_v2_fresh; do
	cases=$shared/$model.cases.csv
	if [ ! -r "$cases" ]; then
		n=$((n + 1))
		echo "ok $n - scores the handbook rows as XGBoost # SKIP $cases is not there"
		continue
	fi
	# The margin and the probability are the last two columns of the cases.
	score 0 --model "$shared/$model.json" "$cases" && paste -d, "$cases" "$work/out" | awk -F, '
		NR > 1 { m = $(NF - 4) - $(NF - 1); p = $(NF - 3) - $NF; if (m < 0) m = -m; if (p < 0) p = -p
			if (m > 1e-6 || p > 1e-6 || $(NF - 2) != NR - 2) bad++ }
		END { exit !(NR > 1000 && bad == 0) }'
	verdict $? "scores every row of $model as XGBoost does"
done

printf 'hour,note,amount,distance\n7,"a,b",50,0.5\n,,,\n5,x,50,0.1\n' >"$work/rows.csv"
score 0 --model "$models/sound.json" "$work/rows.csv" && [ ! -s "$work/err" ] &&
	awk -F, 'NR == 1 { head = $0 } NR > 1 { print $1 "," $2 }
		END { print head }' "$work/out" | tr '\n' ' ' |
	grep -qx '0,-0.15625 1,-0.15625 2,0.59375 row,margin,score '
verdict $? "finds columns by name, passes over others and counts rows from 0"

score 0 --json --model "$models/sound.json" "$work/rows.csv" &&
	[ "$(wc -l <"$work/out")" -eq 3 ] &&
	sed -n 3p "$work/out" | grep -q '^{"row":2,"margin":0.59375,"score":0.64422510648[0-9]*}$'
verdict $? "prints JSON lines"

printf 'hours,amount,distance\n1,2,3\n' >"$work/other.csv"
score 65 --model "$models/sound.json" "$work/other.csv" && [ ! -s "$work/out" ] &&
	grep -q 'no column `hour`.*nearest is `hours`' "$work/err"
verdict $? "names a missing column and the nearest one"

printf 'hour,amount,distance\n1,2\n1,2,3\n' >"$work/short.csv"
score 65 --model "$models/sound.json" "$work/short.csv" && [ ! -s "$work/out" ] &&
	grep -q 'lines that are not rows: 1' "$work/err"
verdict $? "refuses data with a line that is not a row, whose absence would shift the numbers"

cp "$models/linear.json" "$work/m.json"
echo '{"categories":{"hour":{"night":3,"2":8,"day":1}}}' >"$work/m.metadata.json"
printf 'amount,hour\n1,night\n1,dawn\n1,\n1,day\n' >"$work/words.csv"
score 0 --model "$work/m.json" "$work/words.csv" &&
	[ "$(cut -d, -f2 "$work/out" | tr '\n' ' ')" = 'margin -2.75 -7.25 -7.25 -1.75 ' ] &&
	grep -q 'hour: 1 of 4 values are no category' "$work/err"
verdict $? "gives words their codes, and counts those without one"

printf 'amount,hour\n1,2\n1,5\n' >"$work/words.csv"
score 0 --model "$work/m.json" "$work/words.csv" &&
	[ "$(cut -d, -f2 "$work/out" | tr '\n' ' ')" = 'margin -5.25 -7.25 ' ]
verdict $? "takes numbers for words where the input has categories"

for model in model_v1_stale model_v2_fresh; do
	cases=$shared/$model.cases.csv
	if [ ! -r "$cases" ]; then
		n=$((n + 1))
		echo "ok $n - explains the handbook rows # SKIP $cases is not there"
		continue
	fi
	# XGBoost adds a margin in float.
	score 0 --explain --model "$shared/$model.json" "$cases" && awk -F, '
		NR == 1 { head = $0 } NR > 1 { sum = 0; for (i = 4; i <= NF; i++) sum += $i
			size = $2 < 0 ? 1 - $2 : 1 + $2; apart = sum - $2; if (apart < 0) apart = -apart
			if (NF != 19 || apart > 1e-6 * size) bad++ }
		END { exit !(NR > 1000 && bad == 0 && head ~ /^row,margin,score,base,TX_AMOUNT,/) }' "$work/out"
	verdict $? "explains every row of $model: base and contributions sum to the margin"
done

cp "$models/linear.json" "$work/m.json"
echo '{"threshold":0.1,"features":[{"name":"amount","mean":2},"hour"],"categories":{"hour":{"night":3}}}' \
	>"$work/m.metadata.json"
printf 'amount,hour\n6200,night\n3,\n' >"$work/why.csv"
score 0 --explain --model "$work/m.json" "$work/why.csv" && [ ! -s "$work/err" ] &&
	[ "$(cut -d, -f1,2,4- "$work/out" | tr '\n' ' ')" = \
		'row,margin,base,amount,hour 0,1547,-1.5,1550,-1.5 1,-6.75,-1.5,0.75,-6 ' ]
verdict $? "adds the base and a column for each input's contribution"

score 0 --reasons 1 --model "$work/m.json" "$work/why.csv" && [ ! -s "$work/err" ] &&
	[ "$(tr '\n' '|' <"$work/out")" = "row 0: score 1, at or above the threshold 0.1; margin +1547|\
    amount 6,200 is 3,100 times its training mean: +1550|\
    the other 1: -1.5|    the base, its average: -1.5|\
row 1: score 0.00117, below the threshold 0.1; margin -6.75|\
    hour is missing: -6.0|    the other 1: +0.75|    the base, its average: -1.5|" ]
verdict $? "gives the reasons in sentences under each score"

score 0 --json --explain --model "$work/m.json" "$work/why.csv" &&
	[ "$(sed -n 1p "$work/out")" = '{"row":0,"margin":1547,"score":1,"base":-1.5,'\
'"contributions":{"amount":1550,"hour":-1.5},'\
'"reasons":["amount 6,200 is 3,100 times its training mean: +1550","hour is night: -1.5"]}' ] &&
	score 0 --json --reasons 1 --model "$work/m.json" "$work/why.csv" &&
	sed -n 2p "$work/out" | grep -q '"score":0.00116[0-9]*,"reasons":\["hour is missing: -6.0"\]}$'
verdict $? "has contributions and reasons in JSON"

sed 's/"amount"/"a \\"b\\", c"/' "$models/linear.json" >"$work/quoted.json"
printf '"a ""b"", c",hour\n1,2\n' >"$work/quoted.csv"
score 0 --explain --model "$work/quoted.json" "$work/quoted.csv" &&
	[ "$(head -n 1 "$work/out")" = 'row,margin,score,base,"a ""b"", c",hour' ]
verdict $? "quotes an input's name in the header where it must"

score 64 --explain --reasons 2 --model "$work/m.json" "$work/why.csv" && grep -q 'or --json' "$work/err" &&
	score 64 --reasons 0 --model "$work/m.json" "$work/why.csv" && [ ! -s "$work/out" ] &&
	sed 's/sum_hessian/sum/g' "$models/sound.json" >"$work/bare.json" &&
	score 0 --model "$work/bare.json" "$work/rows.csv" &&
	score 65 --explain --model "$work/bare.json" "$work/rows.csv" &&
	grep -q 'bare.json: .*cannot be explained' "$work/err" && [ ! -s "$work/out" ]
verdict $? "says why a model's scores cannot be explained"

score 65 --model "$models/broken/loop-to-root.json" "$work/rows.csv" &&
	grep -q 'loop-to-root.json: tree 0, node 1: .*loops' "$work/err"
verdict $? "refuses a broken model with the reason and the place"

score 66 --model "$work/nope.json" "$work/rows.csv" && score 66 --model "$work/m.json" "$work/nope" &&
	score 64 "$work/rows.csv" && score 64 --model "$work/m.json"
verdict $? "tells a missing file from wrong usage by the exit code"

echo "1..$n"
exit $failed
