import { ExpressionError } from "./expression-error.ts";
import { PyFloat } from "./value.ts";

/** A number as Python knows it: integers are `number`, or `bigint` beyond 2^53; booleans count as 0 and 1. */
export type PyNumber = number | bigint | boolean | PyFloat;

/** Longest integer that is computed, in bits; it keeps `9**9**9` from eating time and memory. */
const MOST_BITS = 16_384;

/** An integer in its canonical form: `number` where that is exact. */
export function normalizeInt(value: bigint): number | bigint {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

/** Whether Python takes the number for true. */
export function truth(value: PyNumber): boolean {
  return value instanceof PyFloat ? value.value !== 0 : Boolean(value);
}

/** The number as a float. */
export function toFloat(value: PyNumber): number {
  if (value instanceof PyFloat) return value.value;
  const float = Number(value);
  if (!Number.isFinite(float)) throw ExpressionError.of("OverflowError", "int too large to convert to float");
  return float;
}

/** The nearest integer; of two that are equally near the even one. */
export function roundHalfEven(value: number): number {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}

/** Compares as Python does: integers and floats by their exact values. */
export function compare(left: PyNumber, right: PyNumber): { less: boolean; equal: boolean } {
  const a = left instanceof PyFloat ? left.value : integer(left);
  const b = right instanceof PyFloat ? right.value : integer(right);
  // The abstract comparison of JavaScript is exact between number and bigint.
  // biome-ignore lint/suspicious/noDoubleEquals: the loose comparison is what compares number with bigint
  return { less: a < b, equal: a == b };
}

/** `-value`. */
export function negate(value: PyNumber): PyNumber {
  return value instanceof PyFloat ? new PyFloat(-value.value) : normalizeInt(-BigInt(value));
}

/** `~value`. */
export function invert(value: PyNumber): PyNumber {
  if (value instanceof PyFloat)
    throw ExpressionError.of("TypeError", "bad operand type for unary ~: 'float'");
  return normalizeInt(~BigInt(value));
}

/** The operators of two numbers. */
export type BinaryOperator = "+" | "-" | "*" | "/" | "//" | "%" | "**" | "<<" | ">>" | "&" | "|" | "^";

/**
 * Computes `left operator right`.
 *
 * @throws {ExpressionError} on division by zero, wrong operand types, or a result that is too large
 */
export function binary(operator: BinaryOperator, left: PyNumber, right: PyNumber): PyNumber {
  if (left instanceof PyFloat || right instanceof PyFloat || operator === "/") {
    return floatOperation(operator, left, right);
  }
  const quick = smallIntOperation(operator, Number(left), Number(right));
  return quick ?? intOperation(operator, BigInt(left), BigInt(right));
}

function integer(value: number | bigint | boolean): number | bigint {
  return typeof value === "boolean" ? Number(value) : value;
}

/** The common operations on small integers, or null where only exact arithmetic will do. */
function smallIntOperation(operator: BinaryOperator, left: number, right: number): number | null {
  let result: number;
  if (operator === "+") result = left + right;
  else if (operator === "-") result = left - right;
  else if (operator === "*") result = left * right;
  else return null;
  const exact = Number.isSafeInteger(left) && Number.isSafeInteger(right) && Number.isSafeInteger(result);
  return exact ? result + 0 : null;
}

function intOperation(operator: BinaryOperator, left: bigint, right: bigint): PyNumber {
  switch (operator) {
    case "+":
      return boundedInt(left + right);
    case "-":
      return boundedInt(left - right);
    case "*":
      return boundedInt(left * right);
    case "//":
      return normalizeInt(floorDivide(left, right));
    case "%":
      return normalizeInt(left - floorDivide(left, right, "integer modulo by zero") * right);
    case "**":
      return intPower(left, right);
    case "<<":
      return boundedInt(left << shiftCount(right, bits(left)));
    case ">>":
      return normalizeInt(left >> shiftCount(right, 0));
    case "&":
      return normalizeInt(left & right);
    case "|":
      return normalizeInt(left | right);
    case "^":
      return normalizeInt(left ^ right);
    default:
      throw ExpressionError.of("TypeError", `unsupported operator ${operator}`);
  }
}

function floorDivide(left: bigint, right: bigint, message = "integer division or modulo by zero"): bigint {
  if (right === 0n) throw ExpressionError.of("ZeroDivisionError", message);
  const quotient = left / right;
  return left % right !== 0n && left < 0n !== right < 0n ? quotient - 1n : quotient;
}

function intPower(left: bigint, right: bigint): PyNumber {
  if (right < 0n) return floatOperation("**", normalizeInt(left), normalizeInt(right));
  // 0, 1 and -1 stay small whatever the exponent is; of that only the parity matters.
  if (left >= -1n && left <= 1n) return normalizeInt(left ** (right > 2n ? 2n + (right % 2n) : right));
  if (BigInt(bits(left)) * right > BigInt(MOST_BITS)) throw tooLarge();
  return boundedInt(left ** right);
}

function shiftCount(count: bigint, size: number): bigint {
  if (count < 0n) throw ExpressionError.of("ValueError", "negative shift count");
  if (size > 0 && count + BigInt(size) > BigInt(MOST_BITS)) throw tooLarge();
  // Shifting by more than any number is long changes nothing any more.
  return count > BigInt(MOST_BITS) ? BigInt(MOST_BITS) : count;
}

function bits(value: bigint): number {
  if (value === 0n) return 0;
  return (value < 0n ? -value : value).toString(16).length * 4;
}

function boundedInt(value: bigint): PyNumber {
  if (bits(value) > MOST_BITS + 4) throw tooLarge();
  return normalizeInt(value);
}

function tooLarge(): ExpressionError {
  return ExpressionError.of("OverflowError", `integer result is longer than ${MOST_BITS} bits`);
}

function floatOperation(operator: BinaryOperator, left: PyNumber, right: PyNumber): PyFloat {
  if (["<<", ">>", "&", "|", "^"].includes(operator)) {
    const type = (value: PyNumber) => (value instanceof PyFloat ? "float" : "int");
    const types = `'${type(left)}' and '${type(right)}'`;
    throw ExpressionError.of("TypeError", `unsupported operand type(s) for ${operator}: ${types}`);
  }
  const bothInt = !(left instanceof PyFloat) && !(right instanceof PyFloat);
  return new PyFloat(floatResult(operator, toFloat(left), toFloat(right), bothInt));
}

function floatResult(operator: BinaryOperator, a: number, b: number, bothInt: boolean): number {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      if (b === 0) throw zeroDivision(bothInt ? "division by zero" : "float division by zero");
      return a / b;
    case "//":
      if (b === 0) throw zeroDivision("float floor division by zero");
      return (a - floatModulo(a, b)) / b;
    case "%":
      if (b === 0) throw zeroDivision("float modulo");
      return floatModulo(a, b);
    default:
      return floatPower(a, b);
  }
}

function zeroDivision(message: string): ExpressionError {
  return ExpressionError.of("ZeroDivisionError", message);
}

/** The remainder with the sign of the divisor, as in Python. */
function floatModulo(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return b < 0 ? -0 : 0;
  return rest < 0 !== b < 0 ? rest + b : rest;
}

function floatPower(a: number, b: number): number {
  if (a === 0 && b < 0) throw zeroDivision("0.0 cannot be raised to a negative power");
  if (a < 0 && Number.isFinite(a) && Number.isFinite(b) && !Number.isInteger(b)) {
    throw ExpressionError.of("ValueError", "a negative number has no real power with a fraction");
  }
  // Unlike ECMAScript, Python takes 1 to any power, and anything to the power of 0, for 1.
  if (a === 1 || b === 0) return 1;
  if (a === -1 && !Number.isNaN(b) && !Number.isFinite(b)) return 1;
  const result = a ** b;
  if (!Number.isFinite(result) && Number.isFinite(a) && Number.isFinite(b)) {
    throw ExpressionError.of("OverflowError", "(34, 'Numerical result out of range')");
  }
  return result;
}
