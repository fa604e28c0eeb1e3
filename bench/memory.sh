#!/usr/bin/env bash
# What x86-TSO costs: states, transitions and seconds of each design under sequential consistency and under
# x86-TSO, as a Markdown table.
#
#   bench/memory.sh [FLAGS]     FLAGS as for ctcheck -model NAME; default --setters 3 --nmi 1
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/ctcheck" ./cmd/ctcheck
[ $# -gt 0 ] || set -- --setters 3 --nmi 1
echo "| design | states, sc | tso | transitions, sc | tso | seconds, sc | tso |"
echo "|---|---|---|---|---|---|---|"
"$dir/ctcheck" list | awk '/^[a-z]/ && $1 !~ /^(off|bench)/ { print $1 }' | while read -r design; do
	for memory in sc tso; do
		"$dir/ctcheck" -model "$design" "$@" --reduce none --memory "$memory" >"$dir/$memory" || [ $? -lt 2 ]
		sed -n 's/^ctcheck: .* states=\([0-9]*\) transitions=\([0-9]*\) .* complete=yes .* seconds=\(.*\)/\1 \2 \3/p' \
			"$dir/$memory" >"$dir/$memory.figures"
	done
	paste -d' ' "$dir/sc.figures" "$dir/tso.figures" | awk -v d="$design" '
		function n(x) { while (match(x, /[0-9][0-9][0-9][0-9]($|,)/)) x = substr(x, 1, RSTART) "," substr(x, RSTART + 1); return x }
		{ print "| `" d "` | " n($1) " | " n($4) " | " n($2) " | " n($5) " | " $3 " | " $6 " |" }'
done
