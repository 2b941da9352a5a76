# shellcheck shell=bash
# What every command in bin/ starts with: finds Bun and the packages of bun.lock, or gets them.
# Expects ROOT, the folder of package.json, and NAME, what the command is called in messages.
# Sets BUN, the path of a Bun of exactly the version that package.json names.

TOOLS=$ROOT/.tools

say() { printf '%s: %s\n' "$NAME" "$*" >&2; }

# What the operator has to put right: one line, exit code 2.
die() {
  say "$*"
  exit 2
}

prepare() {
  BUN_VERSION=$(sed -n 's/^ *"bun": *"\([0-9.]*\)".*/\1/p' "$ROOT/package.json")
  find_bun || locked install_bun
  find_bun || die "the Bun in $TOOLS does not run on this machine: put Bun $BUN_VERSION on PATH"
  packages_are_current || locked install_packages
}

find_bun() {
  local candidate
  # Where npm runs no install scripts, node_modules/bun is an empty shell and the binary lies in @oven.
  for candidate in "$(command -v bun || true)" \
    "$TOOLS"/node_modules/bun/bin/bun.exe "$TOOLS"/node_modules/@oven/*/bin/bun; do
    [ -x "$candidate" ] || continue
    [ "$("$candidate" --version 2>/dev/null || true)" = "$BUN_VERSION" ] || continue
    BUN=$candidate
    return 0
  done
  return 1
}

# The stamp is the lock file that was installed from, so that a changed one is noticed.
packages_are_current() {
  cmp -s "$ROOT/bun.lock" "$ROOT/node_modules/.installed-from.lock"
}

# Runs a function while no other command of this clone does: two at once would mix their files.
locked() {
  local lock=$TOOLS/lock
  { mkdir -p "$TOOLS" && : >>"$lock"; } 2>/dev/null ||
    die "cannot write to $TOOLS: run it as the owner of the folder, or in a clone of your own"
  command -v flock >/dev/null || die "flock is missing: install util-linux"
  (
    flock --nonblock 9 || { say "waiting for another set-up in this folder" && flock 9; }
    "$@" 9>&-
  ) 9>>"$lock"
}

install_bun() {
  find_bun && return
  local log=$TOOLS/install.log
  command -v npm >/dev/null ||
    die "Bun $BUN_VERSION is not here, nor npm to get it with: install Node.js 20 with npm, or put Bun $BUN_VERSION on PATH"
  say "installing Bun $BUN_VERSION into .tools (once)"
  rm -rf "$TOOLS/staging" && mkdir "$TOOLS/staging"
  npm install --prefix "$TOOLS/staging" --no-save --no-package-lock --no-audit --no-fund --loglevel=error \
    --prefer-offline --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000 \
    "bun@$BUN_VERSION" </dev/null >"$log" 2>&1 ||
    die "npm could not get Bun $BUN_VERSION ($(reason "$log")): check the network and 'npm config get registry', then run it again; npm's words are in $log"
  rm -rf "$TOOLS/node_modules"
  mv "$TOOLS/staging/node_modules" "$TOOLS/node_modules"
  rm -rf "$TOOLS/staging"
}

# Install scripts stay off: the packages need none, and one of them would call home.
install_packages() {
  packages_are_current && return
  local log=$TOOLS/install.log
  say "installing the packages of bun.lock (once)"
  (cd "$ROOT" && "$BUN" install --frozen-lockfile --ignore-scripts) </dev/null >"$log" 2>&1 ||
    die "Bun could not install the packages ($(reason "$log")): check the network and 'npm config get registry', then run it again; Bun's words are in $log"
  cp "$ROOT/bun.lock" "$ROOT/node_modules/.installed-from.lock"
}

# The first line of a log that says what went wrong.
reason() {
  { grep --max-count=1 --ignore-case error "$1" || tail --lines=1 "$1"; } | cut -c1-160
}
