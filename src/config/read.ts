import type { PyValue } from "../pyvalue/value.ts";
import { ConfigError, JailDefinitionError } from "./config-error.ts";
import { isEnabled, type Jail, readJail } from "./jail.ts";
import { type JailEnvironment, jailCommands } from "./jail-commands.ts";
import { KNOWN_PREFIX, type MergedConfig, noSection } from "./merged.ts";
import { loadServer, type ServerSettings, serverCommands } from "./server-settings.ts";
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
  /** The command stream. */
  readonly commands: PyValue[][];
}

/** A jail, or why it cannot be used. */
type JailResult = { readonly jail: Jail } | { readonly skipped: string };

/**
 * Reads the whole configuration tree into the command stream.
 *
 * @throws {ConfigError} anything that spoils the whole configuration
 */
export function readConfiguration(tree: ConfigTree, options: ReadOptions): Configuration {
  const server = loadServer(tree);
  const config = loadJails(tree, options.version);
  const settings = serverCommands(server, tree.log.logger("configreader"), options.overrides ?? {});
  const results = chosenJails(tree, config, options.jail).map((name) => tryJail(tree, config, name, options));
  const ok = results.some((result) => "jail" in result) || results.every((result) => "jail" in result);
  return {
    ok: options.test ? results.every((result) => "jail" in result) : ok,
    commands: [...settings, ...streamOf(results, environmentOf(tree, options))],
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

function chosenJails(tree: ConfigTree, config: MergedConfig, jail: string | undefined): string[] {
  if (jail !== undefined && !config.hasSection(jail)) throw noSection(jail);
  const logger = tree.log.logger("configreader");
  return (jail === undefined ? jailNames(config) : [jail]).filter((name) => isEnabled(config, name, logger));
}

function tryJail(tree: ConfigTree, config: MergedConfig, name: string, { test }: ReadOptions): JailResult {
  try {
    return { jail: readJail(tree, config, name) };
  } catch (error) {
    if (!(error instanceof JailDefinitionError)) throw error;
    tree.log.logger("jailreader").error(error.message);
    tree.log.logger("jailsreader").error(`Errors in jail '${name}'.${test ? "" : " Skipping..."}`);
    return { skipped: `Jail '${name}' skipped, because of wrong configuration: ${error.message}` };
  }
}

function environmentOf(tree: ConfigTree, { dump }: ReadOptions): JailEnvironment {
  return { files: tree.files, logger: tree.log.logger("jailreader"), toleratesMissingLogs: dump ?? false };
}

function streamOf(results: readonly JailResult[], environment: JailEnvironment): PyValue[][] {
  const commands: PyValue[][] = [];
  const starts: PyValue[][] = [];
  for (const result of results) {
    if ("skipped" in result) {
      commands.push(["config-error", result.skipped]);
      continue;
    }
    const made = jailCommands(result.jail, environment);
    commands.push(...made.commands);
    if (made.starts) starts.push(["start", result.jail.name]);
  }
  return [...commands, ...starts];
}
