import { binary, compare, negate, type PyNumber, roundHalfEven, toFloat, truth } from "./arithmetic.ts";
import type { Scope, ScopeFunction } from "./expression.ts";
import { ExpressionError } from "./expression-error.ts";
import { PyFloat } from "./value.ts";

/**
 * The functions that formulas may call: `abs bool float int max min pow round`, the module `math`, and
 * `random.random()` and `random.uniform(a, b)`.
 *
 * @param random source of random numbers from 0 to below 1
 */
export function standardScope(random: () => number = Math.random): Scope {
  return {
    abs: (...args) => absolute(only("abs", args)),
    bool: (...args) => truth(only("bool", args)),
    float: (...args) => new PyFloat(toFloat(only("float", args))),
    int: (...args) => toInt(only("int", args), Math.trunc),
    max: (...args) => extreme("max", args, (value, best) => compare(best, value).less),
    min: (...args) => extreme("min", args, (value, best) => compare(value, best).less),
    pow: (...args) => binary("**", ...two("pow", args)),
    round: (value, digits) => round(needed("round", value), digits),
    math: MATH,
    random: {
      random: () => new PyFloat(random()),
      uniform: (...args) => {
        const [low, high] = two("uniform", args).map(toFloat) as [number, number];
        return new PyFloat(low + (high - low) * random());
      },
    },
  };
}

/** Functions of floats of one argument that have the same name and meaning in both languages. */
const PLAIN = [
  "acos", "acosh", "asin", "asinh", "atan", "atanh", "cbrt", "cos", "cosh", "exp", "expm1", "log10", "log1p",
  "log2", "sin", "sinh", "sqrt", "tan", "tanh",
] as const; // biome-ignore format: a list

const MATH: Scope = {
  ...Object.fromEntries(PLAIN.map((name) => [name, plain(name)])),
  e: new PyFloat(Math.E),
  pi: new PyFloat(Math.PI),
  tau: new PyFloat(2 * Math.PI),
  inf: new PyFloat(Number.POSITIVE_INFINITY),
  nan: new PyFloat(Number.NaN),
  atan2: (...args) => new PyFloat(Math.atan2(...(two("atan2", args).map(toFloat) as [number, number]))),
  ceil: (...args) => toInt(only("ceil", args), Math.ceil),
  degrees: (...args) => new PyFloat((toFloat(only("degrees", args)) * 180) / Math.PI),
  fabs: (...args) => new PyFloat(Math.abs(toFloat(only("fabs", args)))),
  floor: (...args) => toInt(only("floor", args), Math.floor),
  fmod: (...args) => fmod(...(two("fmod", args).map(toFloat) as [number, number])),
  hypot: (...args) => new PyFloat(Math.hypot(...args.map(toFloat))),
  log: (value, base) => logarithm(needed("log", value), base),
  pow: (...args) =>
    binary("**", ...(two("pow", args).map((v) => new PyFloat(toFloat(v))) as [PyFloat, PyFloat])),
  radians: (...args) => new PyFloat((toFloat(only("radians", args)) * Math.PI) / 180),
  trunc: (...args) => toInt(only("trunc", args), Math.trunc),
};

function plain(name: (typeof PLAIN)[number]): ScopeFunction {
  return (...args) => {
    const x = toFloat(only(name, args));
    return finite(Math[name](x), x);
  };
}

/** A result that is infinite or undefined although the argument was an ordinary number is an error in Python. */
function finite(result: number, argument: number): PyFloat {
  if (Number.isFinite(result) || !Number.isFinite(argument)) {
    if (!Number.isNaN(result) || Number.isNaN(argument)) return new PyFloat(result);
  }
  const overflow = result === Number.POSITIVE_INFINITY;
  if (overflow) throw ExpressionError.of("OverflowError", "math range error");
  throw ExpressionError.of("ValueError", "math domain error");
}

function logarithm(value: PyNumber, base: PyNumber | undefined): PyFloat {
  const x = toFloat(value);
  const result = finite(Math.log(x), x);
  if (base === undefined) return result;
  const b = toFloat(base);
  return binary("/", result, finite(Math.log(b), b)) as PyFloat;
}

function fmod(x: number, y: number): PyFloat {
  if (y === 0 || (!Number.isFinite(x) && !Number.isNaN(x) && !Number.isNaN(y))) {
    throw ExpressionError.of("ValueError", "math domain error");
  }
  return new PyFloat(x % y);
}

function toInt(value: PyNumber, rounding: (float: number) => number): number | bigint {
  if (!(value instanceof PyFloat)) return typeof value === "boolean" ? Number(value) : value;
  if (Number.isNaN(value.value))
    throw ExpressionError.of("ValueError", "cannot convert float NaN to integer");
  if (!Number.isFinite(value.value)) {
    throw ExpressionError.of("OverflowError", "cannot convert float infinity to integer");
  }
  const result = rounding(value.value) + 0;
  return Number.isSafeInteger(result) ? result : BigInt(result);
}

function absolute(value: PyNumber): PyNumber {
  if (value instanceof PyFloat) return new PyFloat(Math.abs(value.value));
  return compare(value, 0).less ? negate(value) : toInt(value, Math.trunc);
}

/** Rounds halves to the even neighbour; with a number of digits the result stays a float. */
function round(value: PyNumber, digits: PyNumber | undefined): PyNumber {
  if (!(value instanceof PyFloat)) return roundInt(value, digits);
  if (digits === undefined) return toInt(value, roundHalfEven);
  const places = Number(toInt(digits, Math.trunc));
  if (!Number.isFinite(value.value) || places > 308) return value;
  if (places >= 0 && places <= 100) return new PyFloat(Number(value.value.toFixed(places)));
  const unit = 10 ** -places;
  return new PyFloat(roundHalfEven(value.value / unit) * unit);
}

function roundInt(value: number | bigint | boolean, digits: PyNumber | undefined): PyNumber {
  const places = digits === undefined ? 0 : Number(toInt(digits, Math.trunc));
  const plainValue = toInt(value, Math.trunc);
  if (places >= 0 || typeof plainValue === "bigint") return plainValue;
  const unit = 10 ** -places;
  return roundHalfEven(plainValue / unit) * unit;
}

function extreme(
  name: string,
  args: readonly PyNumber[],
  better: (value: PyNumber, best: PyNumber) => boolean,
): PyNumber {
  let best = needed(name, args[0]);
  for (const value of args) if (better(value, best)) best = value;
  return best;
}

function needed(name: string, value: PyNumber | undefined): PyNumber {
  if (value === undefined) throw ExpressionError.of("TypeError", `${name}() is missing an argument`);
  return value;
}

function only(name: string, args: readonly PyNumber[]): PyNumber {
  if (args.length > 1) {
    throw ExpressionError.of("TypeError", `${name}() takes exactly one argument (${args.length} given)`);
  }
  return needed(name, args[0]);
}

function two(name: string, args: readonly PyNumber[]): [PyNumber, PyNumber] {
  if (args.length !== 2) {
    throw ExpressionError.of("TypeError", `${name}() takes exactly two arguments (${args.length} given)`);
  }
  return [args[0]!, args[1]!];
}
