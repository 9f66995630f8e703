# `make` lists what there is to do.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
MODULES     := . examples/ircimport
KILLS       ?= 1000
FUZZTIME    ?= 30s
CHECKS      ?= 10000
STEPS       ?= 1000000
BENCH       ?= .

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## compile everything, without cgo
	@set -e; for m in $(MODULES); do (cd $$m && CGO_ENABLED=0 go build ./...); done

.PHONY: test
test: ## run the tests
	@set -e; for m in $(MODULES); do (cd $$m && go test ./...); done

.PHONY: race
race: ## run the tests under the race detector (needs a C compiler)
	@set -e; for m in $(MODULES); do (cd $$m && CGO_ENABLED=1 go test -race -timeout 30m ./...); done

.PHONY: lint
lint: ## gofmt, go vet, staticcheck
	@test -z "$$(gofmt -l . | tee /dev/stderr)"
	@set -e; for m in $(MODULES); do (cd $$m && go vet ./... && go run $(STATICCHECK) ./...); done

.PHONY: ci
ci: ## everything that must hold before a change goes in
	@.ci/run

.PHONY: suite
suite: ## run the whole suite on SQLite without shared commits, too
	go test ./sqlite -run '^TestStoreUngrouped$$' -count 1 -store.ungrouped

.PHONY: bench
bench: ## run the benchmarks (BENCH=regexp)
	go test ./sqlite ./memory ./storage/search -run '^$$' -bench '$(BENCH)' -benchmem -timeout 0

.PHONY: million
million: ## benchmark SQLite on a million messages in a thousand rooms (BENCH=regexp)
	go test ./sqlite -run '^$$' -bench '^BenchmarkStore$$/$(BENCH)' -benchtime 3s -timeout 0 -bench.messages 1000000 -bench.rooms 1000 -bench.users 10000

.PHONY: crash
crash: ## kill a writing child process again and again (KILLS=1000)
	go test ./sqlite -run TestCrash -count 1 -timeout 0 -v -crash.kills=$(KILLS)

.PHONY: fuzz
fuzz: ## fuzz each target for a while (FUZZTIME=30s)
	go test ./storage/search -run '^$$' -fuzz '^FuzzAnalyze$$' -fuzztime $(FUZZTIME)
	go test ./storage/search -run '^$$' -fuzz '^FuzzParse$$' -fuzztime $(FUZZTIME)
	go test ./storage/search -run '^$$' -fuzz '^FuzzSnippet$$' -fuzztime $(FUZZTIME)
	go test ./storage/search -run '^$$' -fuzz '^FuzzASCII$$' -fuzztime $(FUZZTIME)
	go test ./sqlite -run '^$$' -fuzz '^FuzzSearchExpression$$' -fuzztime $(FUZZTIME)
	go test ./storagetest -run '^$$' -fuzz '^FuzzSearch$$' -fuzztime $(FUZZTIME)
	go test ./storagetest -run '^$$' -fuzz '^FuzzLoad$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./storage -run '^$$' -fuzz '^FuzzVerifyPassword$$' -fuzztime $(FUZZTIME)
	cd examples/ircimport && go test ./internal/irclog -run '^$$' -fuzz '^FuzzRead$$' -fuzztime $(FUZZTIME)

.PHONY: model
model: ## run the property tests (CHECKS=10000) and the model tests (STEPS=1000000) for longer
	go test ./storage ./storage/search -count 1 -timeout 0 -rapid.checks=$(CHECKS)
	go test ./sqlite -run Model -count 1
	go test ./storagetest -run '^TestModel$$' -count 1 -timeout 0 -v -model.steps=$(STEPS)

.PHONY: cover
cover: ## report the coverage of the library, and write cover.out
	go test -coverpkg=./storage/...,./sqlite,./memory -coverprofile=cover.out ./...
	@go tool cover -func=cover.out | tail -n 1

.PHONY: clean
clean: ## remove what tests and benchmarks leave behind
	rm -f cover.out *.prof *.test
	go clean -testcache
