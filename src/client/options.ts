import { type GivenOption, getopt, type OptionSpec } from "./getopt.ts";

/** Settings of `fail2ban.conf` that options override. */
export interface ServerOverrides {
  readonly socket?: string;
  readonly pidfile?: string;
  readonly loglevel?: string;
  readonly logtarget?: string;
  readonly syslogsocket?: string;
}

/** What the command line of `fail2ban-client` or `fail2ban-server` asks for. */
export interface ClientOptions {
  /** Configuration directory. */
  readonly conf: string;
  readonly overrides: ServerOverrides;
  /** Name of the server process. */
  readonly processName: string;
  /** Print the command stream: one command a line, or laid out. */
  readonly dump: "no" | "plain" | "pretty";
  /** Test the configuration. */
  readonly test: boolean;
  /** Warnings fail the test, too. */
  readonly strict: boolean;
  /** The outcome of the test as JSON. */
  readonly json: boolean;
  readonly interactive: boolean;
  /** 1 by default; see `levelForVerbosity`. */
  readonly verbosity: number;
  /** Start the server even if its socket exists. */
  readonly force: boolean;
  readonly background: boolean;
  /** The server shall not configure itself. */
  readonly async: boolean;
  /** Longest wait for the server, in seconds. */
  readonly timeoutSeconds: number;
  /** The words of the command. */
  readonly command: readonly string[];
}

/** Something that is done at once, whatever else stands on the command line. */
export type Immediate =
  | { readonly kind: "usage" }
  | { readonly kind: "version" }
  | { readonly kind: "short-version" }
  | { readonly kind: "seconds"; readonly text: string };

const SPECS: readonly OptionSpec[] = [
  { names: ["c", "conf"], takesValue: true },
  { names: ["s", "socket"], takesValue: true },
  { names: ["p", "pidfile"], takesValue: true },
  { names: ["pname"], takesValue: true },
  { names: ["loglevel"], takesValue: true },
  { names: ["logtarget"], takesValue: true },
  { names: ["syslogsocket"], takesValue: true },
  { names: ["d"], takesValue: false },
  { names: ["dp", "dump-pretty"], takesValue: false },
  { names: ["t", "test"], takesValue: false },
  { names: ["i"], takesValue: false },
  { names: ["v"], takesValue: false },
  { names: ["q"], takesValue: false },
  { names: ["x"], takesValue: false },
  { names: ["b"], takesValue: false },
  { names: ["f"], takesValue: false },
  { names: ["async"], takesValue: false },
  { names: ["timeout"], takesValue: true },
  { names: ["str2sec"], takesValue: true },
  { names: ["h", "help"], takesValue: false },
  { names: ["V"], takesValue: false },
  { names: ["version"], takesValue: false },
  // The options above may be cut short as they always could, so these are to be written in full.
  { names: ["strict"], takesValue: false, isWhole: true },
  { names: ["json"], takesValue: false, isWhole: true },
];

/** The options in a form in which they are collected one after the other. */
type Draft = { -readonly [K in keyof ClientOptions]: ClientOptions[K] };

/**
 * Reads a command line.
 *
 * @param toSeconds reads a time expression; what it throws is passed on
 * @throws GetoptError when the options do not fit
 */
export function parseOptions(
  args: readonly string[],
  toSeconds: (text: string) => number,
): ClientOptions | Immediate {
  const { options, rest } = getopt(args, SPECS);
  const draft: Draft = {
    conf: "/etc/fail2ban",
    overrides: {},
    processName: "fail2ban-server",
    dump: "no",
    test: false,
    strict: false,
    json: false,
    interactive: false,
    verbosity: 1,
    force: false,
    background: true,
    async: false,
    timeoutSeconds: 30,
    command: rest,
  };
  for (const option of options) {
    const immediate = immediateOf(option);
    if (immediate) return immediate;
    if (option.key === "timeout") draft.timeoutSeconds = toSeconds(option.value);
    else apply(draft, option);
  }
  return draft;
}

function immediateOf({ key, value }: GivenOption): Immediate | null {
  if (key === "help") return { kind: "usage" };
  if (key === "version") return { kind: "version" };
  if (key === "V") return { kind: "short-version" };
  return key === "str2sec" ? { kind: "seconds", text: value } : null;
}

function apply(draft: Draft, { key, value }: GivenOption): void {
  switch (key) {
    case "conf":
      draft.conf = value;
      return;
    case "socket":
    case "pidfile":
    case "loglevel":
    case "logtarget":
    case "syslogsocket":
      draft.overrides = { ...draft.overrides, [key]: value };
      return;
    case "pname":
      draft.processName = value;
      return;
    case "d":
      draft.dump = "plain";
      return;
    case "dump-pretty":
      draft.dump = "pretty";
      return;
    case "test":
      draft.test = true;
      return;
    case "strict":
    case "json":
      draft[key] = true;
      return;
    case "i":
      draft.interactive = true;
      return;
    case "v":
      draft.verbosity++;
      return;
    case "q":
      draft.verbosity--;
      return;
    case "x":
      draft.force = true;
      return;
    case "b":
      draft.background = true;
      return;
    case "f":
      draft.background = false;
      return;
    case "async":
      draft.async = true;
      return;
  }
}
