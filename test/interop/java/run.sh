#!/usr/bin/env bash
# The official Java SDK against the in-process server: bash test/interop/java/run.sh
# Needs Go, a JDK of version 17 or newer and Maven, which fetches what pom.xml names.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
. ../install.sh
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$work"' EXIT
mvn -q -B compile dependency:build-classpath -Dmdep.outputFile="$work/classpath" ||
  cannot_install "Maven Central" \
    mvn -q -B -Dmaven.repo.local="$work/repository" dependency:get -Dartifact=junit:junit:4.13.2
(cd ../../.. && go build -o "$work/" ./examples/server ./test/interop/splitting) || exit 1
failed=0

# The program of docs/server.md prints what the page says.
page=../../../docs/server.md
sed -n '/^```java$/,/^```$/{//!p}' $page >"$work/First.java"
awk '/^## /{on=$0=="## Java"} on&&/^prints$/{p=1} p&&/^```$/{n++;next} n==1{print} n==2{exit}' $page >"$work/prints"
"$work/server" -addr 127.0.0.1:0 -health "" -load ../../../examples/server/shop.json >"$work/first.log" &
for _ in $(seq 100); do grep -q Interrupt "$work/first.log" && break; sleep 0.1; done
COSMOS_ENDPOINT=$(sed -nE 's/.*AccountEndpoint=([^;]+);.*/\1/p' "$work/first.log") timeout 100 java \
  -DCOSMOS.HTTP_CONNECTION_WITHOUT_TLS_ALLOWED=true -cp "$(cat "$work/classpath")" "$work/First.java" >"$work/printed"
if diff "$work/prints" "$work/printed"; then echo "ok   the program of docs/server.md"; else failed=1; fi

# This SDK speaks HTTPS unless it is told that it may do without.
run() {
  timeout 400 java -DCOSMOS.HTTP_CONNECTION_WITHOUT_TLS_ALLOWED=true \
    -cp "target/classes:$(cat "$work/classpath")" "$1" || failed=1
}

printf '\n== Java, over splits\n'
SPLITTING=$work/splitting run interop.Splits

for partitions in 1 8; do
  "$work/server" -addr 127.0.0.1:0 -health "" -partitions $partitions >"$work/$partitions.log" &
  for _ in $(seq 100); do grep -q Interrupt "$work/$partitions.log" && break; sleep 0.1; done
  export COSMOS_ENDPOINT COSMOS_KEY
  COSMOS_ENDPOINT=$(sed -nE 's/.*AccountEndpoint=([^;]+);.*/\1/p' "$work/$partitions.log")
  COSMOS_KEY=$(sed -nE 's/.*AccountKey=([^;]+);.*/\1/p' "$work/$partitions.log")
  printf '\n== Java, %d partitions\n' $partitions
  run interop.Main
done
exit $failed
