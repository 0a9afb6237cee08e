#!/usr/bin/env bash
# Starts a fresh server in a temporary directory on this disk, drives it, and prints the table. The server gets one core
# and the generator the other where there are two.
set -euo pipefail
cd "$(dirname "$0")/../.."
dir=$(mktemp -d "$PWD/.cache/bench.XXXXXX" 2>/dev/null || { mkdir -p .cache && mktemp -d "$PWD/.cache/bench.XXXXXX"; })
port=${WATCHROOM_BENCH_PORT:-18080}
pin() { if [ "$(nproc)" -gt 1 ] && command -v taskset >/dev/null; then taskset -c "$1" "${@:2}"; else "${@:2}"; fi; }
WATCHROOM_SOCKET_RATE=1000000 pin 0 bin/watchroom serve --listen "127.0.0.1:$port" --data "$dir" >"$dir.log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$dir" "$dir.log"' EXIT
for _ in $(seq 200); do
  bin/watchroom healthcheck --data "$dir" 2>/dev/null && break
  sleep 0.1
done
pin 1 bin/watchroom bench --data "$dir" --url "http://127.0.0.1:$port" "$@"
