import { type BanRules, prefixRulesText, readPrefixRules } from "../jail/ban-policy.ts";
import type { Jail } from "../jail/jail.ts";
import { failure, indexError, keyError, valueError } from "../pyvalue/errors.ts";
import { str } from "../pyvalue/repr.ts";
import { PyTuple, type PyValue, pyNumber, toNumber } from "../pyvalue/value.ts";
import { parseDuration } from "../time/duration.ts";
import { integer, text, textList, texts, truth, word } from "./arguments.ts";
import { parseIgnoreCache } from "./ignore-cache-option.ts";

/**
 * Reads what follows an option's name and gives the change that it asks for. Words are read before the jail is
 * looked up: what is wrong with them is told even if there is no such jail.
 */
type Change = (words: readonly PyValue[]) => (jail: Jail) => void;

/** One option of a jail: how it is read, and how `set JAIL NAME WORD…` changes it. */
interface JailOption {
  /** Value that `get` and `set` answer. */
  readonly get?: (jail: Jail) => PyValue;
  readonly set?: Change;
  /** For commands that add to or take from a list: the option whose value `set` answers. */
  readonly answers?: string;
}

const duration = (value: PyValue) => {
  const { seconds, isFloat } = parseDuration(typeof value === "number" ? value : text([value], 0));
  return pyNumber(seconds, isFloat);
};

/** An option whose single word is read by `read` and then put in force by `apply`. */
function setter<T>(read: (value: PyValue) => T, apply: (jail: Jail, value: T) => void): Change {
  return (words) => {
    const value = read(word(words, 0));
    return (jail) => apply(jail, value);
  };
}

/** The same for text. */
const textSetter = (apply: (jail: Jail, value: string) => void) => setter(str, apply);

/** Reads `PATH [head|tail]`. */
function pathAndMode(words: readonly PyValue[]): { path: string; tail: boolean } {
  const path = text(words, 0);
  if (words.length > 2) throw valueError("Only one file can be added at a time");
  const mode = words.length < 2 ? "head" : text(words, 1).toLowerCase();
  if (mode !== "head" && mode !== "tail") throw valueError("File option must be 'head' or 'tail'");
  return { path, tail: mode === "tail" };
}

/** A yes-or-no rule about bans. */
const rule = (name: "dryrun" | "kerneltimeout" | "killconnections"): JailOption => ({
  get: (jail) => jail.policy.newest[name],
  set: setter(truth, (jail, on) => jail.policy.set({ [name]: on })),
});

/** A rule about which addresses belong together. */
const prefixes = (name: "banprefix" | "aggregate"): JailOption => ({
  get: (jail) => prefixRulesText(name, jail.policy.newest[name]),
  set: setter(
    (value) => readPrefixRules(name, str(value)),
    (jail, rules) => jail.policy.set({ [name]: rules }),
  ),
});

function limit(value: PyValue): BanRules["maxbans"] {
  const count = integer(value);
  if (count < 0) throw valueError(`maxbans = ${count} means nothing; expected 0 (no limit) or more`);
  return count;
}

const OPTIONS: Record<string, JailOption> = {
  idle: {
    set: setter(
      (value) => {
        const state = str(value);
        if (state !== "on" && state !== "off") throw failure("Invalid idle option, must be 'on' or 'off'");
        return state === "on";
      },
      (jail, on) => {
        jail.idle = on;
      },
    ),
  },
  ignoreself: {
    get: (jail) => jail.ignore.ignoreSelf,
    set: setter(truth, (jail, on) => {
      jail.ignore.ignoreSelf = on;
    }),
  },
  ignoreip: { get: (jail) => jail.ignore.list() },
  addignoreip: {
    answers: "ignoreip",
    set: (words) => (jail) => {
      jail.ignore.add(texts(words, 0));
      void jail.ignoreRulesChanged();
    },
  },
  delignoreip: {
    answers: "ignoreip",
    set: textSetter((jail, ip) => {
      if (!jail.ignore.remove(ip)) throw valueError("list.remove(x): x not in list");
    }),
  },
  ignorecommand: {
    get: (jail) => jail.ignore.command ?? false,
    set: textSetter((jail, command) => {
      jail.ignore.command = command;
    }),
  },
  ignorecache: {
    get: (jail) => {
      const cache = jail.ignore.cacheOptions;
      return cache && [cache.key, cache.maxCount, cache.maxTime];
    },
    set: textSetter((jail, options) => {
      jail.ignore.cacheOptions = parseIgnoreCache(options);
    }),
  },
  logpath: { get: (jail) => jail.logs.paths() },
  logglob: { get: (jail) => jail.logs.globs() },
  addlogpath: {
    answers: "logpath",
    set: (words) => {
      const { path, tail } = pathAndMode(words);
      return (jail) => jail.logs.add(path, { tail });
    },
  },
  addlogglob: {
    answers: "logglob",
    set: (words) => {
      const { path, tail } = pathAndMode(words);
      return (jail) => jail.logs.addGlob(path, { tail });
    },
  },
  dellogpath: { answers: "logpath", set: textSetter((jail, path) => jail.logs.remove(path)) },
  logencoding: {
    get: (jail) => jail.logs.encoding,
    set: textSetter((jail, encoding) => {
      jail.logs.encoding = encoding;
    }),
  },
  logformat: {
    get: (jail) => jail.feed.format,
    set: textSetter((jail, format) => {
      jail.feed.format = format;
    }),
  },
  journalmatch: { get: (jail) => jail.journalMatches.list() },
  addjournalmatch: {
    answers: "journalmatch",
    set: (words) => (jail) => jail.journalMatches.add(texts(words, 0)),
  },
  deljournalmatch: {
    answers: "journalmatch",
    set: (words) => (jail) => jail.journalMatches.remove(texts(words, 0)),
  },
  prefregex: {
    get: (jail) => jail.filter.prefRegex,
    set: textSetter((jail, regex) => {
      jail.filter.prefRegex = regex;
    }),
  },
  failregex: { get: (jail) => jail.filter.failRegex() },
  addfailregex: {
    answers: "failregex",
    set: textSetter((jail, regex) => jail.filter.addFailRegex(regex)),
  },
  delfailregex: {
    answers: "failregex",
    set: setter(integer, (jail, index) => jail.filter.removeFailRegex(index)),
  },
  ignoreregex: { get: (jail) => jail.filter.ignoreRegex() },
  addignoreregex: {
    answers: "ignoreregex",
    set: textSetter((jail, regex) => jail.filter.addIgnoreRegex(regex)),
  },
  delignoreregex: {
    answers: "ignoreregex",
    set: setter(integer, (jail, index) => jail.filter.removeIgnoreRegex(index)),
  },
  usedns: {
    get: (jail) => jail.filter.useDns,
    set: textSetter((jail, mode) => jail.settings.setUseDns(mode)),
  },
  findtime: {
    get: (jail) => jail.settings.findTime,
    set: setter(
      (value) => value,
      (jail, value) => jail.settings.setFindTime(duration(value)),
    ),
  },
  bantime: {
    get: (jail) => jail.bans.banTime,
    set: setter(duration, (jail, seconds) => jail.settings.setBanTime(seconds)),
  },
  datepattern: {
    get: (jail) => {
      const { pattern, name } = jail.filter.dateDetector.pattern;
      return new PyTuple(pattern, name);
    },
    set: textSetter((jail, pattern) => {
      jail.settings.setDatePattern(pattern);
    }),
  },
  logtimezone: {
    get: (jail) => jail.filter.logTimeZone,
    set: textSetter((jail, zone) => {
      jail.filter.logTimeZone = zone;
    }),
  },
  dryrun: rule("dryrun"),
  kerneltimeout: rule("kerneltimeout"),
  killconnections: rule("killconnections"),
  banprefix: prefixes("banprefix"),
  aggregate: prefixes("aggregate"),
  maxbans: {
    get: (jail) => jail.policy.newest.maxbans,
    set: setter(limit, (jail, maxbans) => jail.policy.set({ maxbans })),
  },
  verify: {
    get: (jail) => jail.policy.newest.verify,
    set: setter(duration, (jail, seconds) => jail.policy.set({ verify: Math.max(0, toNumber(seconds)) })),
  },
  maxretry: {
    get: (jail) => jail.limits.maxRetry,
    set: setter(integer, (jail, count) => jail.settings.setMaxRetry(count)),
  },
  maxmatches: {
    get: (jail) => jail.limits.maxMatches,
    set: setter(integer, (jail, count) => {
      jail.limits.maxMatches = count;
    }),
  },
  maxlines: {
    get: (jail) => jail.filter.maxLines,
    set: setter(integer, (jail, count) => jail.settings.setMaxLines(count)),
  },
};

/** The option of that name; `bantime.*` are options of their own. */
function optionNamed(name: string): JailOption | undefined {
  if (Object.hasOwn(OPTIONS, name)) return OPTIONS[name];
  if (!name.startsWith("bantime.")) return undefined;
  const key = name.slice("bantime.".length);
  return {
    get: (jail) => jail.increment.get(key),
    set: textSetter((jail, value) => jail.settings.setIncrement(key, value)),
  };
}

/** Whether `get JAIL NAME` reads an option. */
export function isReadable(name: string): boolean {
  return optionNamed(name)?.get !== undefined;
}

/** Whether `set JAIL NAME …` changes an option. */
export function isWritable(name: string): boolean {
  return optionNamed(name)?.set !== undefined;
}

/** Value of an option as `get` answers it. */
export function getOption(jail: Jail, name: string): PyValue {
  const option = optionNamed(name);
  if (!option?.get) throw keyError(name);
  return option.get(jail);
}

/**
 * Changes an option and returns what `set` answers: its new value, or nothing when `quiet`.
 *
 * @param find looks the jail up; throws when there is none
 */
export function setOption(
  find: () => Jail,
  name: string,
  words: readonly PyValue[],
  quiet: boolean,
): PyValue {
  const option = optionNamed(name);
  if (!option?.set) throw indexError();
  const change = option.set(words);
  const jail = find();
  change(jail);
  if (quiet) return null;
  if (name === "idle") return jail.idle;
  return getOption(jail, option.answers ?? name);
}

/** `multi-set JAIL NAME LIST`: several expressions at once. */
export function setSeveral(find: () => Jail, name: string, words: readonly PyValue[]): true {
  const patterns = textList(word(words, 0));
  const jail = find();
  for (const pattern of patterns) {
    if (name === "addfailregex") jail.filter.addFailRegex(pattern);
    else jail.filter.addIgnoreRegex(pattern);
  }
  return true;
}
