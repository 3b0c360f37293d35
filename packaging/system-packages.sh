#!/usr/bin/env bash
# Installs the Debian packages that the virtual environment and the kiosk need, and only those missing.
# With nothing missing it asks for no rights at all.
set -euo pipefail

wanted=(python3-venv fonts-noto-cjk libzbar0)
missing=()

have() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'install ok installed'; }

if ! command -v dpkg-query >/dev/null; then
    echo "system-packages: not a Debian system; install the equivalents of: ${wanted[*]}" >&2
    exit 0
fi
for package in "${wanted[@]}"; do
    # A Python with a working venv module (pyenv, Docker's python image) needs no python3-venv.
    if [ "$package" = python3-venv ] && python3 -c 'import ensurepip, venv' 2>/dev/null; then continue; fi
    have "$package" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "system-packages: missing ${missing[*]}; run as root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
echo "installing system packages: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
