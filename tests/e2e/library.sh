#!/bin/bash
# library.sh: `make install-lib` as its users see it: what is exported, the example of docs/library.md in C (shared,
# static), C++ and Python, against the installed files alone.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
prefix=$work/usr
verdict() { # verdict CODE NAME: with what the last step wrote
	if [ "$1" -eq 0 ]; then
		echo "ok - $2"
	else
		echo "not ok - $2"
		failed=1
		tail -n 30 "$work/log" | sed 's/^/#   /'
	fi
	: >"$work/log"
}
: >"$work/log"
from_docs() { sed -n '/^```'"$1"'$/,/^```$/p' docs/library.md | sed '/^```/d'; }
with() { PKG_CONFIG_PATH=$1/lib/pkgconfig pkg-config "${@:2}" fraudcore; }

make --no-print-directory B="$BUILD" PREFIX="$prefix" install-lib >"$work/log" 2>&1
verdict $? "make install-lib installs under PREFIX"
[ $failed -eq 0 ] || exit 1

# --- names ---
find "$prefix/include" -name '*.h' | sed "s|$prefix/include/fraudcore/||" | sort >"$work/headers"
# Every declaration that ends in a semicolon, on one line, without comments: the name before its parenthesis.
(cd "$prefix/include/fraudcore" && xargs cat <"$work/headers") |
	cc -fpreprocessed -dD -E -P -x c - 2>/dev/null | sed '/^#/d' | tr '\n\t' '  ' |
	sed 's/__attribute__((format([^)]*)))//g; s/;/;\n/g' | grep -oE '[a-z_]+\([^()]*\) *;$' |
	sed 's/(.*//' | sort -u >"$work/declared"
nm -D --defined-only "$prefix/lib/libfraudcore.so" | awk '$2 != "A" { print $3 }' | sort >"$work/exported"
[ "$(wc -l <"$work/declared")" -ge 20 ] &&
	diff <(sed 's/$/@@FRAUDCORE_0.1/' "$work/declared") "$work/exported" >"$work/log"
verdict $? "the shared library exports what the headers declare, with a version, and nothing else"
diff "$work/declared" <(nm -g --defined-only "$prefix/lib/libfraudcore.a" | awk 'NF == 3 { print $3 }' | sort) >"$work/log"
verdict $? "the static library defines no other global name either"
readelf -d "$prefix/lib/libfraudcore.so" >"$work/log"
grep -q 'soname: \[libfraudcore.so.0\]' "$work/log" &&
	[ "$(sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' "$work/log" | grep -vE '^(libcjson|libcrypto|libm|libc|ld-linux.*)\.so' | wc -l)" -eq 0 ]
verdict $? "it has its soname and needs cJSON, libcrypto, libm and the C library alone"

# --- headers ---
for header in $(cat "$work/headers"); do
	echo "#include \"$header\"" >"$work/alone.c"
	cp "$work/alone.c" "$work/alone.cc"
	cc -std=c11 -Wall -Wextra -Wstrict-prototypes -Werror $(with "$prefix" --cflags) -c -o "$work/alone.o" "$work/alone.c" >>"$work/log" 2>&1 &&
		c++ -std=c++17 -Wall -Wextra -Werror $(with "$prefix" --cflags) -c -o "$work/alone.o" "$work/alone.cc" >>"$work/log" 2>&1 ||
		echo "$header" >>"$work/bad"
done
[ "$(wc -l <"$work/headers")" -eq 5 ] && [ ! -e "$work/bad" ]
verdict $? "every header can be included alone, from C and from C++"

# --- the example ---
from_docs c >"$work/why.c"
[ "$(wc -l <"$work/why.c")" -le 20 ] &&
	cc -std=c11 -Wall -Wextra -Werror -o "$work/shared" "$work/why.c" $(with "$prefix" --cflags --libs) >"$work/log" 2>&1 &&
	readelf -d "$work/shared" | grep -q libfraudcore.so.0
verdict $? "the example of the docs compiles against the shared library"
# Another PREFIX, without the shared library.
make --no-print-directory B="$BUILD" DESTDIR="$work/stage" PREFIX=/opt/core install-lib >"$work/log" 2>&1 &&
	grep -qx 'prefix=/opt/core' "$work/stage/opt/core/lib/pkgconfig/fraudcore.pc"
verdict $? "DESTDIR goes before the paths of the files, and not into fraudcore.pc"
cp -R "$work/stage/opt/core" "$work/static" && rm "$work"/static/lib/libfraudcore.so*
sed -i "s|/opt/core|$work/static|" "$work/static/lib/pkgconfig/fraudcore.pc"
cc -std=c11 -Wall -Wextra -Werror -o "$work/alone" "$work/why.c" $(with "$work/static" --cflags --static --libs) >"$work/log" 2>&1 &&
	! readelf -d "$work/alone" | grep -q libfraudcore
verdict $? "and against the static one"
# The same text but for the cast that C++ wants.
sed 's/double \*row = calloc(\(.*\)), \*why/double *row = static_cast<double *>(calloc(\1)), *why/' "$work/why.c" >"$work/why.cc"
c++ -std=c++17 -Wall -Werror -o "$work/cxx" "$work/why.cc" $(with "$prefix" --cflags --libs) >"$work/log" 2>&1
verdict $? "and as C++"

# --- its answers ---
from_docs python >"$work/why.py"
export LD_LIBRARY_PATH=$prefix/lib
# near FILE MARGIN SCORE: the margin and score in it are these, and its contributions sum to the margin.
near() {
	awk -v margin="$2" -v score="$3" 'function abs(x) { return x < 0 ? -x : x }
		{ gsub(",", "") } NR == 1 { m = $2; s = $4; next } { sum += $2; parts++ }
		END { exit !(abs(m - margin) < 1e-6 && abs(s - score) < 1e-6 && abs(sum - m) < 1e-6 && parts > 1) }' "$1"
}
answers() { # answers NAME MODEL MARGIN SCORE VALUE...
	local name=$1 model=$2 margin=$3 score=$4 way
	shift 4
	for way in shared alone cxx; do
		"$work/$way" "$model" "$@" >"$work/$way.out" 2>>"$work/log" && near "$work/$way.out" "$margin" "$score" &&
			cmp "$work/shared.out" "$work/$way.out" >>"$work/log" 2>&1 || {
			cat "$work/$way.out" >>"$work/log"
			false
		}
		verdict $? "the example, $way, scores and explains $name"
	done
	python3 "$work/why.py" "$model" "$@" >"$work/out" 2>>"$work/log" &&
		awk '{ printf "margin %s, score %s\n", $1, $2; for (i = 3; i <= NF; i++) print i, $i }' "$work/out" >"$work/py.out" &&
		near "$work/py.out" "$margin" "$score"
	verdict $? "Python, through ctypes, scores and explains $name"
}
model=tests/data/seeds/model_json/logistic.json
printf 'c,a,b\n0.25,-1.5,\n' >"$work/row.csv"
IFS=, read -r row margin score < <("$FRAUDTOP" score --model "$model" "$work/row.csv" | sed -n 2p)
answers "a row with a missing value as fraudtop does" "$model" "$margin" "$score" -1.5 nan 0.25
for model in model_v1_stale model_v2_fresh; do
	cases=../shared/data/handbook/$model.cases.csv
	if [ ! -r "$cases" ]; then
		echo "ok - $model # SKIP $cases is not there"
		continue
	fi
	# TRANSACTION_ID, the inputs in the order of the model, TX_FRAUD, margin, probability.
	for line in 2 500; do
		IFS=, read -r -a cells < <(sed -n ${line}p "$cases" | sed 's/,,/,nan,/g; s/,,/,nan,/g; s/^,/nan,/')
		last=$((${#cells[@]} - 1))
		answers "row $line of $model as XGBoost does" "../shared/data/handbook/$model.json" \
			"${cells[last - 1]}" "${cells[last]}" "${cells[@]:1:last - 3}"
	done
done
echo '{' >"$work/broken.json"
"$work/shared" "$work/broken.json" >"$work/log" 2>&1
[ $? -eq 65 ] && grep -q "^$work/broken.json: " "$work/log"
verdict $? "a broken model is told by the code and the text of the error"
"$work/shared" "$work/none.json" >"$work/log" 2>&1
[ $? -eq 66 ]
verdict $? "and a missing one"

# --- away again ---
make --no-print-directory B="$BUILD" PREFIX="$prefix" uninstall-lib >"$work/log" 2>&1 &&
	find "$prefix" ! -type d >"$work/log" && [ ! -s "$work/log" ]
verdict $? "make uninstall-lib removes all of it"
exit $failed
