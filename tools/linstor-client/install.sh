#!/bin/sh
# Installs LINBIT's Python client of LINSTOR, at the version and hash in requirements.txt, and prints the Python that has it.
# Installs once: the folder's name carries the hash of that file. Needs Python 3.6 or newer with venv and, from an empty
# cache, the network. With LINSTOR_PYTHON set nothing is installed: that Python is taken as it is.
set -eu
if [ -n "${LINSTOR_PYTHON:-}" ]; then
  "$LINSTOR_PYTHON" -c 'import linstor' || { echo "linstor-client: LINSTOR_PYTHON has no module linstor: $LINSTOR_PYTHON" >&2; exit 1; }
  echo "$LINSTOR_PYTHON"
  exit
fi
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"
command -v python3 >/dev/null || { echo "linstor-client: Python 3 is needed (https://www.python.org/downloads)" >&2; exit 1; }
version=$(sed -n 's|^python-linstor==\([0-9.]*\).*|\1|p' requirements.txt)
out=${XDG_CACHE_HOME:-$HOME/.cache}/site-recovery/linstor-client-$version-$(sha256sum requirements.txt | cut -c1-12)
if [ ! -e "$out/installed" ]; then
  echo "installing python-linstor $version ..." >&2
  rm -rf "$out"
  mkdir -p "$(dirname "$out")"
  python3 -m venv "$out" || { echo "linstor-client: python3 cannot make a virtual environment: install its venv module (Debian: python3-venv)" >&2; exit 1; }
  "$out/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.txt >&2
  touch "$out/installed"
fi
echo "$out/bin/python"
