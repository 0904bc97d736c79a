import type { Jail } from "../jail/jail.ts";
import { failure, indexError, keyError, valueError } from "../pyvalue/errors.ts";
import { PyTuple, type PyValue, pyNumber } from "../pyvalue/value.ts";
import { parseDuration } from "../time/duration.ts";
import { integer, text, textList, texts, truth, word } from "./arguments.ts";
import { parseIgnoreCache } from "./ignore-cache-option.ts";

/** One option of a jail: how it is read, and how `set JAIL NAME WORD…` changes it. */
interface JailOption {
  /** Value that `get` and `set` answer. */
  readonly get?: (jail: Jail) => PyValue;
  /** @param words what follows the option's name */
  readonly set?: (jail: Jail, words: readonly PyValue[], name: string) => void | Promise<void>;
  /** For commands that add to or take from a list: the option whose value `set` answers. */
  readonly answers?: string;
}

const duration = (value: PyValue) => {
  const { seconds, isFloat } = parseDuration(typeof value === "number" ? value : text([value], 0));
  return pyNumber(seconds, isFloat);
};

const OPTIONS: Record<string, JailOption> = {
  idle: {
    set: (jail, words) => {
      const state = text(words, 0);
      if (state !== "on" && state !== "off") throw failure("Invalid idle option, must be 'on' or 'off'");
      jail.idle = state === "on";
    },
  },
  ignoreself: {
    get: (jail) => jail.ignore.ignoreSelf,
    set: (jail, words) => {
      jail.ignore.ignoreSelf = truth(word(words, 0));
    },
  },
  ignoreip: { get: (jail) => jail.ignore.list() },
  addignoreip: { answers: "ignoreip", set: (jail, words) => jail.ignore.add(texts(words, 0)) },
  delignoreip: {
    answers: "ignoreip",
    set: (jail, words) => {
      if (!jail.ignore.remove(text(words, 0))) throw valueError("list.remove(x): x not in list");
    },
  },
  ignorecommand: {
    get: (jail) => jail.ignore.command ?? false,
    set: (jail, words) => {
      jail.ignore.command = text(words, 0);
    },
  },
  ignorecache: {
    get: (jail) => {
      const cache = jail.ignore.cacheOptions;
      return cache && [cache.key, cache.maxCount, cache.maxTime];
    },
    set: (jail, words) => {
      jail.ignore.cacheOptions = parseIgnoreCache(text(words, 0));
    },
  },
  logpath: { get: (jail) => jail.logs.paths() },
  addlogpath: {
    answers: "logpath",
    set: (jail, words) => {
      if (words.length > 2) throw valueError("Only one file can be added at a time");
      const mode = words.length < 2 ? "head" : text(words, 1).toLowerCase();
      if (mode !== "head" && mode !== "tail") throw valueError("File option must be 'head' or 'tail'");
      jail.logs.add(text(words, 0), { tail: mode === "tail" });
    },
  },
  dellogpath: { answers: "logpath", set: (jail, words) => jail.logs.remove(text(words, 0)) },
  logencoding: {
    get: (jail) => jail.logs.encoding,
    set: (jail, words) => {
      jail.logs.encoding = text(words, 0);
    },
  },
  journalmatch: { get: (jail) => jail.journalMatches.list() },
  addjournalmatch: {
    answers: "journalmatch",
    set: (jail, words) => jail.journalMatches.add(texts(words, 0)),
  },
  deljournalmatch: {
    answers: "journalmatch",
    set: (jail, words) => jail.journalMatches.remove(texts(words, 0)),
  },
  prefregex: {
    get: (jail) => jail.filter.prefRegex,
    set: (jail, words) => {
      jail.filter.prefRegex = text(words, 0);
    },
  },
  failregex: { get: (jail) => jail.filter.failRegex() },
  addfailregex: { answers: "failregex", set: (jail, words) => jail.filter.addFailRegex(text(words, 0)) },
  delfailregex: {
    answers: "failregex",
    set: (jail, words) => jail.filter.removeFailRegex(integer(word(words, 0))),
  },
  ignoreregex: { get: (jail) => jail.filter.ignoreRegex() },
  addignoreregex: {
    answers: "ignoreregex",
    set: (jail, words) => jail.filter.addIgnoreRegex(text(words, 0)),
  },
  delignoreregex: {
    answers: "ignoreregex",
    set: (jail, words) => jail.filter.removeIgnoreRegex(integer(word(words, 0))),
  },
  usedns: {
    get: (jail) => jail.filter.useDns,
    set: (jail, words) => jail.setUseDns(text(words, 0)),
  },
  findtime: {
    get: (jail) => jail.findTime,
    set: (jail, words) => jail.setFindTime(duration(word(words, 0))),
  },
  bantime: {
    get: (jail) => jail.bans.banTime,
    set: (jail, words) => jail.setBanTime(duration(word(words, 0))),
  },
  datepattern: {
    get: (jail) => {
      const { pattern, name } = jail.filter.dateDetector.pattern;
      return new PyTuple(pattern, name);
    },
    set: (jail, words) => {
      jail.filter.datePattern = text(words, 0);
    },
  },
  logtimezone: {
    get: (jail) => jail.filter.logTimeZone,
    set: (jail, words) => {
      jail.filter.logTimeZone = text(words, 0);
    },
  },
  maxretry: {
    get: (jail) => jail.limits.maxRetry,
    set: (jail, words) => jail.setMaxRetry(integer(word(words, 0))),
  },
  maxmatches: {
    get: (jail) => jail.limits.maxMatches,
    set: (jail, words) => {
      jail.limits.maxMatches = integer(word(words, 0));
    },
  },
  maxlines: {
    get: (jail) => jail.filter.maxLines,
    set: (jail, words) => jail.setMaxLines(integer(word(words, 0))),
  },
};

/** The option of that name; `bantime.*` are options of their own. */
function optionNamed(name: string): JailOption | undefined {
  if (Object.hasOwn(OPTIONS, name)) return OPTIONS[name];
  if (!name.startsWith("bantime.")) return undefined;
  const key = name.slice("bantime.".length);
  return {
    get: (jail) => jail.increment.get(key),
    set: (jail, words) => jail.setIncrement(key, text(words, 0)),
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

/** Changes an option and returns what `set` answers: its new value, or nothing when `quiet`. */
export async function setOption(
  jail: Jail,
  name: string,
  words: readonly PyValue[],
  quiet: boolean,
): Promise<PyValue> {
  const option = optionNamed(name);
  if (!option?.set) throw indexError();
  await option.set(jail, words, name);
  if (quiet) return null;
  if (name === "idle") return jail.idle;
  return getOption(jail, option.answers ?? name);
}

/** `multi-set JAIL NAME LIST`: several expressions at once. */
export function setSeveral(jail: Jail, name: string, list: PyValue): true {
  for (const pattern of textList(list)) {
    if (name === "addfailregex") jail.filter.addFailRegex(pattern);
    else jail.filter.addIgnoreRegex(pattern);
  }
  return true;
}
