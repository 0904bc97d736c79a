import { COMMANDS } from "./command-table.ts";

/** The words of the command line, for completion: in shells, and in interactive mode. */

/** First words of commands that go on with the name of a jail. */
export const WITH_JAIL = [
  ...["status", "stop", "start", "reload", "restart"],
  ...["history", "why", "explain", "profile"],
] as const;

/** What may follow `status JAIL`. */
export const FLAVORS = ["basic", "short", "stats", "cymru", "sources"] as const;

/** Shells that `completion` has a script for. */
export const SHELLS = ["bash", "fish", "zsh"] as const;

/** Options that take a value, which is a directory, a file, or something else. */
export const OPTIONS_WITH_VALUE = {
  directory: ["-c", "--conf"],
  file: ["-s", "-p", "--socket", "--pidfile", "--logtarget", "--syslogsocket"],
  other: ["--pname", "--loglevel", "--timeout", "--str2sec"],
} as const;

/** Options that say where the server is. */
export const SERVER_OPTIONS = ["-c", "-s", "--conf", "--socket"] as const;

/** All options. */
export const OPTIONS: readonly string[] = [
  ...Object.values(OPTIONS_WITH_VALUE).flat(),
  ...["-d", "-t", "-i", "-v", "-q", "-x", "-b", "-f", "-h", "-V"],
  ...["--dp", "--test", "--strict", "--json", "--async", "--help", "--version"],
];

/** Shell commands that take the names of the jails out of what `status` prints, one a line. */
export const LIVE_JAILS = `sed -n 's/.*Jail list:[[:space:]]*//p' | tr -d ' ' | tr , '\\n'`;

/** The words that may follow, as the table of commands has them. */
export interface Vocabulary {
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
