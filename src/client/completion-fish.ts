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

/** The script for fish. */
export function fishScript(): string {
  const { first, settings, set, get } = vocabulary();
  const { directory, file, other } = OPTIONS_WITH_VALUE;
  const line = (condition: string, words: string) =>
    `complete -c fail2ban-client -n '${condition}' -a '${words}'`;
  const jails = "(__fail2ban_jails)";
  return `# Completion of fail2ban-client for fish: put it into ~/.config/fish/completions/fail2ban-client.fish
# Prints the words of the command behind the options; with "server", the options that say where the server is.
function __fail2ban_line
  set -l words (commandline -opc)
  set -e words[1]
  while set -q words[1]
    switch $words[1]
      case ${SERVER_OPTIONS.join(" ")}
        test "$argv[1]" = server; and printf '%s\\n' $words[1..2]
        set -e words[1]
      case ${[...file, ...other].join(" ")}
        set -e words[1]
      case '-*'
      case '*'
        break
    end
    set -e words[1]
  end
  test "$argv[1]" != server; and set -q words[1]; and printf '%s\\n' $words
end
function __fail2ban_jails
  fail2ban-client (__fail2ban_line server) status 2>/dev/null | ${LIVE_JAILS}
end
# Whether so many words stand there already, the first of which is one of the others.
function __fail2ban_words
  set -l words (__fail2ban_line)
  test (count $words) -eq $argv[1]; or return 1
  set -e argv[1]
  test (count $argv) -eq 0; and return 0
  contains -- $words[1] $argv
end
# Whether an option stands before the cursor that takes a value of this kind.
function __fail2ban_value
  test (count (__fail2ban_line)) -eq 0; or return 1
  contains -- (commandline -opc)[-1] $argv
end
complete -c fail2ban-client -f
complete -c fail2ban-client -n '__fail2ban_value ${directory.join(" ")}' -a '(__fish_complete_directories)'
complete -c fail2ban-client -n '__fail2ban_value ${file.join(" ")}' -F
${line("__fail2ban_words 0", `${first.join(" ")} ${OPTIONS.join(" ")}`)}
${line("__fail2ban_words 1 set get", settings.join(" "))}
${line(`__fail2ban_words 1 set get ${WITH_JAIL.join(" ")}`, jails)}
${line("__fail2ban_words 1 completion", SHELLS.join(" "))}
${line("__fail2ban_words 2 set", set.join(" "))}
${line("__fail2ban_words 2 get", get.join(" "))}
${line("__fail2ban_words 2 status", FLAVORS.join(" "))}
`;
}
