# bash completion for netpulse; asks the program itself.
# shellcheck shell=bash
_netpulse() {
  local line
  local -a answer
  COMPREPLY=()
  mapfile -t answer < <("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  for line in "${answer[@]}"; do
    if [[ $line == :files ]]; then
      compopt -o default
    else
      COMPREPLY+=("${line%%$'\t'*}")
    fi
  done
}
complete -F _netpulse netpulse
