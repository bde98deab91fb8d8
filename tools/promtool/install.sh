#!/bin/sh
# Prints the path of promtool: the one in PATH, else the one of Debian's package prometheus, which it unpacks into the user's
# cache folder and does not install. From an empty cache it needs apt-get, dpkg and the network; seconds.
set -eu
if command -v promtool; then exit; fi
out=${XDG_CACHE_HOME:-$HOME/.cache}/site-recovery/promtool
if [ ! -x "$out/usr/bin/promtool" ]; then
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || { echo "promtool: it is needed in PATH (https://prometheus.io/download; Debian: prometheus)" >&2; exit 1; }
  echo "unpacking promtool ..." >&2
  new=$out.$$
  mkdir -p "$new"
  cd "$new"
  apt-get download prometheus >&2 || { apt-get update && apt-get download prometheus; } >&2
  dpkg -x prometheus_*.deb .
  rm prometheus_*.deb
  # Another one may have been faster.
  if [ -d "$out" ]; then rm -rf "$new"; else mv "$new" "$out"; fi
fi
echo "$out/usr/bin/promtool"
