# tap.sh: what the shell scripts of this folder share, to be sourced: a folder for work, TAP, a command's outcome.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0 failed=0
verdict() { # verdict CODE NAME
	n=$((n + 1))
	[ "$1" -eq 0 ] && echo "ok $n - $2" && return
	failed=1
	echo "not ok $n - $2"
	sed 's/^/# /' "$work/out" "$work/err"
}
ends_with() { # ends_with WANTED_CODE COMMAND ARGUMENT...: runs a command of the program, keeps out and err
	want=$1
	shift
	"$FRAUDTOP" "$@" >"$work/out" 2>"$work/err"
	[ $? -eq "$want" ]
}
