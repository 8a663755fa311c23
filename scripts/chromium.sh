#!/usr/bin/env bash
# Prints the path of a Chromium to test with; installs Debian's, with a font that has Chinese, where none is there.
set -euo pipefail

found() {
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && path=$(command -v "$name"); then echo "$path"; return 0; fi
  done
  return 1
}

if ! found; then
  sudo=""
  [ "$(id -u)" = 0 ] || sudo=sudo
  if ! command -v apt-get >/dev/null; then
    echo "The journey needs Chromium. Install it, or name it: CHROMIUM=/path/to/chromium make test" >&2
    exit 1
  fi
  $sudo apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >&2
  found
fi
