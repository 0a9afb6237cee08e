#!/usr/bin/env bash
# Drives a fresh server in a directory of its own with `watchroom bench`, and prints the table.
set -euo pipefail
cd "$(dirname "$0")/../.."
data=$(mktemp -d)
port=${PORT:-18080}
log=$data/log

bin/watchroom serve --listen "127.0.0.1:$port" --data "$data/data" >"$log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$data"' EXIT

for _ in $(seq 100); do
	bin/watchroom healthcheck --listen "127.0.0.1:$port" --data "$data/data" >/dev/null 2>&1 && break
	kill -0 "$server" 2>/dev/null || { cat "$log" >&2; exit 1; }
	sleep 0.1
done
bin/watchroom bench --url "http://127.0.0.1:$port" --data "$data/data" "$@"
