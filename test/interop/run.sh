#!/usr/bin/env bash
# Our server against clients we did not write, our client against a server we did not write:
#   bash test/interop/run.sh [name…]     all checks, or those of js/<name>.test.mjs; "azcosmos" is the Go module
# Needs Go, Node.js 20 or newer, npm and Python 3.9 or newer. Everything runs on loopback, on ports the system
# picks, and ends with this script.
# Prints a line per check and exits non-zero when one fails.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
. ./install.sh

work=$(mktemp -d)
pids=()
cleanup() {
  [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null
  wait
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# serve NAME PATTERN COMMAND…  starts a server, waits for the line of its output that matches PATTERN, and leaves what
# the pattern's group matched in $answer.
serve() {
  local name=$1 pattern=$2
  shift 2
  "$@" >"$work/$name.log" 2>&1 &
  pids+=($!)
  for _ in $(seq 300); do
    answer=$(sed -nE "s#.*$pattern.*#\\1#p" "$work/$name.log" | head -n 1)
    [ -z "$answer" ] || return 0
    kill -0 "${pids[-1]}" 2>/dev/null || break
    sleep 0.1
  done
  echo "$name did not start:"
  cat "$work/$name.log"
  exit 1
}

# A lock file newer than what is installed means that npm has work to do.
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --loglevel=error || cannot_install "the npm registry" npm view --prefer-online is-number version
fi
(cd ../.. && go build -o "$work/" ./examples/server ./test/interop/bridge ./test/interop/splitting) || exit 1

# ours NAME VARIABLE FLAG…  starts our server and puts its endpoint into the environment.
ours() {
  local name=$1 variable=$2
  shift 2
  serve "$name" '(Interrupt) to stop' "$work/server" -addr 127.0.0.1:0 -health "" "$@"
  export "$variable=$(sed -nE 's/.*AccountEndpoint=([^;]+);.*/\1/p' "$work/$name.log")"
}

ours ours COSMOS_ENDPOINT -partitions 4 -without-composite-indexes
ours whole WHOLE_ENDPOINT -partitions 1 -serve-all -without-composite-indexes
ours tls TLS_ENDPOINT -tls
ours shop SHOP_ENDPOINT -load ../../examples/server/shop.json
COSMOS_KEY=$(sed -nE 's/.*AccountKey=([^;]+);.*/\1/p' "$work/ours.log")
TLS_CERTIFICATE=$(sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' "$work/tls.log")
export COSMOS_KEY TLS_CERTIFICATE
serve npm '(http://127[^ ]+)' node js/npm-server.mjs
export NPM_ENDPOINT=$answer
export BRIDGE=$work/bridge SPLITTING=$work/splitting

names=("$@")
if [ ${#names[@]} -eq 0 ]; then
  for file in js/*.test.mjs; do names+=("$(basename "$file" .test.mjs)"); done
  names+=(azcosmos)
fi

# The Python program of docs/server.md needs the SDK.
if [[ " ${names[*]} " == *" snippets "* && -z ${PYTHON:-} ]]; then
  export PYTHON=$work/python/bin/python
  python3 -m venv "$work/python" || exit 1
  "$PYTHON" -m pip install --quiet azure-cosmos==4.17.1 ||
    cannot_install PyPI "$PYTHON" -m pip download -q --no-deps --no-cache-dir -d "$work" six
fi

failed=()
for name in "${names[@]}"; do
  printf '\n== %s\n' "$name"
  if [ "$name" = azcosmos ]; then
    (cd azcosmos && go test -count=1 -v ./...) | grep -E '^ *(---|ok|FAIL|panic|[a-z_]+\.go:|.*_test.go:[0-9]+)'
  else
    timeout 300 node --test --test-reporter=spec "js/$name.test.mjs"
  fi || failed+=("$name")
done

printf '\ninterop: %d passed, %d failed\n' $((${#names[@]} - ${#failed[@]})) ${#failed[@]}
if [ ${#failed[@]} -gt 0 ]; then
  echo "failed: ${failed[*]}"
  [ ! -s "$work/ours.log" ] || tail -n 20 "$work/ours.log"
  exit 1
fi
