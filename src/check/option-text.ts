import { ConfigError } from "../config/config-error.ts";
import type { MergedConfig } from "../config/merged.ts";
import { parseNameWithOptions } from "../config/options.ts";

/** An option's value; empty if there is none or its references cannot be resolved, which the reader reports. */
export function textOf(config: MergedConfig, section: string, option: string): string {
  try {
    return String(config.get(section, option) ?? "");
  } catch (error) {
    if (error instanceof ConfigError) return "";
    throw error;
  }
}

/** The name in `name[option=value]`; `undefined` if the text is not of that form, which the reader reports. */
export function definitionName(text: string): string | undefined {
  return parsed(text)?.name;
}

/** The options in brackets of `name[option=value]`. */
export function parametersOf(text: string): string[] {
  return [...(parsed(text)?.options.keys() ?? [])];
}

function parsed(text: string): ReturnType<typeof parseNameWithOptions> | undefined {
  try {
    return parseNameWithOptions(text);
  } catch {
    return undefined;
  }
}
