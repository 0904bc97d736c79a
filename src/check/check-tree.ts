import { ConfigError, JailDefinitionError } from "../config/config-error.ts";
import { diskFiles, type FileAccess } from "../config/files.ts";
import { filterOfJail } from "../config/filter-definition.ts";
import { isEnabled, JAIL_OPTIONS, type Jail, readJail } from "../config/jail.ts";
import { jailCommands } from "../config/jail-commands.ts";
import type { MergedConfig } from "../config/merged.ts";
import { jailNames, loadJails } from "../config/read.ts";
import { loadServer } from "../config/server-settings.ts";
import { ConfigTree } from "../config/tree.ts";
import { LogHub } from "../log/logger.ts";
import { missingPrograms, type ProgramLookup } from "./action-programs.ts";
import { expressionProblems } from "./expressions.ts";
import { errorFinding, type Finding, positionOf, warning } from "./finding.ts";
import { logFindings } from "./log-findings.ts";
import {
  misspelledActionOptions,
  unknownJailOptions,
  unknownServerOptions,
  unusedFilterOptions,
} from "./option-names.ts";
import { serverValueFindings, valueFindings } from "./option-values.ts";
import { referencedNames } from "./references.ts";
import { shadowFindings } from "./shadows.ts";
import { fileFindings } from "./tree-files.ts";

/** What a check needs. */
export interface CheckOptions {
  /** Version that `%(fail2ban_version)s` stands for. */
  readonly version: string;
  readonly isThere: ProgramLookup;
  readonly files?: FileAccess;
}

/**
 * Checks a whole tree: reads it as a start would, but goes on behind every error, and looks at what a start takes
 * silently, such as misspelled options and log paths that match nothing. Nothing is thrown: whatever is found is in
 * the list, each thing once.
 *
 * @param base the configuration directory
 */
export function checkTree(base: string, options: CheckOptions): Finding[] {
  return new TreeCheck(options).run(base);
}

class TreeCheck {
  readonly #o: CheckOptions;
  readonly #findings = new Map<string, Finding>();

  constructor(options: CheckOptions) {
    this.#o = options;
  }

  run(base: string): Finding[] {
    const problems: ConfigError[] = [];
    const quiet = new LogHub(() => {});
    const tree = this.#attempt(() => new ConfigTree(base, quiet, this.#o.files ?? diskFiles, problems));
    if (tree === undefined) return [...this.#findings.values()];
    const server = this.#attempt(() => loadServer(tree));
    if (server !== undefined) {
      this.#add(unknownServerOptions(server));
      this.#add(this.#attempt(() => serverValueFindings(server)) ?? []);
    }
    const config = this.#attempt(() => loadJails(tree, this.#o.version));
    if (config !== undefined) this.#checkJails(tree, config);
    const inUse = problems.map(errorFinding);
    this.#add(fileFindings(tree, problems));
    return [...inUse, ...this.#findings.values()];
  }

  #checkJails(tree: ConfigTree, config: MergedConfig): void {
    const log = tree.log.logger("configreader");
    const jails = jailNames(config);
    const enabled = jails.filter((name) => this.#attempt(() => isEnabled(config, name, log)) === true);
    const used = referencedNames(config);
    for (const name of jails) this.#add(unknownJailOptions(config, name, used));
    for (const name of enabled) this.#checkEnabled(tree, config, name);
    this.#add(shadowFindings(config, jails, enabled));
  }

  #checkEnabled(tree: ConfigTree, config: MergedConfig, name: string): void {
    const jail = this.#attempt(() => readJail(tree, config, name));
    for (const option of JAIL_OPTIONS.keys()) this.#attempt(() => config.get(name, option));
    this.#add(valueFindings(config, name));
    this.#add(logFindings(tree, config, name));
    this.#add(this.#attempt(() => unusedFilterOptions(tree, config, name)) ?? []);
    this.#add(this.#attempt(() => misspelledActionOptions(tree, config, name)) ?? []);
    if (jail !== undefined) this.#checkReadable(tree, config, jail);
  }

  #checkReadable(tree: ConfigTree, config: MergedConfig, jail: Jail): void {
    const logger = tree.log.logger("jailreader");
    this.#attempt(() => jailCommands(jail, { files: tree.files, logger, toleratesMissingLogs: false }));
    const filter = this.#attempt(() => filterOfJail(jail));
    for (const { option, message } of filter === undefined ? [] : expressionProblems(filter)) {
      const inFilter = jail.filter?.placeOf(option);
      const own = config.own(jail.name)?.get(option);
      const position = own === undefined && inFilter?.file ? inFilter : positionOf(jail.name, option, own);
      this.#add([warning(message, { ...position, option })]);
    }
    this.#add(missingPrograms(tree, config, jail, this.#o.isThere));
  }

  #attempt<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof ConfigError || error instanceof JailDefinitionError)) throw error;
      this.#add([errorFinding(error)]);
      return undefined;
    }
  }

  /** Several jails share filters and actions, and their findings. */
  #add(findings: readonly Finding[]): void {
    for (const finding of findings) {
      const { file, line, section, option } = finding.position;
      const key = JSON.stringify([finding.message, file, line, section, option]);
      if (!this.#findings.has(key)) this.#findings.set(key, finding);
    }
  }
}
