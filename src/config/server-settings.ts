import { LEVELS, type Logger } from "../log/logger.ts";
import { reprString } from "../pyvalue/repr.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { ConfigError } from "./config-error.ts";
import type { OptionTable } from "./convert.ts";
import type { MergedConfig } from "./merged.ts";
import { type OptionValue, readSectionOptions } from "./section-options.ts";
import type { ConfigTree } from "./tree.ts";

/** The settings that are needed before anything else is read. */
export interface ServerSettings {
  readonly socket: string;
  readonly pidfile: string;
  readonly loglevel: string;
  readonly logtarget: string;
  readonly syslogsocket: string;
}

const EARLY_DEFAULTS: ServerSettings = {
  socket: "/var/run/fail2ban/fail2ban.sock",
  pidfile: "/var/run/fail2ban/fail2ban.pid",
  loglevel: "INFO",
  logtarget: "/var/log/fail2ban.log",
  syslogsocket: "auto",
};

const STREAM_OPTIONS: OptionTable = new Map([
  ["syslogsocket", "string"],
  ["loglevel", "string"],
  ["logtarget", "string"],
  ["allowipv6", "string"],
  ["dbfile", "string"],
  ["dbmaxmatches", "int"],
  ["dbpurgeage", "string"],
]);

/** All options of `[Definition]` in `fail2ban.conf`. */
export const SERVER_OPTIONS: OptionTable = new Map([
  ["socket", "string"],
  ["pidfile", "string"],
  ["socketgroup", "string"],
  ...STREAM_OPTIONS,
]);

const STREAM_DEFAULTS: Readonly<Record<string, string>> = {
  syslogsocket: EARLY_DEFAULTS.syslogsocket,
  loglevel: EARLY_DEFAULTS.loglevel,
  logtarget: EARLY_DEFAULTS.logtarget,
  allowipv6: "auto",
  dbfile: "/var/lib/fail2ban/fail2ban.sqlite3",
  dbpurgeage: "1d",
};

const THREAD_OPTIONS: OptionTable = new Map([["stacksize", "int"]]);

/**
 * The early settings: those given by the caller, the others from `fail2ban.conf`.
 *
 * @param tree gives the configuration; asked only if something is not given
 * @throws {ConfigError} `fail2ban.conf` cannot be read, unknown log level
 */
export function readServerSettings(
  tree: () => ConfigTree,
  overrides: Partial<ServerSettings> = {},
): ServerSettings {
  const complete = Object.keys(EARLY_DEFAULTS).every((name) => name in overrides);
  const settings = complete ? EARLY_DEFAULTS : readEarly(tree());
  const result = { ...settings, ...overrides };
  if (!isLogLevel(result.loglevel)) {
    throw new ConfigError(`Invalid log level ${reprString(result.loglevel)}`, {
      section: "Definition",
      option: "loglevel",
      value: result.loglevel,
      expected: "CRITICAL, ERROR, WARNING, NOTICE, INFO, DEBUG or a number",
    });
  }
  return result;
}

function readEarly(tree: ConfigTree): ServerSettings {
  const table: OptionTable = new Map(Object.keys(EARLY_DEFAULTS).map((name) => [name, "string"]));
  const options = readSectionOptions(loadServer(tree), "Definition", table, tree.log.logger("configreader"));
  const given = [...options].filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return { ...EARLY_DEFAULTS, ...Object.fromEntries(given) };
}

/**
 * The merged `fail2ban.conf`.
 *
 * @throws {ConfigError} it cannot be read
 */
export function loadServer(tree: ConfigTree): MergedConfig {
  const config = tree.load("fail2ban");
  if (config === undefined) throw new ConfigError("Read fail2ban configuration failed.", { file: tree.base });
  return config;
}

/** The commands of the stream that concern the server as a whole. */
export function serverCommands(
  config: MergedConfig,
  logger: Logger,
  overrides: Partial<ServerSettings>,
): PyValue[][] {
  const options = readSectionOptions(config, "Definition", STREAM_OPTIONS, logger);
  const commands: PyValue[][] = [];
  const thread = config.hasSection("Thread")
    ? readSectionOptions(config, "Thread", THREAD_OPTIONS, logger)
    : new Map();
  if (thread.size > 0) commands.push(["set", "thread", new Map<PyValue, PyValue>(thread)]);
  for (const name of STREAM_OPTIONS.keys()) {
    const value = settingOf(name, options, overrides);
    // A malformed number is sent all the same, so that the server refuses it aloud.
    if (value !== undefined && (value !== null || config.hasSection("Definition")))
      commands.push(["set", name, value]);
  }
  return commands;
}

function settingOf(
  name: string,
  options: ReadonlyMap<string, OptionValue>,
  overrides: Partial<ServerSettings>,
): OptionValue | undefined {
  const given = Object.entries(overrides).find(([key]) => key === name)?.[1];
  return given ?? options.get(name) ?? STREAM_DEFAULTS[name] ?? options.get(name);
}

function isLogLevel(text: string): boolean {
  return /^\s*[+-]?\d+\s*$/.test(text) || Object.hasOwn(LEVELS, text.toUpperCase());
}
