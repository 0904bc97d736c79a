import { strip } from "./whitespace.ts";

/**
 * Type of an option, as it travels in the command stream. `count` and `switch` are those of options of our own: an
 * integer and a boolean that are left at their default, with a warning, when the value means nothing.
 */
export type OptionType = "string" | "int" | "bool" | "count" | "switch";

/** Options of one kind of section: name and type, in the order of reading and sending. */
export type OptionTable = ReadonlyMap<string, OptionType>;

/** `1`, `on`, `true`, `yes` in any letter case are true, everything else is false. */
export function parseBoolean(text: string): boolean {
  return /^(?:1|on|true|yes)$/i.test(text);
}

/** Whether the text is one of the words for true and false. */
export function isBoolean(text: string): boolean {
  return /^(?:1|on|true|yes|0|off|false|no)$/i.test(text);
}

/** A decimal integer; `undefined` for anything else. Beyond 2^53 it is a `bigint`. */
export function parseInteger(text: string): number | bigint | undefined {
  const digits = strip(text);
  if (!/^[+-]?\d+(?:_\d+)*$/.test(digits)) return undefined;
  const plain = digits.replaceAll("_", "").replace(/^\+/, "");
  const value = Number(plain);
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  return plain.startsWith("-") ? -BigInt(plain.slice(1)) : BigInt(plain);
}
