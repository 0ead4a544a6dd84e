#!/usr/bin/env bash
# Install the few programs the tests use that come as no wheel. Missing ones skip their tests,
# each with its reason, unless CI=true, where a skip for a missing engine is a failure.
set -euo pipefail
# Go is not among them: the peers need a newer one (1.24, which fetches the rest) than Debian 12 has.
command -v go >/dev/null 2>&1 || echo "tests: go not found; the tests whose peers are written in Go are skipped." >&2
missing=()
for program in gcc curl wrk node npm javac mvn ip openssl zsh fish nghttp h2load; do
    command -v "$program" >/dev/null 2>&1 || missing+=("$program")
done
headers="$("${PYTHON:-python3}" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h"
[ -e "$headers" ] || missing+=("$headers")
[ "${#missing[@]}" -eq 0 ] && exit 0
declare -A package=(["$headers"]=python3-dev [gcc]="gcc libc6-dev" [curl]=curl [wrk]=wrk [node]=nodejs [npm]=npm [javac]=default-jdk-headless [mvn]=maven [ip]=iproute2 [openssl]=openssl [nghttp]=nghttp2-client [h2load]=nghttp2-client [zsh]=zsh [fish]=fish)
packages=()
for program in "${missing[@]}"; do packages+=(${package[$program]}); done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "tests: installing ${packages[*]}"
    if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${packages[@]}"; } >/dev/null 2>&1; then
        exit 0
    fi
fi
echo "tests: ${missing[*]} not found, and could not be installed here; the tests that need them are skipped." >&2
echo "tests: to run them too: sudo apt-get install ${packages[*]}" >&2
[ "${CI:-}" = true ] && exit 1
exit 0
