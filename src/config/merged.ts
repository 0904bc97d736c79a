import { ConfigError } from "./config-error.ts";
import { DEFAULT_SECTION, type IniFile } from "./ini.ts";
import { interpolate } from "./interpolate.ts";

/** A raw value. Files give strings only; numbers and `null` come from a filter's converted options (`known/maxlines`). */
export type RawValue = string | number | bigint | null;

/** An option after merging, with the place that set it and what it replaced. */
export interface MergedOption {
  readonly value: RawValue;
  readonly file: string;
  readonly line: number;
  /** What an earlier file had set; its value is what `known/…` means. */
  readonly overrides?: MergedOption | undefined;
}

/** Options of one section by name, in the order of their first appearance. */
export type MergedOptions = Map<string, MergedOption>;

/** Values given by the caller, found before the options of any section. Names are lower-cased, see {@link variables}. */
export interface Variables {
  get(name: string): string | null | undefined;
}

/** Prefix of the sections that hold what was overridden. */
export const KNOWN_PREFIX = "KNOWN/";

/** `Init?family=inet6` → section and condition. */
const CONDITIONAL = /^([\p{L}\p{N}_]+)(\?.*)$/su;
/** `section/option` within a reference or tag. */
const SECTION_REFERENCE = /^([\p{L}\p{N}_-]+)\/(.+)$/su;

/**
 * Several files folded into one: a later file overrides option by option. Options of `[DEFAULT]` show through in every
 * other section.
 */
export class MergedConfig {
  #defaults: ReadonlyMap<string, MergedOption> = new Map();
  readonly #sections = new Map<string, ReadonlyMap<string, MergedOption>>();
  /** The options that were copied here; others still belong to the file that has them. */
  readonly #copied = new Set<ReadonlyMap<string, MergedOption>>();
  /** Sections that a later file had again. */
  readonly #continued = new Set<string>();

  /** Folds in the next file. */
  add(ini: IniFile): void {
    for (const [name, options] of ini) {
      // Most sections have no condition, and the expression costs more than the look.
      const [, section = name, condition = ""] = (name.includes("?") && CONDITIONAL.exec(name)) || [];
      if (this.#sections.has(section)) this.#continued.add(section);
      else if (condition === "" && section !== DEFAULT_SECTION) {
        this.#sections.set(section, options);
        continue;
      }
      const target = this.#writable(section);
      for (const [option, setting] of options) {
        const key = condition === "" ? option : option + condition;
        const overrides = target.get(key);
        target.set(key, overrides === undefined ? setting : { ...setting, overrides });
      }
    }
  }

  /** Sets one option from the program itself. */
  set(section: string, option: string, value: RawValue, origin: { file: string; line: number }): void {
    this.#writable(section).set(option, { value, ...origin });
  }

  /** Sections without `[DEFAULT]`, in the order of first appearance. */
  sections(): string[] {
    return [...this.#sections.keys()];
  }

  hasSection(section: string): boolean {
    return this.#sections.has(section) || section === DEFAULT_SECTION;
  }

  /** A section's own options, without those of `[DEFAULT]`; `undefined` if there is no such section. */
  own(section: string): ReadonlyMap<string, MergedOption> | undefined {
    return section === DEFAULT_SECTION ? this.#defaults : this.#sections.get(section);
  }

  /** Whether more than one file has the section, so that `KNOWN/<section>` exists. */
  remembers(section: string): boolean {
    return this.#continued.has(section);
  }

  /** An option as written, `[DEFAULT]` included. */
  raw(section: string, option: string): MergedOption | undefined {
    if (section.startsWith(KNOWN_PREFIX)) {
      return this.#remembered(section.slice(KNOWN_PREFIX.length), option) ?? this.#defaults.get(option);
    }
    return this.#sections.get(section)?.get(option) ?? this.#defaults.get(option);
  }

  /**
   * Value of an option with its `%(…)s` references resolved; `undefined` if there is no such option.
   *
   * @param section also `DEFAULT` and `KNOWN/<section>`, the overridden values of a section
   * @param option in any letter case
   * @throws {ConfigError} a reference that cannot be resolved.
   */
  get(section: string, option: string, vars?: Variables): RawValue | undefined {
    const name = option.toLowerCase();
    const given = vars?.get(name);
    const own = this.raw(section, name);
    const value = given !== undefined ? given : own?.value;
    if (typeof value !== "string" || !value.includes("%")) return value;
    return interpolate(value, {
      option: name,
      section,
      raw: own,
      lookup: (key) => this.#reference(section, key, vars),
    });
  }

  /** Value that a reference stands for, before it is interpolated itself. */
  #reference(section: string, key: string, vars: Variables | undefined): RawValue | undefined {
    const name = key.toLowerCase();
    const given = vars?.get(name);
    if (given !== undefined) return given;
    const own = this.raw(section, name);
    if (own !== undefined) return own.value;
    if (name === "__name__") return section;
    return key === name ? this.#sectionReference(section, key)?.value : undefined;
  }

  #sectionReference(current: string, key: string): MergedOption | undefined {
    const { section = "", option = "" } = splitReference(key) ?? {};
    if (section === "default") return this.#defaults.get(option);
    if (section === "known") return this.#remembered(current, option) ?? this.#defaults.get(option);
    return this.#sections.has(section) ? this.raw(section, option) : undefined;
  }

  /** What a section's option was before the last file that set it. */
  #remembered(section: string, option: string): MergedOption | undefined {
    return this.#sections.get(section)?.get(option)?.overrides;
  }

  #writable(section: string): MergedOptions {
    const present = section === DEFAULT_SECTION ? this.#defaults : this.#sections.get(section);
    if (present !== undefined && this.#copied.has(present)) return present as MergedOptions;
    const options = new Map(present);
    this.#copied.add(options);
    if (section === DEFAULT_SECTION) this.#defaults = options;
    else this.#sections.set(section, options);
    return options;
  }
}

/** A value that a caller has. */
type GivenValue = string | number | bigint | boolean | null;

/** Caller's values under lower-cased names; the last of several names that differ in letter case wins. */
export function variables(values: Iterable<readonly [string, GivenValue]>): ReadonlyMap<string, GivenValue> {
  const lowered = new Map<string, GivenValue>();
  for (const [name, value] of values) lowered.set(name.toLowerCase(), value);
  return lowered;
}

/** Variables from several maps with names in lower case, the strongest first. Booleans and numbers become text. */
export function layered(layers: readonly ReadonlyMap<string, GivenValue>[]): Variables {
  return {
    get(name) {
      for (const layer of layers) {
        const value = layer.get(name);
        if (value !== undefined) return asText(value);
      }
      return undefined;
    },
  };
}

function asText(value: GivenValue): string | null {
  if (typeof value === "string" || value === null) return value;
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}

/** Looks a `<section/option>` tag's parts up; `undefined` if the tag is no such reference. */
export function splitReference(tag: string): { section: string; option: string } | undefined {
  // Most tags have no slash, or begin with it as `</F-USER>`, and the expression costs more than the look.
  if (tag.indexOf("/") < 1) return undefined;
  const [, section, option] = SECTION_REFERENCE.exec(tag) ?? [];
  return section === undefined || option === undefined ? undefined : { section, option };
}

/** The error for a section that must exist. */
export function noSection(section: string): ConfigError {
  return new ConfigError(`No section: '${section}'`, { section });
}
