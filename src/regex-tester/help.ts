import { OPTIONS } from "./options.ts";

/** First line of the help and of complaints. */
export function usage(program: string): string {
  return `Usage: ${program} [OPTIONS] <LOG> <REGEX> [IGNOREREGEX]\n`;
}

/** The complete help. */
export function help(program: string): string {
  return `${usage(program)}
Tries expressions on log lines and shows what they find.

LOG:          path of a log file, or the text of one or more log lines
REGEX:        a failregex, or the name of a jail or a filter, or the path of a
              filter file; options may follow in brackets: sshd[mode=aggressive]
IGNOREREGEX:  an ignoreregex, used instead of those of the filter

Options:
${OPTIONS.map(optionHelp).join("")}`;
}

const COLUMN = 32;

function optionHelp({ names, argument, help: text }: (typeof OPTIONS)[number]): string {
  const forms = names.map((name) => {
    if (argument === undefined) return name;
    return name.startsWith("--") ? `${name}=${argument}` : `${name} ${argument}`;
  });
  return `  ${forms.join(", ").padEnd(COLUMN - 3)} ${text}\n`;
}
