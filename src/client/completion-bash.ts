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

/** The script for bash. */
export function bashScript(): string {
  const { first, settings, set, get } = vocabulary();
  return `# Completion of fail2ban-client for bash: source it, or put it into
# /usr/share/bash-completion/completions/fail2ban-client
_fail2ban_client_jails() {
  local words=() i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${SERVER_OPTIONS.join("|")}) words+=("\${COMP_WORDS[i]}" "\${COMP_WORDS[i + 1]}") ;;
    esac
  done
  fail2ban-client "\${words[@]}" status 2>/dev/null | ${LIVE_JAILS}
}
_fail2ban_client() {
  local current=\${COMP_WORDS[COMP_CWORD]} words=() i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${Object.values(OPTIONS_WITH_VALUE).flat().join("|")}) ((i++)) ;;
      -*) [ \${#words[@]} -gt 0 ] && words+=("\${COMP_WORDS[i]}") ;;
      *) words+=("\${COMP_WORDS[i]}") ;;
    esac
  done
  case \${COMP_WORDS[COMP_CWORD - 1]} in
    ${OPTIONS_WITH_VALUE.directory.join("|")}) COMPREPLY=($(compgen -d -- "$current")); return ;;
    ${OPTIONS_WITH_VALUE.file.join("|")}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  local candidates=
  case \${#words[@]} in
    0) candidates="${first.join(" ")}"; [[ $current == -* ]] && candidates="${OPTIONS.join(" ")}" ;;
    1)
      case \${words[0]} in
        set|get) candidates="${settings.join(" ")} $(_fail2ban_client_jails)" ;;
        ${WITH_JAIL.join("|")}) candidates="--all $(_fail2ban_client_jails)" ;;
        completion) candidates="${SHELLS.join(" ")}" ;;
      esac ;;
    2)
      case \${words[0]} in
        set) candidates="${set.join(" ")}" ;;
        get) candidates="${get.join(" ")}" ;;
        status) candidates="${FLAVORS.join(" ")}" ;;
      esac ;;
  esac
  COMPREPLY=($(compgen -W "$candidates" -- "$current"))
}
complete -F _fail2ban_client fail2ban-client
`;
}
