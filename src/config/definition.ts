import type { Logger } from "../log/logger.ts";
import { reprString } from "../pyvalue/repr.ts";
import { ConfigError, type ConfigPosition } from "./config-error.ts";
import { type OptionTable, parseBoolean, parseInteger } from "./convert.ts";
import { DEFAULT_SECTION } from "./ini.ts";
import {
  KNOWN_PREFIX,
  layered,
  type MergedConfig,
  type MergedOption,
  splitReference,
  type Variables,
  variables,
} from "./merged.ts";
import type { OptionValue } from "./section-options.ts";
import { TagTemplates } from "./tag-template.ts";
import { substituteTags } from "./tags.ts";

const DEFINITION = "Definition";
const INIT = "Init";
const NONE: ReadonlyMap<string, OptionValue> = new Map();
/** Names of the form `option?condition` and the option they are a variant of. */
const VARIANT = /^([\p{L}\p{N}_]+)\?/u;

/** How a kind of definition, filter or action, is evaluated. */
export interface DefinitionKind {
  /** The options that mean something to the server. */
  readonly table: OptionTable;
  /** Tags that only have a value at run time. */
  readonly runtimeTags: ReadonlySet<string>;
  /** Whether values of `[Init]` are visible to `%(…)s` in `[Definition]`. */
  readonly initIsVisible: boolean;
  /** Keeps what definitions that many jails use have in common. */
  readonly templates?: WeakMap<MergedConfig, TagTemplates>;
}

/** Values given from outside: options of the jail, or of an earlier evaluation. Names are in lower case. */
export type GivenValues = ReadonlyMap<string, OptionValue>;

/**
 * The definition of a filter or an action: `[Definition]`, `[Init]`, parameters, and how they combine.
 *
 * `read` fetches the values, `combine` replaces their tags; a filter is read twice, once before and once after the
 * jail's own options are known, and tags looked up the first time keep their value.
 */
export class Definition {
  readonly #config: MergedConfig;
  readonly #kind: DefinitionKind;
  readonly #parameters: ReadonlyMap<string, string>;
  readonly #logger: Logger;
  readonly #lookups = new Map<string, OptionValue | undefined>();
  #values = new Map<string, OptionValue>();
  #variables: Variables = new Map();

  constructor(
    config: MergedConfig,
    kind: DefinitionKind,
    parameters: ReadonlyMap<string, string>,
    logger: Logger,
  ) {
    this.#config = config;
    this.#kind = kind;
    this.#parameters = parameters;
    this.#logger = logger;
  }

  /** The values before any tag is replaced, in their order: recognised options, own options, parameters, `[Init]`. */
  get values(): ReadonlyMap<string, OptionValue> {
    return this.#values;
  }

  /** Parameters and `[Init]` values as read, `known/…` included, parameters first. */
  inputs(): Map<string, OptionValue> {
    const init = [...(this.#config.own(INIT)?.keys() ?? [])];
    const names = [...this.#parameters.keys(), ...init.flatMap((name) => [`known/${name}`, name])];
    return new Map(names.map((name) => [name, this.#values.get(name) ?? null]));
  }

  /**
   * Fetches all values.
   *
   * @param given values that are found before those of the definition
   * @param withOwnOptions also take the options of `[Definition]` that mean nothing to the server
   * @throws {ConfigError} references that cannot be resolved
   */
  read(given: GivenValues, withOwnOptions: boolean): void {
    const init = this.#readInit();
    const defaults = this.#kind.initIsVisible && !withOwnOptions ? this.#initDefaults(init) : NONE;
    this.#variables = layered([variables(defaults), variables(this.#parameters), given]);
    const values = this.#readRecognised([defaults, this.#parameters, given]);
    if (withOwnOptions) this.#addOwnOptions(values);
    for (const [name, value] of this.#parameters) values.set(name, value);
    for (const [name, value] of init) {
      values.set(`known/${name}`, value);
      if (!this.#parameters.has(name)) values.set(name, this.#variantOverride(name, given) ?? value);
    }
    this.#values = values;
  }

  /**
   * The values with their tags replaced, recognised options converted to their types. `known/…` is left out.
   *
   * @throws {ConfigError} values that contain themselves, references that cannot be resolved
   */
  combine(): Map<string, OptionValue> {
    const bases = [...this.#values.keys()].map(variantBase).filter((base) => base !== undefined);
    const { runtimeTags } = this.#kind;
    const combined = this.#substitute(bases.length === 0 ? runtimeTags : new Set([...runtimeTags, ...bases]));
    for (const [name, value] of combined) {
      if (name.startsWith("known/")) combined.delete(name);
      else if (typeof value === "string") combined.set(name, this.#convert(name, value));
    }
    return combined;
  }

  #substitute(ignore: ReadonlySet<string>): Map<string, OptionValue> {
    try {
      const lookup = (tag: string) => this.#cachedLookup(tag);
      const parameters = this.#parameters.keys();
      return (
        this.#templates()?.substitute(this.#values, { parameters, ignore, lookup }) ??
        substituteTags(this.#values, { ignore, lookup })
      );
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw error.within(this.placeOf(error.position.option ?? ""));
    }
  }

  #templates(): TagTemplates | undefined {
    const all = this.#kind.templates;
    const known = all?.get(this.#config);
    if (all === undefined || known !== undefined) return known;
    const templates = new TagTemplates();
    all.set(this.#config, templates);
    return templates;
  }

  /** Where the definition sets an option; empty if it does not. */
  placeOf(option: string): ConfigPosition {
    const [first] = this.settingsOf(option);
    return first ? { section: first.section, file: first.setting.file, line: first.setting.line } : {};
  }

  /** What the files say of an option, the section that counts first. */
  settingsOf(option: string): { section: string; setting: MergedOption }[] {
    return [INIT, DEFINITION, DEFAULT_SECTION].flatMap((section) => {
      const setting = this.#config.own(section)?.get(option);
      return setting === undefined ? [] : [{ section, setting }];
    });
  }

  /** The options that mean something to the server, unless they are hidden by others of the same name. */
  #readRecognised(hiding: readonly ReadonlyMap<string, OptionValue>[]): Map<string, OptionValue> {
    const values = new Map<string, OptionValue>();
    const hasSection = this.#config.hasSection(DEFINITION);
    for (const name of this.#kind.table.keys()) {
      if (hiding.some((others) => others.has(name))) continue;
      if (!hasSection) {
        this.#logger.error(`No section: '${DEFINITION}'`);
        values.set(name, null);
        continue;
      }
      const value = this.#config.get(DEFINITION, name, this.#variables);
      if (value !== undefined) values.set(name, value);
    }
    return values;
  }

  #addOwnOptions(values: Map<string, OptionValue>): void {
    for (const name of this.#config.own(DEFINITION)?.keys() ?? []) {
      if (this.#kind.table.has(name)) continue;
      values.set(name, this.#config.get(DEFINITION, name) ?? null);
    }
  }

  #readInit(): Map<string, OptionValue> {
    const names = [...(this.#config.own(INIT)?.keys() ?? [])];
    return new Map(names.map((name) => [name, this.#config.get(INIT, name) ?? null]));
  }

  #initDefaults(init: ReadonlyMap<string, OptionValue>): ReadonlyMap<string, OptionValue> {
    return new Map([...init].filter(([name]) => !this.#parameters.has(name)));
  }

  /** A parameter given by the user also stands for its variants, unless these are given themselves. */
  #variantOverride(name: string, given: GivenValues): OptionValue | undefined {
    const base = variantBase(name);
    return base === undefined ? undefined : (this.#parameters.get(base) ?? given.get(base));
  }

  #convert(name: string, value: string): OptionValue {
    const type = this.#kind.table.get(name);
    if (type === undefined || type === "string") return value;
    if (type === "bool") return parseBoolean(value);
    const number = parseInteger(value);
    if (number === undefined) {
      this.#logger.warning(
        `Wrong int value ${reprString(value)} for ${reprString(name)}. Using default one: None`,
      );
    }
    return number ?? null;
  }

  #cachedLookup(tag: string): OptionValue | undefined {
    if (!this.#lookups.has(tag)) this.#lookups.set(tag, this.#lookup(tag));
    return this.#lookups.get(tag);
  }

  /** Value of a tag that is not among the values: an option of the files. */
  #lookup(tag: string): OptionValue | undefined {
    const reference = splitReference(tag);
    if (reference === undefined) return this.#fromDefinition(tag, this.#variables);
    return (
      this.#fromSection(reference.section, reference.option) ?? this.#fromDefinition(tag, this.#variables)
    );
  }

  #fromSection(section: string, option: string): OptionValue | undefined {
    switch (section.toLowerCase()) {
      case "known":
        return this.#config.remembers(DEFINITION)
          ? (this.#config.get(KNOWN_PREFIX + DEFINITION, option) ?? this.#fromDefinition(option))
          : this.#fromDefinition(option);
      case "default":
        return this.#config.get("DEFAULT", option);
      default:
        return this.#config.hasSection(section) ? this.#config.get(section, option) : undefined;
    }
  }

  #fromDefinition(option: string, vars?: Variables): OptionValue | undefined {
    return this.#config.hasSection(DEFINITION) ? this.#config.get(DEFINITION, option, vars) : undefined;
  }
}

/** The option that a name of the form `option?condition` is a variant of. */
function variantBase(name: string): string | undefined {
  return name.includes("?") ? VARIANT.exec(name)?.[1] : undefined;
}
