# What the findings share. Each script runs in a temp folder of its own, uses pinned public packages and no framewire,
# prints what it saw and exits: 0 = as described, 1 = the behaviour has changed, 77 = a pinned package is not to be had.
# Source: . "$(dirname "$0")/lib.sh"
set -euo pipefail
work=$(mktemp -d)
started=()
finish() {
  for pid in "${started[@]:-}"; do [ -n "$pid" ] && kill "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT
cd "$work"

# debs NAME=VERSION ...: unpacks Debian packages below $work/root, without installing them.
debs() {
  apt-get -qq -o APT::Sandbox::User=root download "$@" || { echo "not to be had: $*" >&2; exit 77; }
  for deb in ./*.deb; do dpkg-deb -x "$deb" root; rm "$deb"; done
}

# with_needs NAME=VERSION ...: the same, with all that they need and this machine has not; their programs, libraries and
# GStreamer plugins are then found first. Those installed in that version already are used as they are.
with_needs() {
  local missing
  missing=$(LC_ALL=C apt-get -s -o Debug::NoLocking=1 --no-install-recommends --allow-downgrades install "$@" 2>/dev/null |
    sed -nE 's/^Inst ([^ ]+) (\[[^]]*\] )?\(([^ ]+) .*/\1=\3/p') || { echo "not to be had: $*" >&2; exit 77; }
  # shellcheck disable=SC2086
  [ -z "$missing" ] || debs $missing
  local lib=$work/root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || gcc -print-multiarch)
  export PATH=$work/root/usr/bin:$PATH LD_LIBRARY_PATH=$lib:$lib/pulseaudio:$lib/blas:$lib/lapack:$work/root/lib/${lib##*/}
  export GST_PLUGIN_PATH=$lib/gstreamer-1.0 GST_REGISTRY=$work/gst-registry.bin
}

# npm_packages NAME@VERSION ...: into $work/node_modules.
npm_packages() {
  npm install --silent --no-audit --no-fund --no-save "$@" >/dev/null || { echo "not to be had: $*" >&2; exit 77; }
}

# installed NAME VERSION: the Debian package of exactly that version is installed (browsers are too large to unpack).
installed() {
  [ "$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null)" = "$2" ] || { echo "needs $1 $2 installed" >&2; exit 77; }
}

# expect WHAT WANTED SEEN
expect() {
  if [ "$2" = "$3" ]; then echo "as described: $1: $3"; else echo "CHANGED: $1: described $2, seen $3"; exit 1; fi
}
