import type { Logger } from "../log/logger.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { ConfigError } from "./config-error.ts";
import type { FileAccess } from "./files.ts";
import { FILTER_OPTIONS, nonEmptyLines } from "./filter.ts";
import { hasWildcards } from "./glob.ts";
import type { Jail } from "./jail.ts";
import { findLogFiles, parseLogPath } from "./log-paths.ts";
import type { OptionValue } from "./section-options.ts";
import { shellWords } from "./shell-words.ts";
import { splitWords } from "./words.ts";

/** Options that are used while reading and never sent. */
const NOT_SENT: ReadonlySet<string> = new Set([
  "action",
  "filter",
  "enabled",
  "backend",
  "skip_if_nologs",
  "systemd_if_nologs",
  "logpath",
  ...FILTER_OPTIONS.keys(),
]);

/** Backends for which `logpath` means nothing. */
const READS_NO_FILES = /^(?:systemd|stdin|syslog)/;

/** The commands of one jail, and whether it is to be started. */
export interface JailCommands {
  readonly commands: PyValue[][];
  /** Commands that only our own server understands. */
  readonly extensions: PyValue[][];
  readonly starts: boolean;
}

/** What the commands depend on besides the jail. */
export interface JailEnvironment {
  readonly files: FileAccess;
  /** The logger `jailreader`. */
  readonly logger: Logger;
  /** Missing log files are no error. */
  readonly toleratesMissingLogs: boolean;
}

/**
 * The commands that create one jail, without its start.
 *
 * @throws {ConfigError} missing log files, journal matches that cannot be split, tags that contain themselves
 */
export function jailCommands(jail: Jail, environment: JailEnvironment): JailCommands {
  const commands: PyValue[][] = [];
  addFilterCommands(commands, jail.name, jail.filter?.combine() ?? []);
  addFilterCommands(commands, jail.name, jail.options);
  for (const [option, value] of jail.options) {
    if (option === "ignoreip")
      commands.push(["set", jail.name, "addignoreip", ...splitWords(String(value ?? ""))]);
    else if (!NOT_SENT.has(option)) commands.push(["set", jail.name, option, value]);
  }
  const logs = logCommands(jail, environment);
  if (logs === undefined) {
    const message = `Jail '${jail.name}' skipped, because of missing log files.`;
    environment.logger.warning(message);
    return { commands: [["config-error", message]], extensions: [], starts: false };
  }
  const add: PyValue[] = ["add", jail.name, logs.backend];
  return {
    commands: [add, ...commands, ...logs.commands, ...jail.actions],
    extensions: globCommands(jail, logs.backend),
    starts: true,
  };
}

/** Adds the commands for those of the options that belong to the filter. */
function addFilterCommands(
  commands: PyValue[][],
  jail: string,
  options: Iterable<readonly [string, OptionValue]>,
): void {
  let front = 0;
  for (const [option, value] of options) {
    if (value === null) continue;
    switch (option) {
      case "usedns":
        commands.unshift(["set", jail, option, value]);
        front++;
        break;
      case "prefregex":
      case "maxlines":
        commands.splice(front, 0, ["set", jail, option, value]);
        front++;
        break;
      case "failregex":
      case "ignoreregex":
        commands.push(...regexCommands(jail, `add${option}`, nonEmptyLines(value)));
        break;
      case "datepattern":
        commands.push(["set", jail, option, value]);
        break;
      case "journalmatch":
        for (const line of nonEmptyLines(value)) {
          commands.push(["set", jail, "addjournalmatch", ...shellWords(line)]);
        }
    }
  }
}

function regexCommands(jail: string, command: string, expressions: string[]): PyValue[][] {
  const [first] = expressions;
  if (first === undefined) return [];
  return expressions.length === 1
    ? [["set", jail, command, first]]
    : [["multi-set", jail, command, expressions]];
}

/** The patterns of `logpath`, so that files that come to match them later are read, too. */
function globCommands({ name, options }: Jail, backend: string): PyValue[][] {
  const logpath = options.get("logpath");
  if (typeof logpath !== "string" || READS_NO_FILES.test(backend)) return [];
  return logpath
    .split("\n")
    .map(parseLogPath)
    .filter(({ path }) => hasWildcards(path))
    .map(({ path, mode }) => ["set", name, "addlogglob", path, mode]);
}

/** The log files of the jail and the backend that suits them; `undefined` if the jail is to be skipped. */
function logCommands(
  jail: Jail,
  { files, logger, toleratesMissingLogs }: JailEnvironment,
): { backend: string; commands: PyValue[][] } | undefined {
  const { backend } = jail;
  const logpath = jail.options.get("logpath");
  if (typeof logpath !== "string" || READS_NO_FILES.test(backend)) return { backend, commands: [] };
  const found = findLogFiles(logpath, files, logger);
  const commands = found.map(({ path, mode }): PyValue[] => ["set", jail.name, "addlogpath", path, mode]);
  if (found.length > 0) return { backend, commands };
  const message = `Have not found any log file for '${jail.name}' jail.`;
  if (backend.startsWith("auto") && jail.options.get("systemd_if_nologs") !== false && jail.hasJournalMatch) {
    logger.warning(`${message} Jail will monitor systemd journal.`);
    return { backend: "systemd", commands };
  }
  const skips = jail.options.get("skip_if_nologs") === true;
  if (!skips && !toleratesMissingLogs) {
    throw new ConfigError(message, {
      ...jail.placeOf("logpath"),
      value: logpath,
      expected: "files that exist, or skip_if_nologs = true",
    });
  }
  logger.warning(message);
  return skips ? undefined : { backend, commands };
}
