# Everything a person or CI does with this project is one of these commands.
SHELL := /bin/bash
.DEFAULT_GOAL := help
GOFLAGS_BUILD := -trimpath
LINT_VERSION := v2.15.0
LINT := bin/tools/golangci-lint-$(LINT_VERSION)
UI_SOURCES := $(shell find ui/src ui/public ui/index.html ui/vite.config.ts -type f 2>/dev/null) api/openapi.yaml

.PHONY: help run dev build test bench lint fmt clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | awk -F'|' '{printf "  %-8s %s\n", $$1, $$2}'

run: build ## Build and serve the product with sample data on http://localhost:8080
	./bin/stepwell demo --data-dir ./data/demo

dev: ui/node_modules/.installed ## Serve the API on :8080 and the UI with hot reload on :5173
	@trap 'kill 0' EXIT; go run . demo --data-dir ./data/demo & npm --prefix ui run dev & wait

build: ui/dist/index.html ## Build the UI and the single binary into bin/stepwell
	go build $(GOFLAGS_BUILD) -o bin/stepwell .

test: ui/dist/index.html ## Run every test: Go, UI and the journey in a real browser
	bash scripts/test.sh

bench: build ## Print speed figures measured side by side in one run
	bash scripts/bench.sh

lint: ui/node_modules/.installed $(LINT) ## Check Go and TypeScript against the house rules
	$(LINT) run ./...
	npm --prefix ui run lint
	npm --prefix ui run typecheck

fmt: $(LINT) ## Format the Go code
	$(LINT) fmt ./...

clean: ## Remove what was built, not the data
	rm -rf bin ui/node_modules ui/dist/assets ui/dist/index.html

$(LINT):
	GOBIN=$(CURDIR)/bin/tools go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv bin/tools/golangci-lint $@

ui/node_modules/.installed: ui/package-lock.json
	npm --prefix ui ci --no-audit --no-fund
	touch $@

ui/dist/index.html: ui/node_modules/.installed $(UI_SOURCES)
	npm --prefix ui run build
	touch $@
