# Watchroom. `make` alone lists what can be done.
SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS   += --no-print-directory
.NOTPARALLEL:
.DEFAULT_GOAL := help

CLIENT      := webui/dist/index.html
MODULES     := webui/node_modules/.package-lock.json
SOURCES      = $(shell find webui/src webui/public -type f ! -name '*.test.*') webui/index.html webui/vite.config.ts
FUZZTIME    ?= 10s
CYCLES      ?= 1000
say          = @printf '\n== %s\n'

.PHONY: help
help: ## list what can be done
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build everything and run on 127.0.0.1:8080, with the data in ./data
	@exec bin/watchroom serve

.PHONY: demo
demo: build ## the same with an invented, lively team, in memory
	@exec bin/watchroom demo

.PHONY: dev
dev: $(MODULES) ## server and client with live reload, on 127.0.0.1:5173
	@exec webui/dev.sh

.PHONY: build
build: $(CLIENT) ## build the client and the binary, bin/watchroom
	@go build -trimpath -o bin/watchroom ./cmd/watchroom

$(MODULES): webui/package.json webui/package-lock.json
	@cd webui && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(CLIENT): $(MODULES) $(SOURCES)
	@cd webui && npm run --silent build
	@touch $@

.PHONY: test
test: setup lint client go browser ## set up and check everything: what CI runs

.PHONY: setup
setup: ## install what the browser tests need: Chromium and its driver, a sound server, Alertmanager
	$(say) "setup"
	@e2e/setup.sh

.PHONY: lint
lint: ## gofmt, vet, staticcheck, floors, govulncheck
	$(say) "gofmt, vet, staticcheck, floors, govulncheck"
	@unformatted=$$(gofmt -l bots cmd e2e server store webui/*.go); \
		if [ -n "$$unformatted" ]; then echo "gofmt -w $$unformatted"; exit 1; fi
	@go vet -tags e2e ./...
	@go tool staticcheck -tags e2e ./...
	@go test -run '^TestFloors' ./server
	@if found=$$(go tool govulncheck ./... 2>&1); then echo "govulncheck: no known vulnerability"; \
		elif [[ $$found == *"fetching vulnerabilities"* ]]; then echo "govulncheck: skipped: its database cannot be reached"; \
		else echo "$$found"; exit 1; fi

.PHONY: client
client: $(MODULES) ## type-check, test and build the client
	$(say) "the client: tsc, vitest, vite"
	@cd webui && npm run --silent check && npm run --silent test && npm run --silent build

.PHONY: go
go: ## the Go tests under the race detector, the short crash test among them
	$(say) "go test -race"
	@go test -race -timeout 20m ./...

.PHONY: browser
browser: $(CLIENT) ## real browsers against the real binary, with recorded sound
	$(say) "browser tests"
	@go test -tags e2e -count 1 -timeout 15m ./e2e/...

.PHONY: screenshots
screenshots: setup $(CLIENT) ## take the screenshots of the README, from the demo
	@WATCHROOM_SCREENSHOTS=$(CURDIR)/docs/screenshots go test -tags e2e -count 1 -run '^TestScreenshots$$' -v ./e2e

.PHONY: crash
crash: ## kill -9 the server CYCLES=1000 times under load; nothing acknowledged may be lost
	@WATCHROOM_CRASH_CYCLES=$(CYCLES) go test -count 1 -timeout 3h -run '^TestCrash$$' -v ./cmd/watchroom

.PHONY: bench
bench: build ## durable posts, fan-out, history and search of a fresh server, beside this machine's floors
	@exec cmd/watchroom/bench.sh

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME=10s
	@grep -rHo --include='*_test.go' --exclude-dir=node_modules '^func Fuzz[A-Za-z0-9_]*' . | \
		sed -E 's|/[^/]*_test.go:func | |' | while read -r package target; do \
			echo "== $$package $$target"; go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package"; done

.PHONY: docker
docker: ## build the container image watchroom
	docker build -t watchroom .

.PHONY: clean
clean: ## remove what was built and fetched; ./data stays
	@rm -rf bin .cache webui/node_modules
	@find webui/dist -mindepth 1 ! -name .keep -delete
