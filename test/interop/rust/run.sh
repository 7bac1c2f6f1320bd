#!/usr/bin/env bash
# The official Rust SDK against the in-process server: bash test/interop/rust/run.sh
# Needs Go and cargo. The first build takes minutes; it is kept in $CARGO_TARGET_DIR, outside the tree, for the next
# run. One that takes longer than $RUST_BUILD seconds is left where it is, for the next run to go on with.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
. ../install.sh
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$work"' EXIT
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/cosmossql-interop-rust}
cargo fetch -q --offline 2>/dev/null || cargo fetch -q ||
  CARGO_HOME=$work/cargo cannot_install crates.io cargo -q info itoa
bound=${RUST_BUILD:-1800}
timeout "$bound" cargo build -q
case $? in
  0) ;;
  124) echo "not run: the build of the Rust SDK takes longer than $bound s, and is kept for the next run" && exit 75 ;;
  *) exit 1 ;;
esac
(cd ../../.. && go build -o "$work/" ./examples/server ./test/interop/splitting) || exit 1
failed=0

# The program of docs/server.md prints what the page says.
page=../../../docs/server.md
mkdir -p "$work/first/src"
for file in Cargo.toml Cargo.lock; do sed 's/^name = "interop"/name = "first"/' $file >"$work/first/$file"; done
sed -n '/^```rust$/,/^```$/{//!p}' $page >"$work/first/src/main.rs"
awk '/^## /{on=$0=="## Rust"} on&&/^prints$/{p=1} p&&/^```$/{n++;next} n==1{print} n==2{exit}' $page >"$work/prints"
"$work/server" -addr 127.0.0.1:0 -health "" -load ../../../examples/server/shop.json >"$work/first.log" &
for _ in $(seq 100); do grep -q Interrupt "$work/first.log" && break; sleep 0.1; done
(cd "$work/first" && timeout 900 cargo build -q) &&
  COSMOS_ENDPOINT=$(sed -nE 's/.*AccountEndpoint=([^;]+);.*/\1/p' "$work/first.log") \
    timeout 100 "$CARGO_TARGET_DIR/debug/first" >"$work/printed"
if diff "$work/prints" "$work/printed"; then echo "ok   the program of docs/server.md"; else failed=1; fi

printf '\n== Rust, over splits\n'
SPLITTING=$work/splitting timeout 300 "$CARGO_TARGET_DIR/debug/splits" || failed=1

for partitions in 1 4; do
  "$work/server" -addr 127.0.0.1:0 -health "" -partitions $partitions >"$work/$partitions.log" &
  for _ in $(seq 100); do grep -q Interrupt "$work/$partitions.log" && break; sleep 0.1; done
  export COSMOS_ENDPOINT COSMOS_KEY
  COSMOS_ENDPOINT=$(sed -nE 's/.*AccountEndpoint=([^;]+);.*/\1/p' "$work/$partitions.log")
  COSMOS_KEY=$(sed -nE 's/.*AccountKey=([^;]+);.*/\1/p' "$work/$partitions.log")
  printf '\n== Rust, %d partitions\n' $partitions
  timeout 300 "$CARGO_TARGET_DIR/debug/interop" || failed=1
done
exit $failed
