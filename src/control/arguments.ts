import { failure, indexError, valueError } from "../pyvalue/errors.ts";
import { ExpressionError } from "../pyvalue/expression-error.ts";
import { repr, str } from "../pyvalue/repr.ts";
import { PyFloat, type PyValue, toNumber } from "../pyvalue/value.ts";
import { parseDuration } from "../time/duration.ts";

/** Words of a command as commands read them: missing ones are index errors, numbers are read as Python reads them. */

/** The word at `index`; throws the reference's index error when the command is too short. */
export function word(command: readonly PyValue[], index: number): PyValue {
  const value = command[index];
  if (value === undefined) throw indexError();
  return value;
}

/** The word at `index` as text. */
export function text(command: readonly PyValue[], index: number): string {
  return str(word(command, index));
}

/** All words from `index` on as texts. */
export function texts(command: readonly PyValue[], index: number): string[] {
  return command.slice(index).map(str);
}

/** A list given as one word, as texts; text is taken character by character, as Python iterates over it. */
export function textList(value: PyValue): string[] {
  if (Array.isArray(value)) return value.map(str);
  return typeof value === "string" ? [...value] : [];
}

/** A decimal integer with optional sign and blanks, or a number that is one already. */
export function integer(value: PyValue): number {
  if (typeof value === "number") return value;
  if (value instanceof PyFloat) return Math.trunc(value.value);
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "string" && /^\s*[+-]?\d+(?:_\d+)*\s*$/.test(value)) {
    return Number(value.replaceAll("_", "").trim());
  }
  throw valueError(`invalid literal for int() with base 10: ${repr(value)}`);
}

/** A decimal number, as `sleep` takes it. */
export function decimal(value: PyValue): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : toNumber(value);
  if (Number.isNaN(number)) throw valueError(`could not convert string to float: ${repr(value)}`);
  return number;
}

/**
 * The time that follows an option of a command, in seconds.
 *
 * @throws {PyError} that says what was expected
 */
export function timeAfter(option: string, text: string | undefined): number {
  try {
    return parseDuration(text ?? "").seconds;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw failure(`${option} takes a time such as 600, 30m, 2h or 1d12h, not '${text ?? ""}'`);
  }
}

/** `1`, `on`, `true` and `yes` in any case are true, everything else is false. */
export function truth(value: PyValue): boolean {
  if (typeof value === "boolean") return value;
  return ["1", "on", "true", "yes"].includes(str(value).toLowerCase());
}
