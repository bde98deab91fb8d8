#!/bin/sh
# Prints the folder of a real control plane: etcd, kube-apiserver, kube-controller-manager and kube-scheduler, built from
# the Go modules that go.mod pins. With KUBEBUILDER_ASSETS set nothing is built: its folder is taken as it is.
# Builds once: the folder's name carries the hash of the module files. Needs Go 1.26 or newer and, from an empty cache,
# the network, 2 GiB of memory and about six minutes on two cores.
set -eu
tools="etcd kube-apiserver kube-controller-manager kube-scheduler"
if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
  for tool in $tools; do
    [ -x "$KUBEBUILDER_ASSETS/$tool" ] || { echo "kube: KUBEBUILDER_ASSETS has no $tool: $KUBEBUILDER_ASSETS" >&2; exit 1; }
  done
  echo "$KUBEBUILDER_ASSETS"
  exit
fi
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"
version=$(sed -n 's|^\tk8s.io/kubernetes \(v[0-9.]*\).*|\1|p' go.mod)
out=${XDG_CACHE_HOME:-$HOME/.cache}/site-recovery/kube-$version-$(cat go.mod go.sum | sha256sum | cut -c1-12)
mkdir -p "$out"
for tool in $tools; do
  [ -x "$out/$tool" ] && continue
  command -v go >/dev/null || { echo "kube: no $tool: install Go 1.26 or newer (https://go.dev/dl), or name a folder that has it in KUBEBUILDER_ASSETS" >&2; exit 1; }
  echo "building $tool of Kubernetes $version ..." >&2
  case $tool in etcd) package=go.etcd.io/etcd/server/v3 ;; *) package=k8s.io/kubernetes/cmd/$tool ;; esac
  # Without these flags the servers would call themselves v0.0.0.
  stamp="-X k8s.io/component-base/version.gitVersion=$version -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=$(echo "$version" | cut -d. -f2)"
  CGO_ENABLED=0 go build -mod=readonly -trimpath -ldflags "-s -w $stamp" -o "$out/$tool.new" "$package"
  mv "$out/$tool.new" "$out/$tool"
done
echo "$out"
