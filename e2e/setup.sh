#!/usr/bin/env bash
# Installs what the tests need and this machine lacks: Chromium, its driver, emoji for the pictures, a sound server that
# records, a real Alertmanager, and the C compiler that Go's race detector links with. Debian's packages where apt is
# there, Playwright's own installer for the browser elsewhere.
set -euo pipefail
cd "$(dirname "$0")/.."

driver=.cache/driver
playwright=1.57.0 # the one that the Go module in go.mod speaks to

have() { command -v "$1" >/dev/null; }

missing=()
have chromium || missing+=(chromium)
have pulseaudio || missing+=(pulseaudio)
have parec || missing+=(pulseaudio-utils)
have prometheus-alertmanager || have alertmanager || missing+=(prometheus-alertmanager)
fc-list 2>/dev/null | grep -qi emoji || missing+=(fontconfig fonts-noto-color-emoji)
have gcc || have cc || missing+=(gcc libc6-dev)

if [ ${#missing[@]} -gt 0 ] && have apt-get; then
	root=()
	[ "$(id -u)" = 0 ] || root=(sudo)
	echo "installing ${missing[*]}"
	log=$(mktemp)
	apt() { "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@"; }
	if ! { apt update && apt install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
		cat "$log" >&2
		exit 1
	fi
	rm -f "$log"
fi

if [ ! -f "$driver/package/cli.js" ] || ! grep -q "\"version\": \"$playwright\"" "$driver/package/package.json"; then
	echo "fetching the browser driver"
	rm -rf "$driver"
	mkdir -p "$driver"
	(cd "$driver" && npm pack --silent "playwright-core@$playwright" >/dev/null && tar xzf playwright-core-*.tgz && rm playwright-core-*.tgz)
fi

if ! have chromium; then
	node "$driver/package/cli.js" install --with-deps chromium
fi
for tool in pulseaudio parec; do
	have "$tool" || echo "no $tool here: the tests that record sound will say so and be skipped"
done
have prometheus-alertmanager || have alertmanager || echo "no Alertmanager here: the tests that fire one will say so and be skipped"
echo "ready"
