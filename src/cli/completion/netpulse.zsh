#compdef netpulse
# zsh completion for netpulse; asks the program itself.
_netpulse() {
  local line files
  local -a found
  for line in "${(@f)$("${words[1]}" complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == :files ]]; then
      files=yes
    elif [[ -n $line ]]; then
      found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    fi
  done
  (( ${#found} )) && _describe netpulse found
  [[ -n $files ]] && _files
}
if [[ ${funcstack[1]} == _netpulse ]]; then
  _netpulse "$@"
else
  compdef _netpulse netpulse
fi
