#!/usr/bin/env bash
# The client with live reload on 127.0.0.1:5173, before a server that is built again whenever a Go file changes.
# Ctrl-C stops both.
set -euo pipefail
cd "$(dirname "$0")/.."
export WATCHROOM_PUBLIC_URL=http://127.0.0.1:5173

server=
stop() {
	trap - EXIT INT TERM
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	kill "$client" 2>/dev/null || true
	wait
}
trap stop EXIT
trap 'exit 0' INT TERM

(cd webui && exec node_modules/.bin/vite --clearScreen false) &
client=$!

mkdir -p bin .cache
while kill -0 "$client" 2>/dev/null; do
	touch .cache/dev
	if go build -o bin/watchroom ./cmd/watchroom; then
		[ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" || true; }
		bin/watchroom serve &
		server=$!
	fi
	until [ -n "$(find bots cmd server store go.mod webui/embed.go -newer .cache/dev \( -name '*.go' -o -name go.mod \) -print -quit)" ]; do
		kill -0 "$client" 2>/dev/null || exit 1
		sleep 1
	done
done
