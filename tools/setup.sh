#!/usr/bin/env bash
# Make a virtual environment with the locked packages and this checkout in it. Idempotent; `make setup` calls it.
set -euo pipefail
venv="${1:-.venv}"
python="${PYTHON:-python3}"

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "setup: $python is missing or older than Python 3.11; install Python 3.11 or newer, or set PYTHON=/path/to/it" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "setup: $python has no venv module; on Debian and Ubuntu: apt-get install python3-venv" >&2
    exit 1
fi
[ -x "$venv/bin/python" ] || { echo "setup: making $venv"; "$python" -m venv "$venv"; }
echo "setup: installing the locked packages (the first time takes a minute or two)"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
echo "setup: done; $venv/bin has dapr, daprd, and the services of the control plane"
