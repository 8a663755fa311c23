#!/usr/bin/env bash
# Runs the tests. Without words: everything on the embedded store. "mongodb": what depends on the store, on the MongoDB
# that STEPWELL_TEST_MONGODB_URI names.
set -euo pipefail
cd "$(dirname "$0")/.."

journey() {
  CHROMIUM=$(bash scripts/chromium.sh | tail -n 1)
  export CHROMIUM
  go build -trimpath -o bin/stepwell .
  npm --prefix ui run e2e
}

case "${1:-all}" in
all)
  npm --prefix ui run lint
  npm --prefix ui run typecheck
  npm --prefix ui run i18n
  npm --prefix ui run test
  npm --prefix ui run size
  env -u STEPWELL_TEST_MONGODB_URI go vet ./...
  env -u STEPWELL_TEST_MONGODB_URI go test -shuffle=on ./...
  env -u STEPWELL_TEST_MONGODB_URI bash -c "$(declare -f journey); journey"
  ;;
mongodb)
  : "${STEPWELL_TEST_MONGODB_URI:?names the MongoDB to test on}"
  # The suites of internal/store/mongodb hold both engines to the same answers.
  go test -timeout 30m -shuffle=on -count=1 ./internal/store ./internal/store/migrate ./internal/store/mongodb ./runtime/people
  ;;
*)
  echo "usage: scripts/test.sh [all|mongodb]" >&2
  exit 2
  ;;
esac
