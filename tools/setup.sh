#!/usr/bin/env bash
# Make the engine's environment .venv, or bring it up to date with pyproject.toml. `make setup` calls this when needed.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONPATH PYTHONHOME
venv=.venv
# the engine's own bounds: OLDEST, NEWEST = (3, x), (3, y)
read -r oldest newest < <(sed -n 's/^OLDEST, NEWEST = (3, \([0-9]*\)), (3, \([0-9]*\))$/\1 \2/p' \
    graft_plugin/client/environment.py)

new_enough() { # whether a Python can import the given modules and is no older than the engine needs
    "$1" -c "import sys, $2; sys.exit(sys.version_info < (3, $oldest))" 2>/dev/null
}

find_python() { # the first Python that is new enough and can import the given modules
    local name names
    mapfile -t names < <(seq -f 'python3.%g' "$newest" -1 "$oldest")
    for name in "${PYTHON:-}" python3 "${names[@]}" /usr/bin/python3; do
        if [ -n "$name" ] && new_enough "$name" "$1"; then
            command -v "$name"
            return
        fi
    done
    return 1
}

if ! new_enough "$venv/bin/python" pip; then
    python=$(find_python "venv, ensurepip") || python=
    if [ -z "$python" ] && find_python sys >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing python3-venv"
        { apt-get update && apt-get install -y --no-install-recommends python3-venv; } >/dev/null 2>&1 || true
        python=$(find_python "venv, ensurepip") || python=
    fi
    if [ -z "$python" ]; then
        echo "GRAFT needs Python 3.$oldest or newer with its venv module (Debian: apt-get install python3-venv)." >&2
        echo "Name one with: make setup PYTHON=/path/to/python3" >&2
        exit 1
    fi
    echo "Making the environment $venv with $python"
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi

echo "Installing the engine into $venv (once; torch is large)"
# One call for all: torch and torchvision from the same index match each other.
if ! log=$("$venv/bin/python" -m pip install --disable-pip-version-check -e ".[dev]" 2>&1); then
    tail -n 40 <<<"$log" >&2
    exit 1
fi
"$venv/bin/python" - <<'CHECK'
import sys
from pathlib import Path

import open_clip, rasterio, segment_anything  # noqa: E401, F401

if sys.prefix == sys.base_prefix or Path(sys.prefix) not in Path(rasterio.__file__).parents:
    sys.exit(f"the packages were installed outside {sys.prefix}; unset PYTHON* variables and PIP_TARGET, and try again")
CHECK
touch "$venv/.setup"
