#!/usr/bin/env bash
# A newer QGIS beside the system's, unpacked into build/qgis-next; then the host's tests run on it.
# `make test-qgis-next` calls this. Nothing of the system is changed. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
over=$PWD/build/qgis-next
suite=bookworm

build() {
    if ! command -v apt-get dpkg-deb >/dev/null || ! grep -qs "^VERSION_CODENAME=$suite" /etc/os-release; then
        echo "QGIS 3.40 is taken from Debian's $suite-backports, and this is no Debian $suite" >&2
        exit 2
    fi
    rm -rf "$over" && mkdir -p "$over"/{lists/partial,cache/archives/partial,root}
    local main="http://deb.debian.org/debian" signed="[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
    printf 'deb %s %s %s main\n' "$signed" "$main" "$suite" "$signed" "$main" "$suite-backports" >"$over/sources.list"
    local options=(
        -qq -o "Dir::Etc::sourcelist=$over/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o "Dir::State::lists=$over/lists" -o "Dir::Cache=$over/cache" -o APT::Sandbox::User=root
        -o Debug::NoLocking=1
    )
    echo "Downloading QGIS from $suite-backports"
    apt-get "${options[@]}" update
    # what the system has is not fetched again: the overlay holds what is missing or newer
    apt-get "${options[@]}" -t "$suite-backports" install -y --no-install-recommends --download-only \
        python3-qgis qgis xvfb
    for package in "$over"/cache/archives/*.deb; do
        dpkg-deb -x "$package" "$over/root"
    done
    rm -rf "$over/cache" "$over/lists"
    touch "$over/.done"
}

[ -e "$over/.done" ] || build

export GRAFT_TEST_QGIS_ROOT=$over/root
exec .venv/bin/python -m pytest -q "${@:-tests/host}"
