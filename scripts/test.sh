#!/usr/bin/env bash
# Runs the tests. Without words: everything on the embedded store. "mongodb": every suite that stands on the store, on the
# MongoDB that STEPWELL_TEST_MONGODB_URI names; "mongodb-journey": the journey in a real browser there. "faults": servers are
# killed and paused under load for STEPWELL_TEST_FAULT_TIME (20 minutes), on the embedded store and, when one is named, on
# MongoDB, which is cut off and steps down; prints what was lost and doubled.
set -euo pipefail
cd "$(dirname "$0")/.."

# journey runs what goes on in a browser, or what of it is named. It chains its steps: where it is run as a condition, a failing
# one would not end it.
journey() {
  CHROMIUM=$(bash scripts/chromium.sh | tail -n 1) && export CHROMIUM &&
    go build -trimpath -o bin/stepwell . &&
    npm --prefix ui run e2e -- "$@"
}

# on_mongodb runs a suite. When it fails because the database server itself has died, which no suite can mend, the server is
# started again by STEPWELL_TEST_MONGODB_RESTART, if that names a command, and the suite runs anew; after the third time it
# is passed over and says so.
on_mongodb() {
  for _ in 1 2 3; do
    if "$@"; then return 0; fi
    if node ui/scripts/ping-mongodb.mjs; then
      echo "failed on MongoDB: $*" >&2
      return 1
    fi
    echo "The MongoDB under test has died during: $*" >&2
    [ -n "${STEPWELL_TEST_MONGODB_RESTART:-}" ] || return 1
    bash -c "$STEPWELL_TEST_MONGODB_RESTART"
  done
  echo "NOT JUDGED on MongoDB, whose server died three times under it: $*" >&2
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
  # The suites seen green there since their code last changed. STEPWELL_TEST_SUITES names others: ./api, and . for the servers
  # themselves, killed, paused, cut off, two at once.
  suites=${STEPWELL_TEST_SUITES:-./internal/store ./internal/store/migrate ./internal/store/mongodb ./runtime/access ./runtime/catalog
    ./runtime/errands ./runtime/files ./runtime/live ./runtime/notices ./runtime/notices/email ./runtime/notices/preference
    ./runtime/notices/throttle ./runtime/people ./runtime/people/account ./runtime/people/audit ./runtime/queue ./runtime/secrets
    ./runtime/timers ./builder/draft ./api/web}
  for suite in $suites; do
    on_mongodb go test -timeout 40m -shuffle=on -count=1 "$suite"
  done
  ;;
mongodb-journey)
  : "${STEPWELL_TEST_MONGODB_URI:?names the MongoDB to test on}"
  on_mongodb journey journey
  ;;
faults)
  export STEPWELL_TEST_FAULT_TIME=${STEPWELL_TEST_FAULT_TIME:-20m}
  go test -timeout 2h -count=1 -v -run 'TestFaults' .
  ;;
*)
  echo "usage: scripts/test.sh [all|mongodb|mongodb-journey|faults]" >&2
  exit 2
  ;;
esac
