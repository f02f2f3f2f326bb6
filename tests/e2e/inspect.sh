#!/bin/sh
# inspect.sh: `fraudtop inspect` as a shell sees it: the page, the JSON, what does not fit, exit codes.
. tests/e2e/tap.sh
models=tests/data/models
inspect() { # inspect WANTED_CODE ARGUMENT...
	wanted=$1
	shift
	ends_with "$wanted" inspect "$@"
}
says() { # says LINE...: each stands in the page, blanks as they come
	for line in "$@"; do
		tr -s ' ' <"$work/out" | grep -qxF -- "$line" || return 1
	done
}

cp "$models/sound.json" "$work/m.json"
sha=$(sha256sum "$work/m.json" | cut -d' ' -f1)
inspect 0 "$work/m.json" &&
	says ' kind xgboost, binary:logistic, link logistic' ' trees 3, depth 2, 6 leaves' ' inputs 3, all used' \
		" SHA-256 $sha" ' metadata none beside the file' ' 2 hour' && grep -q 'not explainable: .*covers' "$work/out"
verdict $? "shows a model without metadata, and why it cannot be explained"

sed 's/"attributes":{}/"attributes":{"best_iteration":"0"}/' "$models/sound.json" >"$work/best.json"
inspect 0 "$work/best.json" &&
	says ' trees 1 of 3 (up to the best iteration), depth 2, 3 leaves' ' inputs 3, 2 of them used' \
		' 1 distance not used'
verdict $? "tells the trees and inputs of a score from those of the file"

cat >"$work/m.metadata.json" <<END
{"model":"fraud","version":"7","trained_at":"2026-01-12","threshold":0.31,"artifact":"m.json","sha256":"$sha",
"note":"a note","metrics":{"precision":0.9},"features":[{"name":"amount","mean":88,"low":0,"high":900},"distance",
"hour"],"categories":{"hour":{"night":3,"day":1}},"calibration":{"kind":"isotonic","x":[0,1],"y":[0,1]}}
END
inspect 0 "$work/m.json" &&
	says ' calibration isotonic, 2 points' " metadata $work/m.metadata.json" " ✔ artifact: this file's name" \
		" ✔ sha256: the file's" " ✔ features: the model's, in its order" ' model fraud' ' version 7' \
		' trained at 2026-01-12' ' threshold 0.31' ' metrics precision 0.9' ' note a note' \
		' 0 amount mean 88, 0 to 900' ' 2 hour 2 words: day night'
verdict $? "shows the metadata and each check"

inspect 0 --ascii "$work/m.json" && says " + sha256: the file's" && ! grep -q '[^ -~]' "$work/out" &&
	LC_ALL=C inspect 0 "$work/m.json" && says " + sha256: the file's"
verdict $? "marks with ASCII where asked, or where the locale has no other characters"

inspect 0 --json "$work/m.json" && jq -e --arg sha "$sha" '.schema == "fraudtop.inspect/1" and .sha256 == $sha and
	.trees == 3 and .leaves == 6 and .base_value == null and (.not_explainable | contains("covers")) and
	.calibration == "isotonic, 2 points" and [.metadata.checks[].ok] == [true, true, true] and
	.metadata.threshold == 0.31 and .metadata.metrics == {"precision": 0.9} and .inputs[0].mean == 88 and
	.inputs[2].categories == {"day": 1, "night": 3}' "$work/out" >"$work/jq" 2>&1
verdict $? "prints the same as JSON"

echo '{"artifact":"other.json","features":["amount","distance","hour"]}' >"$work/m.metadata.json"
inspect 0 "$work/m.json" && says ' ✘ artifact: it is of other.json, and this is m.json' ' - sha256: not given'
verdict $? "points at metadata that are of a file with another name"

echo '{"features":["amount","hour","distance"]}' >"$work/m.metadata.json"
inspect 65 "$work/m.json" && says ' trees 3, depth 2, 6 leaves' &&
	grep -q '✘ metadata: .*features\[1\] is `hour`, but input 1 of the model is `distance`' "$work/out" &&
	grep -q 'features\[1\]' "$work/err" &&
	inspect 65 --json "$work/m.json" && jq -e '.metadata.checks | length == 1 and .[0].ok == false' "$work/out" >"$work/jq"
verdict $? "shows a sound model whose metadata do not fit, and fails"

echo '{"kind":"sklearn","class":"Ridge","coef_":[2,0],"intercept_":1}' >"$work/r.json"
echo '{"features":["amount","hour"]}' >"$work/r.metadata.json"
inspect 0 "$work/r.json" && says ' kind sklearn, Ridge, link identity' ' inputs 2, 1 of them used' ' intercept 1' \
	" ✔ features: they name the model's inputs, which have none" ' 0 amount weight 2, missing is 0' ' 1 hour not used' &&
	grep -q '^  base value  *1, ' "$work/out"
verdict $? "shows a linear model's weights, and names from the metadata"

echo '{"kind":"sklearn","steps":[{"class":"StandardScaler","mean_":[4],"scale_":[2]},
{"class":"Ridge","coef_":[6],"intercept_":1}]}' >"$work/s.json"
inspect 0 "$work/s.json" && says ' intercept -11' ' 0 f0 weight 3, missing is 4, mean 4' &&
	grep -q '^  base value  *1, ' "$work/out" && inspect 0 --json "$work/s.json" &&
	jq -e '.base_value == 1 and .inputs[0].weight == 3 and .inputs[0].explained_from == 4' "$work/out" >"$work/jq"
verdict $? "shows what a scaler makes of the weights, and where explanations start"

inspect 65 "$models/broken/loop-to-root.json" && [ ! -s "$work/out" ] && grep -q 'tree 0, node 1' "$work/err" &&
	inspect 66 "$work/nope.json" && inspect 64
verdict $? "refuses a broken model, a missing file and wrong usage by their exit codes"

truncate -s 300M "$work/large.json" && inspect 65 "$work/large.json" && grep -q 'larger than 268435456 bytes' "$work/err"
verdict $? "refuses a file that is too large before it is read whole"

escape=$(printf 'a\033[31m')
mkdir "$work/$escape" && cp "$models/sound.json" "$work/$escape/$escape.json" &&
	echo '{"artifact":"x"}' >"$work/$escape/$escape.metadata.json" && inspect 0 "$work/$escape/$escape.json" &&
	grep -q 'and this is a.*\.json' "$work/out" && ! grep -q "$(printf '\033')" "$work/out"
verdict $? "shows no control characters of a path"

echo "1..$n"
exit $failed
