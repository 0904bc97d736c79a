import type { PyValue } from "../pyvalue/value.ts";
import { ConfigError, JailDefinitionError } from "./config-error.ts";
import { isEnabled, type Jail, readJail } from "./jail.ts";
import { type JailCommands, jailCommands } from "./jail-commands.ts";
import { Faults, isLeftOut, type LeftOut } from "./jail-faults.ts";
import { KNOWN_PREFIX, type MergedConfig, noSection } from "./merged.ts";
import { loadServer, type ServerSettings, serverCommands } from "./server-settings.ts";
import { socketCommands } from "./socket-roles.ts";
import type { ConfigTree } from "./tree.ts";

/** How the whole configuration is read. */
export interface ReadOptions {
  /** Version that `%(fail2ban_version)s` stands for. */
  readonly version: string;
  /** Only this jail, as for `reload JAIL`. */
  readonly jail?: string | undefined;
  /** A dump tolerates missing log files. */
  readonly dump?: boolean;
  /** A test fails if any jail is wrong; otherwise one good jail is enough. */
  readonly test?: boolean;
  /** Settings from the command line. */
  readonly overrides?: Partial<ServerSettings>;
}

/** What reading gave. */
export interface Configuration {
  /** Whether it may be used, see {@link ReadOptions.test}. */
  readonly ok: boolean;
  /** Whether jails had to be left out that a start of the reference would fail with. */
  readonly faulty: boolean;
  /** The command stream. */
  readonly commands: PyValue[][];
  /** Commands to be added for a server that understands more than the reference's; never part of a dump. */
  readonly extensions: PyValue[][];
}

/**
 * Reads the whole configuration tree into the command stream.
 *
 * A jail with a fault that would spoil everything is left out when a server is to be configured with several jails,
 * as long as there is a good one; a `config-error` command tells the server. A dump, a test and the reading of one
 * jail fail with the first such fault.
 *
 * @throws {ConfigError} anything that spoils the whole configuration
 */
export function readConfiguration(tree: ConfigTree, options: ReadOptions): Configuration {
  const server = loadServer(tree);
  const config = loadJails(tree, options.version);
  const settings = serverCommands(server, tree.log.logger("configreader"), options.overrides ?? {});
  const access = socketCommands(server, tree.log.logger("configreader"));
  const isStrict = options.dump || options.test || options.jail !== undefined;
  const faults = new Faults(tree.log, isStrict ?? false);
  const jails = enabledJails(tree, config, options.jail, faults);
  const read = jails.map((jail) =>
    isLeftOut(jail) ? jail : readOne(tree, config, jail.name, options, faults),
  );
  const made = read.map((jail) => (isLeftOut(jail) ? jail : commandsOf(tree, jail, options, faults)));
  const usable = read.filter((jail) => !isLeftOut(jail)).length;
  if (made.every(isLeftOut)) faults.throwFirst();
  const starts = made.flatMap((jail): PyValue[][] =>
    isLeftOut(jail) || !jail.starts ? [] : [["start", jail.name]],
  );
  return {
    faulty: faults.any,
    ok: options.test ? usable === read.length : usable > 0 || read.length === 0,
    commands: [
      ...settings,
      ...made.flatMap((jail) => (isLeftOut(jail) ? [jail.leftOut] : jail.commands)),
      ...starts,
    ],
    extensions: [...access, ...made.flatMap((jail) => (isLeftOut(jail) ? [] : jail.extensions))],
  };
}

/**
 * The merged jail configuration.
 *
 * @throws {ConfigError} it cannot be read
 */
export function loadJails(tree: ConfigTree, version: string): MergedConfig {
  const defaults = { fail2ban_version: version, fail2ban_confpath: tree.base };
  const config = tree.load("jail", defaults);
  if (config === undefined) throw new ConfigError("Read jails configuration failed.", { file: tree.base });
  return config;
}

/** Names of all jails, enabled or not. */
export function jailNames(config: MergedConfig): string[] {
  return config.sections().filter((name) => name !== "INCLUDES" && !name.startsWith(KNOWN_PREFIX));
}

function enabledJails(
  tree: ConfigTree,
  config: MergedConfig,
  jail: string | undefined,
  faults: Faults,
): ({ name: string } | LeftOut)[] {
  if (jail !== undefined && !config.hasSection(jail)) throw noSection(jail);
  const logger = tree.log.logger("configreader");
  const names = jail === undefined ? jailNames(config) : [jail];
  return names
    .map((name) => faults.guard(name, () => ({ name, enabled: isEnabled(config, name, logger) })))
    .filter((found) => isLeftOut(found) || found.enabled);
}

function readOne(
  tree: ConfigTree,
  config: MergedConfig,
  name: string,
  { test }: ReadOptions,
  faults: Faults,
): Jail | LeftOut {
  try {
    return faults.guard(name, () => readJail(tree, config, name));
  } catch (error) {
    if (!(error instanceof JailDefinitionError)) throw error;
    return faults.refuse(name, error, { skips: !test });
  }
}

function commandsOf(
  tree: ConfigTree,
  jail: Jail,
  { dump }: ReadOptions,
  faults: Faults,
): (JailCommands & { name: string }) | LeftOut {
  const environment = {
    files: tree.files,
    logger: tree.log.logger("jailreader"),
    toleratesMissingLogs: dump ?? false,
  };
  return faults.guard(jail.name, () => ({ name: jail.name, ...jailCommands(jail, environment) }));
}
