import {
  FLAVORS,
  LIVE_JAILS,
  OPTIONS,
  OPTIONS_WITH_VALUE,
  SERVER_OPTIONS,
  SHELLS,
  vocabulary,
  WITH_JAIL,
} from "./vocabulary.ts";

/** The script for zsh. */
export function zshScript(): string {
  const { first, settings, set, get } = vocabulary();
  const { directory, file, other } = OPTIONS_WITH_VALUE;
  return `#compdef fail2ban-client
# Completion of fail2ban-client for zsh: put it as _fail2ban-client into a folder of $fpath, or source it.
_fail2ban-client() {
  local -a server rest candidates
  local i word
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    if (( ! $#rest )); then
      case $word in
        ${SERVER_OPTIONS.join("|")}) server+=($word "\${(Q)words[i+1]}"); ((i++)); continue ;;
        ${[...file, ...other].join("|")}) ((i++)); continue ;;
        -*) continue ;;
      esac
    fi
    rest+=("\${(Q)word}")
  done
  if (( ! $#rest )); then
    case \${words[CURRENT-1]} in
      ${directory.join("|")}) _directories; return ;;
      ${file.join("|")}) _files; return ;;
      ${other.join("|")}) return ;;
    esac
  fi
  local -a jails
  (( $#rest == 1 )) && jails=(\${(f)"$(fail2ban-client $server status 2>/dev/null | ${LIVE_JAILS})"})
  case "$#rest \${rest[1]}" in
    0*) candidates=(${first.join(" ")}); [[ $PREFIX == -* ]] && candidates=(${OPTIONS.join(" ")}) ;;
    "1 set"|"1 get") candidates=(${settings.join(" ")} $jails) ;;
    "1 completion") candidates=(${SHELLS.join(" ")}) ;;
    ${WITH_JAIL.map((word) => `"1 ${word}"`).join("|")}) candidates=(--all $jails) ;;
    "2 set") candidates=(${set.join(" ")}) ;;
    "2 get") candidates=(${get.join(" ")}) ;;
    "2 status") candidates=(${FLAVORS.join(" ")}) ;;
  esac
  compadd -a candidates
}
if [[ \${funcstack[1]} == _fail2ban-client ]]; then
  _fail2ban-client "$@"
else
  compdef _fail2ban-client fail2ban-client
fi
`;
}
