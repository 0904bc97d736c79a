import { strip } from "./whitespace.ts";

/** Type of an option, as it travels in the command stream. */
export type OptionType = "string" | "int" | "bool";

/** Options of one kind of section: name and type, in the order of reading and sending. */
export type OptionTable = ReadonlyMap<string, OptionType>;

/** `1`, `on`, `true`, `yes` in any letter case are true, everything else is false. */
export function parseBoolean(text: string): boolean {
  return /^(?:1|on|true|yes)$/i.test(text);
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
