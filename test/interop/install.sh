# For the scripts here: what to do when something could not be installed.

# cannot_install REGISTRY PROBE…  ends the script: with 75, which .ci/run prints as "not run", where the registry does
# not give what the probe asks for either; else with 1, for then what was asked for is wrong.
cannot_install() {
  local registry=$1
  shift
  if "$@" >/dev/null 2>&1; then exit 1; fi
  echo "not run: $registry cannot be reached from here"
  exit 75
}
