#!/usr/bin/env bash
# The official Python SDK, sync and asyncio, and aio-cosmos against the in-process server, also while partitions split,
# and the program of docs/testing-failover.md, which moves its world:
#   bash test/interop/python/run.sh [page splits sync_sdk async_sdk aio …]
# Needs Go and Python 3.10 or newer; installs what requirements.txt names into a folder of its own ($PY_ENV keeps it).
set -uo pipefail
cd "$(dirname "$0")" || exit 1
. ../install.sh
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$work"' EXIT
env=${PY_ENV:-$work/env}
[ -x "$env/bin/python" ] || python3 -m venv "$env" || exit 1
"$env/bin/pip" install -q --disable-pip-version-check -r requirements.txt ||
  cannot_install PyPI "$env/bin/pip" download -q --no-deps --no-cache-dir -d "$work" six
(cd ../../.. && go build -o "$work/" ./examples/server ./test/interop/splitting) || exit 1
failed=()
names=("$@")
[ ${#names[@]} -gt 0 ] || names=(page splits sync_sdk async_sdk aio)
if [[ " ${names[*]} " == *" page "* ]]; then
  SERVER=$work/server "$env/bin/python" page.py || failed+=(page)
fi
if [[ " ${names[*]} " == *" splits "* ]]; then
  printf '\n== splits\n'
  SPLITTING=$work/splitting timeout 300 "$env/bin/python" -W ignore splits.py || failed+=(splits)
fi
for partitions in 1 4; do
  "$work/server" -addr 127.0.0.1:0 -health "" -partitions $partitions >"$work/$partitions.log" &
  for _ in $(seq 100); do grep -q Interrupt "$work/$partitions.log" && break; sleep 0.1; done
  export COSMOS_ENDPOINT COSMOS_KEY
  COSMOS_ENDPOINT=$(sed -nE 's/.*AccountEndpoint=([^;]+);.*/\1/p' "$work/$partitions.log")
  COSMOS_KEY=$(sed -nE 's/.*AccountKey=([^;]+);.*/\1/p' "$work/$partitions.log")
  for name in "${names[@]}"; do
    [[ $name != page && $name != splits ]] || continue
    printf '\n== %s, %d partitions\n' "$name" $partitions
    timeout 300 "$env/bin/python" -W ignore "$name.py" || failed+=("$name/$partitions")
  done
done
[ ${#failed[@]} -eq 0 ] || { echo "failed: ${failed[*]}"; exit 1; }
