#!/bin/sh
# Installs LINBIT's Python client of LINSTOR, at the version and hash in requirements.txt, and prints the folder that holds
# it: what PYTHONPATH has to name. Installs once: the folder's name carries the hash of that file. With LINSTOR_CLIENT set
# nothing is installed: its folder is taken as it is. Needs Python 3.6 or newer with pip and, from an empty cache, the network.
set -eu
if [ -n "${LINSTOR_CLIENT:-}" ]; then
  [ -d "$LINSTOR_CLIENT/linstor" ] || { echo "linstor-client: LINSTOR_CLIENT has no package linstor: $LINSTOR_CLIENT" >&2; exit 1; }
  echo "$LINSTOR_CLIENT"
  exit
fi
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"
version=$(sed -n 's|^python-linstor==\([0-9.]*\).*|\1|p' requirements.txt)
out=${XDG_CACHE_HOME:-$HOME/.cache}/site-recovery/linstor-client-$version-$(sha256sum requirements.txt | cut -c1-12)
if [ ! -d "$out" ]; then
  python3 -m pip --version >/dev/null || { echo "linstor-client: Python 3 with pip is needed (https://www.python.org/downloads; Debian: python3-pip)" >&2; exit 1; }
  echo "installing python-linstor $version ..." >&2
  new=$out.$$
  python3 -m pip install --quiet --disable-pip-version-check --target "$new" --require-hashes --no-deps -r requirements.txt >&2
  # Another one may have been faster.
  if [ -d "$out" ]; then rm -rf "$new"; else mv "$new" "$out"; fi
fi
echo "$out"
