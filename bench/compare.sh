#!/usr/bin/env bash
# Holds ctcheck against SPIN on the same protocol, in one run: the two search in turn, the numbers of
# states and transitions are compared, and the ratios are printed.
#
#   bench/compare.sh MODEL.pml [ROUNDS]
#
# MODEL.pml is the protocol of bench-valentin in Promela, with -DK -DS -DB for rounds, setters and work
# bits; it is not part of this repository. Needs spin (Debian: spin), gcc and GNU time (Debian: time).
set -euo pipefail
pml=$(realpath "${1:?name the Promela model}")
rounds=${2:-3}
cd "$(dirname "$0")/.."
for tool in spin gcc /usr/bin/time; do
	command -v "$tool" >/dev/null || { echo "compare.sh: $tool is not installed" >&2; exit 2; }
done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/ctcheck" ./cmd/ctcheck

# timed NAME COMMAND...: seconds and peak KiB into $dir/NAME.time, output into $dir/NAME.out
timed() {
	local name=$1
	shift
	/usr/bin/time -f '%e %M' -o "$dir/$name.time" "$@" >"$dir/$name.out" 2>/dev/null || true
}
field() { awk -v n="$2" '{ print $n }' "$dir/$1.time"; }

compare() { # K S B: counts only, or with ratios if a fourth word is given
	local k=$1 s=$2 b=$3 flags
	(cd "$dir" && spin -DK="$k" -DS="$s" -DB="$b" -a "$pml" >/dev/null)
	for flags in "-DNOREDUCE" "-DNOREDUCE -DCOLLAPSE"; do
		# shellcheck disable=SC2086
		(cd "$dir" && gcc -O3 -march=native -DSAFETY $flags -o "pan${flags##*-D}" pan.c 2>/dev/null)
	done
	local check=("$dir/ctcheck" -model bench-valentin --rounds "$k" --setters "$s" --works "$b" --props none \
		--reduce none)
	local best=
	for _ in $(seq "${4:-1}"); do
		timed one "${check[@]}" --workers 1
		timed two "${check[@]}" --workers 2
		timed spinNOREDUCE "$dir/panNOREDUCE" -m100000 -w"${5:-22}"
		timed spinCOLLAPSE "$dir/panCOLLAPSE" -m100000 -w"${5:-22}"
		echo "$(field one 1) $(field two 1) $(field spinNOREDUCE 1) $(field spinCOLLAPSE 1)" \
			"$(field one 2) $(field two 2) $(field spinNOREDUCE 2) $(field spinCOLLAPSE 2)" >>"$dir/runs"
	done
	local ours theirs
	ours=$(grep -o 'states=[0-9]* transitions=[0-9]*' "$dir/one.out" | tr -dc '0-9 ')
	# SPIN counts the way into the initial state as a transition.
	theirs=$(awk '/states, stored/ { s = $1 } /transitions \(=/ { t = $1 } END { print s, t - 1 }' "$dir/spinNOREDUCE.out")
	echo "K,S,B = $k,$s,$b: ctcheck $ours; SPIN $theirs"
	[ "$ours" = "$theirs" ] || { echo "compare.sh: the counts differ" >&2; exit 1; }
	if [ -n "${4:-}" ]; then
		awk -v n="${ours% *}" '
			{ for (i = 1; i <= 8; i++) v[i, NR] = $i
			  b = $3 < $4 ? $3 : $4; r1[NR] = b / $1; r2[NR] = b / $2; p[NR] = $1 / $2 }
			function med(a, i, j, t) { for (i = 1; i <= NR; i++) for (j = i + 1; j <= NR; j++)
				if (a[j] < a[i]) { t = a[i]; a[i] = a[j]; a[j] = t } return a[int((NR + 1) / 2)] }
			function col(c, a, i) { for (i = 1; i <= NR; i++) a[i] = v[c, i]; return med(a) }
			END {
				split("ctcheck, 1 worker;ctcheck, 2 workers;SPIN -DNOREDUCE;SPIN -DNOREDUCE -DCOLLAPSE", name, ";")
				printf "%-28s %8s %12s %10s\n", "median of " NR, "seconds", "states/s", "B/state"
				for (c = 1; c <= 4; c++)
					printf "%-28s %8.2f %12.0f %10.1f\n", name[c], col(c), n / col(c), col(c + 4) * 1024 / n
				printf "states/s against SPIN'\''s best, pair by pair: %.2f with 1 worker, %.2f with 2\n", med(r1), med(r2)
				printf "2 workers against 1: %.2f\n", med(p)
			}' "$dir/runs"
	fi
	rm -f "$dir/runs"
}

compare 2 2 2
compare 3 3 1
compare 2 6 2
compare 1 8 3 "" 26
compare 2 7 2 "$rounds" 26
