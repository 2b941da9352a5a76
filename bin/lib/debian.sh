# shellcheck shell=bash
# Makes sure of the Debian packages that a list in scripts/ names. Comes after toolchain.sh.

ensure_debian_packages() {
  local missing list=$ROOT/scripts/$1
  mapfile -t missing < <(missing_packages "$list")
  [ ${#missing[@]} -eq 0 ] && return
  install_debian_packages "${missing[@]}"
  mapfile -t missing < <(missing_packages "$list")
  [ ${#missing[@]} -eq 0 ] || die "still missing after the installation: ${missing[*]}"
}

missing_packages() {
  local package proof _
  while read -r package proof _; do
    is_there "$proof" || echo "$package"
  done < <(grep -v '^#' "$1")
}

is_there() {
  case $1 in
    python:*) /usr/bin/python3 -W ignore -c "import ${1#python:}" 2>/dev/null ;;
    pam:*) compgen -G "/lib/*/security/${1#pam:}" >/dev/null ;;
    /*) [ -x "$1" ] ;;
    *) PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin command -v "$1" >/dev/null ;;
  esac
}

install_debian_packages() {
  mkdir -p "$TOOLS" || die "cannot write to $TOOLS"
  local log=$TOOLS/apt.log
  local by_hand="as root: apt-get install --no-install-recommends $*"
  command -v apt-get >/dev/null || die "this is no Debian and misses what these packages hold: $*"
  as_root true 2>/dev/null || die "these Debian packages are missing, and only root may install them ($by_hand): $*"
  say "installing Debian packages: $*"
  as_root bash "$ROOT/bin/lib/install-debian-packages.sh" "$@" </dev/null >"$log" 2>&1 ||
    die "apt-get failed ($(grep --max-count=1 '^E:' "$log" | cut -c1-160)): its words are in $log. Missing: $*"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}
