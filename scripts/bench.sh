#!/usr/bin/env bash
# Prints the speed figures of a built product in one table: beside PocketBase over HTTP, the engine, memory, start, and what a
# phone loads. Words are passed on to the driver, e.g. -records 5000, or -keep folder, which spares filling the databases again.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p bin/bench
go build -trimpath -o bin/bench/driver ./internal/bench
(cd internal/bench/pocketbase && go build -trimpath -o ../../../bin/bench/pocketbase .)
go test -run '^$' -bench 'BenchmarkComplete' -benchtime 1s -count 5 ./runtime/engine >bin/bench/engine.txt
npm --prefix ui run --silent size >bin/bench/size.txt || grep -q 'KiB gz' bin/bench/size.txt # over the budget is a missed target, no error
bin/bench/driver -stepwell bin/stepwell -pocketbase bin/bench/pocketbase -engine bin/bench/engine.txt -size bin/bench/size.txt "$@"
