import { LEVELS, LogHub } from "../log/logger.ts";
import { ConfigError } from "./config-error.ts";
import { dump, dumpPretty } from "./dump.ts";
import { type Configuration, readConfiguration } from "./read.ts";
import { readServerSettings } from "./server-settings.ts";
import { ConfigTree } from "./tree.ts";

/** What a run printed. Log lines are without time and process number. */
export interface ClientRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
}

const VALUE_OPTIONS: Readonly<Record<string, string>> = {
  "-c": "conf",
  "-s": "socket",
  "-p": "pidfile",
  "--loglevel": "loglevel",
  "--logtarget": "logtarget",
  "--syslogsocket": "syslogsocket",
};

/** As much of the client as a dump or a test of the configuration needs; for tests of this room. */
export function runClient(argv: readonly string[], version: string): ClientRun {
  const values: Record<string, string> = {};
  const flags = new Set<string>();
  let printer = dump;
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? "";
    const name = VALUE_OPTIONS[word];
    if (name !== undefined) values[name] = argv[++at] ?? "";
    else {
      flags.add(word === "-t" ? "test" : "dump");
      if (word !== "-t") printer = word === "-d" ? dump : dumpPretty;
    }
  }
  const { conf = "", ...overrides } = values;
  let stdout = "";
  let stderr = "";
  const hub = new LogHub(({ logger, level, message }) => {
    const label = Object.entries(LEVELS).find(([, number]) => number === level)?.[0] ?? "";
    stderr += `${logger.padEnd(24)}: ${label.padEnd(7)} ${message}\n`;
  }, LEVELS.WARNING);
  const log = hub.logger("fail2ban");
  const failed = () => {
    log.error("Init of command line failed");
    return { stdout, stderr, exit: 255 };
  };
  const tree = new ConfigTree(conf, hub);
  let result: Configuration;
  try {
    readServerSettings(() => tree, overrides);
    result = readConfiguration(tree, {
      version,
      overrides,
      dump: flags.has("dump"),
      test: flags.has("test"),
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log.error(`Failed during configuration: ${error.message}`);
    if (flags.has("dump")) {
      stdout += "ERROR: The configuration stream failed because of the invalid syntax.\n";
      return failed();
    }
    return { stdout: `${stdout}ERROR: test configuration failed\n`, stderr, exit: 255 };
  }
  if (flags.has("dump")) stdout += printer(result.commands);
  if (flags.has("test")) {
    stdout += result.ok ? "OK: configuration test is successful\n" : "ERROR: test configuration failed\n";
    return { stdout, stderr, exit: result.ok ? 0 : 255 };
  }
  return result.ok ? { stdout, stderr, exit: 0 } : failed();
}
