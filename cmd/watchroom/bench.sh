#!/usr/bin/env bash
# Starts a fresh server in a temporary directory on this disk, drives it, and prints the table. The server gets one core
# and the generator the other where there are two.
set -euo pipefail
cd "$(dirname "$0")/../.."
dir=$(mktemp -d "$PWD/.cache/bench.XXXXXX" 2>/dev/null || { mkdir -p .cache && mktemp -d "$PWD/.cache/bench.XXXXXX"; })
port=${WATCHROOM_BENCH_PORT:-18080}
pinned() { # replaces this shell, so that the process can be ended by its number
  if [ "$(nproc)" -gt 1 ] && command -v taskset >/dev/null; then exec taskset -c "$1" "${@:2}"; else exec "${@:2}"; fi
}
WATCHROOM_SOCKET_RATE=1000000 pinned 0 bin/watchroom serve --listen "127.0.0.1:$port" --data "$dir" >"$dir.log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$dir" "$dir.log"' EXIT
until bin/watchroom healthcheck --data "$dir" 2>/dev/null; do
  kill -0 $server 2>/dev/null || { cat "$dir.log" >&2; exit 1; }
  sleep 0.1
done
(pinned 1 bin/watchroom bench --data "$dir" --url "http://127.0.0.1:$port" "$@")
