#!/usr/bin/env bash
# Installs the named Debian packages, as root, without starting the daemons they bring: tests start
# their own, and nothing may run on the machine that did not run before.
set -euo pipefail

policy=/usr/sbin/policy-rc.d
mark='# put here by bin/test for the time of an installation'

# Absent, or left by an installation that was killed; anybody else's stays and decides.
if [ ! -e "$policy" ] || grep -qxF "$mark" "$policy"; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
  chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq -o DPkg::Lock::Timeout=120
apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"
