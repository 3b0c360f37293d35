#!/usr/bin/env bash
# Takes the kiosk's screenshots through a real Wayland compositor, without a display:
# sway (headless) + foot (sixel) + checkpoint kiosk, driven over the real socket by screenshot_scenes.py.
#
#   packaging/screenshots.sh OUT [WIDTHxHEIGHT:FONT_SIZE ...]
#   LATENCY=1 packaging/screenshots.sh OUT ...   measures instead, from the socket to the pixels
set -euo pipefail

out=${1:?folder for the pictures}
shift
sizes=("$@")
[ ${#sizes[@]} -gt 0 ] || sizes=(1280x720:14 800x480:10)
here=$(cd "$(dirname "$0")" && pwd)
python="$here/../.venv/bin/python"
mkdir -p "$out"

wanted=(sway foot grim wtype fonts-noto-cjk fonts-noto-mono libgl1-mesa-dri)
missing=()
for package in "${wanted[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    echo "installing for the screenshots: ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

XDG_RUNTIME_DIR=$(mktemp -d)
export XDG_RUNTIME_DIR
chmod 700 "$XDG_RUNTIME_DIR"
started=()
finish() {
    [ ${#started[@]} -eq 0 ] || kill "${started[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$XDG_RUNTIME_DIR"
}
trap finish EXIT

# The compositor refuses root, and then runs as nobody in a folder of its own.
as_nobody=()
if [ "$(id -u)" -eq 0 ]; then
    as_nobody=(setpriv --reuid nobody --regid nogroup --clear-groups)
    chown nobody "$XDG_RUNTIME_DIR"
fi

shoot() { # WIDTHxHEIGHT FONT_SIZE
    local resolution=$1 font=$2 socket="$XDG_RUNTIME_DIR/gate.sock"
    printf '%s\n' "output HEADLESS-1 resolution $resolution" 'default_border none' 'xwayland disable' \
        'seat * hide_cursor 1' > "$XDG_RUNTIME_DIR/sway.conf"
    rm -f "$XDG_RUNTIME_DIR"/wayland-*
    "${as_nobody[@]}" env -i PATH=/usr/bin:/bin HOME="$XDG_RUNTIME_DIR" XDG_RUNTIME_DIR="$XDG_RUNTIME_DIR" \
        WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1 \
        sway -c "$XDG_RUNTIME_DIR/sway.conf" 2> "$XDG_RUNTIME_DIR/sway.log" &
    local sway=$!
    started+=("$sway")
    for _ in $(seq 100); do [ -S "$XDG_RUNTIME_DIR/wayland-1" ] && break; sleep 0.1; done
    export WAYLAND_DISPLAY=wayland-1 LANG=C.UTF-8 TZ=Asia/Shanghai

    local family="Noto Sans Mono:size=$font,Noto Sans Mono CJK SC:size=$font"
    foot --fullscreen --log-level=warning -o main.font="$family" -o main.pad=0x0 \
        -o colors.background=0e1218 "$here/../.venv/bin/checkpoint" kiosk --socket "$socket" \
        2> "$XDG_RUNTIME_DIR/foot.log" &
    local foot=$!
    started+=("$foot")
    "$python" "$here/screenshot_scenes.py" --socket "$socket" --out "$out" --prefix "${resolution#*x}p" \
        ${LATENCY:+--latency}
    kill "$foot" "$sway" 2>/dev/null || true
    wait "$foot" "$sway" 2>/dev/null || true
    started=()
}

for size in "${sizes[@]}"; do
    shoot "${size%:*}" "${size#*:}"
done
