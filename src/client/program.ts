import { ConfigError } from "../config/config-error.ts";
import { logFault } from "../config/jail-faults.ts";
import type { Configuration } from "../config/read.ts";
import type { ServerSettings } from "../config/server-settings.ts";
import { consoleHub } from "../log/console.ts";
import type { LogHub } from "../log/logger.ts";
import { formatFloat } from "../pyvalue/repr.ts";
import type { PyValue } from "../pyvalue/value.ts";
import type { Clock } from "../time/clock.ts";
import { FAIL2BAN_VERSION } from "../version.ts";
import type { ClientContext, ConfigurationInspector, ServerLauncher } from "./context.ts";
import { GetoptError } from "./getopt.ts";
import type { InteractiveInput } from "./interactive.ts";
import { type ClientOptions, type Immediate, parseOptions, type ServerOverrides } from "./options.ts";

/** The reader of configurations, as far as the programs need it. */
export interface ConfigurationReader {
  /** Throws ConfigError. */
  settings(base: string, overrides: ServerOverrides, log: LogHub): ServerSettings;
  /** Throws ConfigError. */
  commands(base: string, request: ConfigurationRequest, log: LogHub): Promise<Configuration>;
  /** The command stream as `-d` or `--dp` prints it. */
  dump(commands: readonly PyValue[][], pretty: boolean): Promise<string>;
}

/** Which configuration is wanted. */
export interface ConfigurationRequest {
  readonly overrides: ServerOverrides;
  readonly jail?: string | undefined;
  readonly purpose: "run" | "dump" | "test";
}

/** The world around a program. What takes time to load is loaded on demand. */
export interface ProgramEnvironment {
  readonly clock: Clock;
  /** Writes to standard output; no newline is added. */
  readonly print: (text: string) => void;
  /** Writes to standard error; no newline is added. */
  readonly printError: (text: string) => void;
  readonly utf8: boolean;
  /** See {@link ClientContext.inheritsSocket}. */
  readonly inheritsSocket: boolean;
  readonly input: InteractiveInput;
  readonly loadReader: () => Promise<ConfigurationReader>;
  readonly loadDuration: () => Promise<(text: string) => { seconds: number; isFloat: boolean }>;
  readonly loadInspector: () => Promise<ConfigurationInspector>;
  readonly launcher: ServerLauncher;
}

/**
 * A whole run of `fail2ban-client` or `fail2ban-server`; true for exit code 0, false for 255.
 *
 * @param program the program's name
 * @param args its arguments
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  environment: ProgramEnvironment,
): Promise<boolean> {
  const options = await readOptions(program, args, environment);
  if (typeof options === "boolean") return options;
  const hub = consoleHub(options.verbosity, environment.printError);
  const log = hub.logger("fail2ban");
  const reader = await environment.loadReader();
  let settings: ServerSettings;
  try {
    settings = reader.settings(options.conf, options.overrides, hub);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (!options.json) environment.print(`ERROR: ${error.message}\n`);
    if (options.test) await showFindings({ ...environment, options, hub }, false);
    else logFault(hub, error);
    log.error("Init of command line failed");
    return false;
  }
  log.info(`Using socket file ${settings.socket}`);
  log.info(`Using pid file ${settings.pidfile}, [${settings.loglevel}] logging to ${settings.logtarget}`);
  const { clock, print, utf8, inheritsSocket, launcher, loadInspector } = environment;
  const readConfiguration = (jail?: string) =>
    reader.commands(options.conf, { overrides: options.overrides, jail, purpose: "run" }, hub);
  const context: ClientContext = {
    program,
    options,
    settings,
    hub,
    log,
    clock,
    print,
    utf8,
    inheritsSocket,
    readConfiguration,
    launcher,
    loadInspector,
  };
  return (await dumpAndTest(context, reader)) ?? run(context, environment);
}

async function readOptions(
  program: string,
  args: readonly string[],
  { print, printError, loadDuration }: ProgramEnvironment,
): Promise<ClientOptions | boolean> {
  // Without an option that needs it the time parser stays unloaded.
  const needsTime = args.some((word) => /^--(?:ti|st)/.test(word));
  const duration = needsTime ? await loadDuration() : () => ({ seconds: 0, isFloat: false });
  const failed = () => {
    // Nothing of logging is set up yet, so the line stands bare.
    if (!program.endsWith("server")) printError("Init of command line failed\n");
    return false;
  };
  let options: ClientOptions | Immediate;
  try {
    options = parseOptions(args, (text) => duration(text).seconds);
    if (!("kind" in options)) return options;
    print(await immediateText(program, options, duration));
    return true;
  } catch (error) {
    if (error instanceof GetoptError) print(await usageOf(program));
    else print(`ERROR: ${(error as Error).message}\n`);
    return failed();
  }
}

async function immediateText(
  program: string,
  immediate: Immediate,
  duration: (text: string) => { seconds: number; isFloat: boolean },
): Promise<string> {
  switch (immediate.kind) {
    case "usage":
      return usageOf(program);
    case "version":
      return `Fail2Ban v${FAIL2BAN_VERSION}\n`;
    case "short-version":
      return `${FAIL2BAN_VERSION}\n`;
    case "seconds": {
      const { seconds, isFloat } = duration(immediate.text);
      return `${isFloat ? formatFloat(seconds) : seconds}\n`;
    }
  }
}

/** `-d`, `--dp` and `-t`. Gives the result of the program, or `null` when it shall go on. */
async function dumpAndTest(context: ClientContext, reader: ConfigurationReader): Promise<boolean | null> {
  const { options, log, print, hub } = context;
  if (options.dump === "no" && !options.test) return null;
  const purpose = options.test ? "test" : "dump";
  let configuration: Configuration;
  try {
    configuration = await reader.commands(options.conf, { overrides: options.overrides, purpose }, hub);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log.error(`Failed during configuration: ${error.message}`);
    if (!options.test) logFault(hub, error);
    if (options.dump === "no") return testResult(context, false);
    print("ERROR: The configuration stream failed because of the invalid syntax.\n");
    log.error("Init of command line failed");
    return false;
  }
  if (options.dump !== "no") print(await reader.dump(configuration.commands, options.dump === "pretty"));
  if (options.test) return testResult(context, configuration.ok);
  if (!configuration.ok) log.error("Init of command line failed");
  return configuration.ok;
}

async function testResult(context: ClientContext, passed: boolean): Promise<boolean | null> {
  const { options, log, print } = context;
  const ok = await showFindings(context, passed);
  if (options.json) return ok;
  const alone = options.command.length === 0 || options.dump !== "no";
  if (ok && !alone) return null;
  if (ok) print("OK: configuration test is successful\n");
  else if (alone) print("ERROR: test configuration failed\n");
  else log.error("ERROR: test configuration failed");
  return ok;
}

/** Shows what a check of the whole tree finds. True when the test is passed, in which warnings only count if they shall. */
async function showFindings(
  { options, hub, print, loadInspector }: Pick<ClientContext, "options" | "hub" | "print" | "loadInspector">,
  passed: boolean,
): Promise<boolean> {
  const findings = (await loadInspector()).check(options.conf);
  const ok = passed && !(options.strict && findings.length > 0);
  const { findingsAsJson, logFindings } = await import("./test-configuration.ts");
  if (options.json) print(findingsAsJson(ok, findings));
  else logFindings(hub, findings);
  return ok;
}

async function run(context: ClientContext, environment: ProgramEnvironment): Promise<boolean> {
  const { options, program, print, log } = context;
  const { command } = options;
  const isServer = program.endsWith("server");
  if (isServer && options.async && isStart(command)) return context.launcher.serve(context);
  if (options.interactive) {
    if (command.length > 0 && !(await runCommand(context, command))) return false;
    return (await import("./interactive.ts")).interactive(context, environment.input);
  }
  if (command.length === 0 && !isServer) {
    print(await usageOf(program));
    return false;
  }
  if (command.length > 0 && !(isServer && isStart(command))) return runCommand(context, command);
  const started = await runCommand(context, ["start"]);
  if (!started) log.error("Async configuration of server failed");
  return started;
}

// What follows is loaded on demand: most runs need little of it, and are over in a moment.

async function usageOf(program: string): Promise<string> {
  return (await import("./usage.ts")).usage(program);
}

async function runCommand(context: ClientContext, words: readonly string[]): Promise<boolean> {
  return (await import("./command.ts")).runCommand(context, words);
}

/** Whether a command line is the one that starts a server. */
function isStart(command: readonly string[]): boolean {
  return command.length === 0 || (command.length === 1 && command[0] === "start");
}
