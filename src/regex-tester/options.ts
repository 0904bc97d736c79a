import { availableParallelism } from "node:os";

/** Command line of the tester, with the defaults filled in. */
export interface TesterOptions {
  /** Configuration directory. */
  config: string;
  datePattern: string | null;
  timeZone: string | null;
  /** Encoding of the log file; `null`: UTF-8. */
  encoding: string | null;
  /** Host names are identifiers, nothing is resolved. */
  raw: boolean;
  useDns: string | null;
  /** Size of the line buffer, and the limit for printing lists of lines. */
  maxLines: number | null;
  journalMatch: string | null;
  logLevel: string;
  verbosity: number;
  verboseDates: boolean;
  debuggex: boolean;
  /** Every failregex is tried on every line. */
  checkAll: boolean;
  /** Output format; `null`: the full report. */
  out: string | null;
  invert: boolean;
  printNoMissed: boolean;
  printNoIgnored: boolean;
  printAllMatched: boolean;
  printAllMissed: boolean;
  printAllIgnored: boolean;
  /** The report is one JSON object. */
  json: boolean;
  /** Each line is explained step by step, instead of the report. */
  explain: boolean;
  /** Threads that test a large file. */
  jobs: number;
  /** What is asked for instead of a test of a log. */
  task: "check samples" | "lint" | null;
  /** Words that are no options. */
  readonly words: string[];
  /** Set when the program has only to print something and end. */
  only: "help" | "version" | "short version" | null;
}

/** A command line that is not understood; the message is what `fail2ban-regex: error:` announces. */
export class OptionError extends Error {}

interface Option {
  readonly names: readonly string[];
  /** Name of the argument in the help; without one the option takes none. */
  readonly argument?: string;
  readonly help: string;
  readonly set: (options: TesterOptions, value: string, given: string) => void;
  /** The reference does not have it: it cannot be cut short, so that nothing else becomes ambiguous. */
  readonly isOwn?: boolean;
}

/** All options, in the order of the help. */
export const OPTIONS: readonly Option[] = [
  {
    names: ["-c", "--config"],
    argument: "DIR",
    help: "configuration directory (default /etc/fail2ban)",
    set: (o, value) => {
      o.config = value;
    },
  },
  {
    names: ["-d", "--datepattern"],
    argument: "PATTERN",
    help: "date pattern, instead of the filter's",
    set: (o, value) => {
      o.datePattern = value === "" ? null : value;
    },
  },
  {
    names: ["--timezone", "--TZ"],
    argument: "ZONE",
    help: "time zone of dates that name none",
    set: (o, value) => {
      o.timeZone = value;
    },
  },
  {
    names: ["-e", "--encoding"],
    argument: "NAME",
    help: "encoding of the log file",
    set: (o, value) => {
      o.encoding = value;
    },
  },
  flag(["-r", "--raw"], "take host names as they are, do not resolve them", (o) => {
    o.raw = true;
  }),
  {
    names: ["--usedns"],
    argument: "MODE",
    help: "what to do with host names: yes, warn, no or raw",
    set: (o, value) => {
      o.useDns = value;
    },
  },
  {
    names: ["-L", "--maxlines"],
    argument: "N",
    help: "number of lines that multi-line expressions see; also the limit of printed lists",
    set: (o, value, given) => {
      o.maxLines = integer(value, given);
    },
  },
  {
    names: ["-m", "--journalmatch"],
    argument: "WORDS",
    help: "journal matches, instead of the filter's",
    set: (o, value) => {
      o.journalMatch = value;
    },
  },
  {
    names: ["-l", "--log-level"],
    argument: "LEVEL",
    help: "log level (default critical)",
    set: (o, value) => {
      o.logLevel = value;
    },
  },
  flag(["-V"], "print the short version", (o) => {
    o.only ??= "short version";
  }),
  flag(["--version"], "print the version", (o) => {
    o.only ??= "version";
  }),
  flag(["-v", "--verbose"], "say more; may be repeated", (o) => {
    o.verbosity++;
  }),
  {
    names: ["--verbosity"],
    argument: "N",
    help: "how much to say",
    set: (o, value, given) => {
      o.verbosity = integer(value, given);
    },
  },
  flag(["--verbose-date", "--VD"], "show the details of the date templates", (o) => {
    o.verboseDates = true;
  }),
  flag(["-D", "--debuggex"], "show links to debuggex.com with the lines", (o) => {
    o.debuggex = true;
  }),
  flag(["--no-check-all"], "stop at the first failregex that matches a line", (o) => {
    o.checkAll = false;
  }),
  {
    names: ["-o", "--out"],
    argument: "FORMAT",
    help: "print only this for each failure: id, ip, msg, row, the name of a group, or a text with tags",
    set: (o, value) => {
      o.out = value === "" ? null : value;
    },
  },
  flag(["-i", "--invert"], "with -o: print it for lines that do not match", (o) => {
    o.invert = true;
  }),
  flag(["--print-no-missed"], "leave out the missed lines", (o) => {
    o.printNoMissed = true;
  }),
  flag(["--print-no-ignored"], "leave out the ignored lines", (o) => {
    o.printNoIgnored = true;
  }),
  flag(["--print-all-matched"], "print all matched lines", (o) => {
    o.printAllMatched = true;
  }),
  flag(["--print-all-missed"], "print all missed lines, however many", (o) => {
    o.printAllMissed = true;
  }),
  flag(["--print-all-ignored"], "print all ignored lines, however many", (o) => {
    o.printAllIgnored = true;
  }),
  flag(["-t", "--log-traceback"], "accepted for compatibility", () => {}),
  flag(["--full-traceback"], "accepted for compatibility", () => {}),
  own("--json", "print the report as JSON", (o) => {
    o.json = true;
  }),
  own(
    "--explain",
    "show for each line, step by step, what is found and how far each expression gets",
    (o) => {
      o.explain = true;
    },
  ),
  {
    names: ["-j", "--jobs"],
    argument: "N",
    help: "test a large file with so many threads; 0: one for each processor",
    isOwn: true,
    set: (o, value, given) => {
      const count = integer(value, given);
      if (count < 0) throw new OptionError(`option ${given}: invalid number of threads: '${value}'`);
      o.jobs = count === 0 ? availableParallelism() : count;
    },
  },
  own("--check-samples", "LOG has annotations that say what is expected of its lines: check them", (o) => {
    o.task = "check samples";
  }),
  own("--lint", "judge the expressions of a filter; takes only REGEX", (o) => {
    o.task = "lint";
  }),
  flag(["-h", "--help"], "print this help", (o) => {
    o.only ??= "help";
  }),
];

/**
 * Reads the command line. Options and other words may be mixed; long options may be cut short where that is
 * not ambiguous.
 *
 * @throws {OptionError} on an unknown option or a bad value
 */
export function parseOptions(argv: readonly string[]): TesterOptions {
  const options = defaults();
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined && options.only === null; word = rest.shift()) {
    if (word === "--") {
      options.words.push(...rest);
      break;
    }
    if (word.startsWith("--")) readLong(options, word, rest);
    else if (word.startsWith("-") && word !== "-") readShort(options, word, rest);
    else options.words.push(word);
  }
  return options;
}

function defaults(): TesterOptions {
  return {
    config: "/etc/fail2ban",
    datePattern: null,
    timeZone: null,
    encoding: null,
    raw: false,
    useDns: null,
    maxLines: null,
    journalMatch: null,
    logLevel: "critical",
    verbosity: 0,
    verboseDates: false,
    debuggex: false,
    checkAll: true,
    out: null,
    invert: false,
    printNoMissed: false,
    printNoIgnored: false,
    printAllMatched: false,
    printAllMissed: false,
    printAllIgnored: false,
    json: false,
    explain: false,
    jobs: 1,
    task: null,
    words: [],
    only: null,
  };
}

function flag(names: readonly string[], help: string, set: (options: TesterOptions) => void): Option {
  return { names, help, set };
}

function own(name: string, help: string, set: (options: TesterOptions) => void): Option {
  return { names: [name], help, set, isOwn: true };
}

function integer(value: string, given: string): number {
  if (/^\s*[+-]?\d+\s*$/.test(value)) return Number(value);
  throw new OptionError(`option ${given}: invalid integer value: '${value}'`);
}

function readLong(options: TesterOptions, word: string, rest: string[]): void {
  const equals = word.indexOf("=");
  const given = equals < 0 ? word : word.slice(0, equals);
  const name = completeName(given);
  const option = OPTIONS.find((o) => o.names.includes(name))!;
  if (option.argument === undefined) {
    if (equals >= 0) throw new OptionError(`${name} option does not take a value`);
    option.set(options, "", name);
    return;
  }
  const value = equals >= 0 ? word.slice(equals + 1) : rest.shift();
  if (value === undefined) throw new OptionError(`${name} option requires 1 argument`);
  option.set(options, value, name);
}

function completeName(given: string): string {
  if (OPTIONS.some((o) => o.names.includes(given))) return given;
  const names = OPTIONS.filter((o) => !o.isOwn)
    .flatMap((o) => o.names)
    .filter((n) => n.startsWith("--"));
  const candidates = names.filter((n) => n.startsWith(given)).sort();
  if (candidates.length === 1) return candidates[0]!;
  if (candidates.length === 0) throw new OptionError(`no such option: ${given}`);
  throw new OptionError(`ambiguous option: ${given} (${candidates.join(", ")}?)`);
}

function readShort(options: TesterOptions, word: string, rest: string[]): void {
  for (let i = 1; i < word.length && options.only === null; i++) {
    const name = `-${word[i]}`;
    const option = OPTIONS.find((o) => o.names.includes(name));
    if (!option) throw new OptionError(`no such option: ${name}`);
    if (option.argument === undefined) {
      option.set(options, "", name);
      continue;
    }
    const value = i + 1 < word.length ? word.slice(i + 1) : rest.shift();
    if (value === undefined) throw new OptionError(`${name} option requires 1 argument`);
    option.set(options, value, name);
    return;
  }
}
