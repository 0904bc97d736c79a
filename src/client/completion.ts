import { COMMANDS } from "./command-table.ts";
import type { ClientContext } from "./context.ts";

/** Completion of the client's command line for shells, made from the table of commands. */

const SHELLS = { bash, zsh, fish } as const;

/** Commands that go on with the name of a jail, and which word that is. */
const JAIL_SECOND = [
  "set",
  "get",
  "status",
  "stop",
  "start",
  "reload",
  "restart",
  "history",
  "why",
  "explain",
];
/** What may follow `status JAIL`. */
export const FLAVORS = ["basic", "short", "stats", "cymru", "sources"] as const;
const OPTIONS = [
  ...["-c", "-s", "-p", "-d", "-t", "-i", "-v", "-q", "-x", "-b", "-f", "-h", "-V"],
  ...["--conf", "--socket", "--pidfile", "--pname", "--loglevel", "--logtarget", "--syslogsocket", "--dp"],
  ...["--test", "--json", "--async", "--timeout", "--str2sec", "--help", "--version"],
];

/** `completion SHELL`: prints the script; false when there is none for that shell. */
export function printCompletion(context: ClientContext, words: readonly string[]): boolean {
  const [shell = "", ...surplus] = words;
  if (!Object.hasOwn(SHELLS, shell) || surplus.length > 0) {
    context.log.error(`completion takes one of: ${Object.keys(SHELLS).join(", ")}`);
    return false;
  }
  context.print(SHELLS[shell as keyof typeof SHELLS]());
  return true;
}

/** The words that may follow, as the table of commands has them. */
interface Vocabulary {
  /** First words of commands. */
  readonly first: readonly string[];
  /** What follows `set` or `get` beside the names of jails. */
  readonly settings: readonly string[];
  /** What follows `set JAIL` and `get JAIL`. */
  readonly set: readonly string[];
  readonly get: readonly string[];
}

/** Collects the words of the table. */
export function vocabulary(): Vocabulary {
  const commands = COMMANDS.flatMap((group) => group.commands.map(([command]) => command.split(" ")));
  const unique = (words: (string | undefined)[]) =>
    [...new Set(words)].filter((word): word is string => word !== undefined && /^[a-z]/.test(word)).sort();
  const options = (verb: string) =>
    unique(
      commands
        .filter(([first, second]) => first === verb && second === "<JAIL>")
        .map(([, , third]) => (third === "bantime.<OPTION>" ? undefined : third)),
    );
  return {
    first: unique(commands.map(([first]) => first)),
    settings: unique(
      commands.filter(([first]) => first === "set" || first === "get").map(([, word]) => word),
    ),
    set: options("set"),
    get: options("get"),
  };
}

/** Names of the jails of the server that runs, one a line, with options that stand on the command line. */
const LIVE_JAILS = `sed -n 's/.*Jail list:[[:space:]]*//p' | tr -d ' ' | tr , '\\n'`;

function bash(): string {
  const { first, settings, set, get } = vocabulary();
  return `# Completion of fail2ban-client for bash: source it, or put it into
# /usr/share/bash-completion/completions/fail2ban-client
_fail2ban_client_jails() {
  local words=() i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      -c|-s|--conf|--socket) words+=("\${COMP_WORDS[i]}" "\${COMP_WORDS[i + 1]}") ;;
    esac
  done
  fail2ban-client "\${words[@]}" status 2>/dev/null | ${LIVE_JAILS}
}
_fail2ban_client() {
  local current=\${COMP_WORDS[COMP_CWORD]} words=() i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      -c|-s|-p|--conf|--socket|--pidfile|--pname|--loglevel|--logtarget|--syslogsocket|--timeout|--str2sec) ((i++)) ;;
      -*) [ \${#words[@]} -gt 0 ] && words+=("\${COMP_WORDS[i]}") ;;
      *) words+=("\${COMP_WORDS[i]}") ;;
    esac
  done
  case \${COMP_WORDS[COMP_CWORD - 1]} in
    -c|--conf) COMPREPLY=($(compgen -d -- "$current")); return ;;
    -s|-p|--socket|--pidfile) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  local candidates=
  case \${#words[@]} in
    0) candidates="${first.join(" ")}"; [[ $current == -* ]] && candidates="${OPTIONS.join(" ")}" ;;
    1)
      case \${words[0]} in
        set|get) candidates="${settings.join(" ")} $(_fail2ban_client_jails)" ;;
        ${JAIL_SECOND.filter((word) => word !== "set" && word !== "get").join("|")}) candidates="--all $(_fail2ban_client_jails)" ;;
        completion) candidates="${Object.keys(SHELLS).join(" ")}" ;;
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

function zsh(): string {
  return `#compdef fail2ban-client
# Completion of fail2ban-client for zsh: bash's, by way of zsh's own bridge.
autoload -U +X bashcompinit && bashcompinit
${bash()}`;
}

function fish(): string {
  const { first, settings, set, get } = vocabulary();
  const line = (condition: string, words: string) =>
    `complete -c fail2ban-client -f -n '${condition}' -a '${words}'`;
  const jails = "(__fail2ban_jails)";
  return `# Completion of fail2ban-client for fish: put it into ~/.config/fish/completions/fail2ban-client.fish
function __fail2ban_jails
  fail2ban-client status 2>/dev/null | ${LIVE_JAILS}
end
function __fail2ban_words
  set -l words (commandline -opc | string match -v -- '-*')
  test (count $words) -eq $argv[1]; or return 1
  set -e argv[1]
  test (count $argv) -eq 0; and return 0
  contains -- $words[2] $argv
end
${line("__fail2ban_words 1", first.join(" "))}
${line("__fail2ban_words 2 set get", settings.join(" "))}
${line(`__fail2ban_words 2 ${JAIL_SECOND.join(" ")}`, jails)}
${line("__fail2ban_words 2 completion", Object.keys(SHELLS).join(" "))}
${line("__fail2ban_words 3 set", set.join(" "))}
${line("__fail2ban_words 3 get", get.join(" "))}
${line("__fail2ban_words 3 status", FLAVORS.join(" "))}
`;
}
