#!/usr/bin/env bash
# Prints the speed figures of a built product: beside PocketBase over HTTP, the engine, and the phone form's size. Words are passed
# on to the driver, e.g. -records 5000.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p bin/bench
go build -trimpath -o bin/bench/driver ./internal/bench
(cd internal/bench/pocketbase && go build -trimpath -o ../../../bin/bench/pocketbase .)
bin/bench/driver -stepwell bin/stepwell -pocketbase bin/bench/pocketbase "$@"
go test -run '^$' -bench BenchmarkComplete -benchtime 1s ./runtime/engine
npm --prefix ui run size
