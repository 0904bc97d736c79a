import type { Logger } from "../log/logger.ts";
import { repr } from "../pyvalue/repr.ts";
import { isBoolean, type OptionTable, parseBoolean, parseInteger } from "./convert.ts";
import { DEFAULT_SECTION } from "./ini.ts";
import type { MergedConfig, Variables } from "./merged.ts";

/** A converted value; `null` where a number was malformed or a section is missing. */
export type OptionValue = string | number | bigint | boolean | null;

/**
 * Reads the options of a table from one section, converted to their types. Options that are set nowhere are left out.
 * Malformed numbers and a missing section are logged; the values are then `null`.
 *
 * @throws {ConfigError} references that cannot be resolved
 */
export function readSectionOptions(
  config: MergedConfig,
  section: string,
  table: OptionTable,
  logger: Logger,
  vars?: Variables,
): Map<string, OptionValue> {
  const options = new Map<string, OptionValue>();
  const own = config.own(section);
  const defaults = config.own(DEFAULT_SECTION);
  for (const [name, type] of table) {
    if (own === undefined) {
      logger.error(`No section: ${repr(section)}`);
      options.set(name, null);
      continue;
    }
    // Most options are set nowhere.
    if (vars === undefined && !own.has(name) && !defaults?.has(name)) continue;
    const raw = config.get(section, name, vars);
    if (raw === undefined) continue;
    if (typeof raw !== "string" || type === "string") options.set(name, raw);
    else if (type === "bool") options.set(name, parseBoolean(raw));
    else if (type === "switch" || type === "count") {
      const value = type === "switch" ? readSwitch(raw) : parseInteger(raw);
      if (value !== undefined) options.set(name, value);
      else logger.warning(meaningless(name, section, raw, type));
    } else {
      const value = parseInteger(raw);
      if (value === undefined) {
        logger.warning(`Wrong value for ${repr(name)} in ${repr(section)}. Using default one: 'None'`);
      }
      options.set(name, value ?? null);
    }
  }
  return options;
}

function readSwitch(text: string): boolean | undefined {
  return isBoolean(text) ? parseBoolean(text) : undefined;
}

function meaningless(name: string, section: string, value: string, type: "switch" | "count"): string {
  const expected = type === "switch" ? "true or false" : "a whole number";
  return `Wrong value ${repr(value)} for ${repr(name)} in ${repr(section)}, expected ${expected}. Using the default`;
}
