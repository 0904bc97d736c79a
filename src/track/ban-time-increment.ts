import { binary, compare, type PyNumber, toFloat } from "../pyvalue/arithmetic.ts";
import { valueError } from "../pyvalue/errors.ts";
import { type Expression, parseExpression } from "../pyvalue/expression.ts";
import { standardScope } from "../pyvalue/expression-functions.ts";
import { repr } from "../pyvalue/repr.ts";
import { PyFloat, type PyValue, pyNumber } from "../pyvalue/value.ts";
import { parseDuration } from "../time/duration.ts";

/** Earlier bans beyond this number do not lengthen a ban any further by the default formula. */
const MOST_DOUBLINGS = 20;
const FORMULA_FILE = "~inline-conf-expr~";

const truthWords = ["1", "on", "true", "yes"];

/** The `bantime.*` options of a jail: how much longer repeat offenders are banned. */
export class BanTimeIncrement {
  readonly #random: () => number;
  /** Options as they were given, for `get`. */
  readonly #given = new Map<string, PyValue>();
  #factor: PyNumber = 1;
  #multipliers: readonly number[] | null = null;
  #formula: Expression | null = null;
  #maxTime: PyNumber | null = null;
  #rndTime: PyNumber | null = null;

  /** @param random source of random numbers from 0 to below 1 */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Whether repeat offenders are banned for longer at all. */
  get enabled(): boolean {
    return this.#given.get("increment") === true;
  }

  /** Whether earlier bans in other jails count. */
  get overAllJails(): boolean {
    const value = this.#given.get("overalljails") ?? false;
    // As in the reference, any text counts as set, except where the configuration reader made a boolean of it.
    return typeof value === "string" ? value !== "" : Boolean(value);
  }

  /** Longest ban in seconds, `null` without limit. */
  get maxTime(): number | null {
    return this.#maxTime === null ? null : toFloat(this.#maxTime);
  }

  /** Value of an option (without `bantime.`) as `get` answers it; `null` when it is not set. */
  get(name: string): PyValue {
    if (name === "evmultipliers") return this.#multipliers && [...this.#multipliers];
    return this.#given.get(name) ?? null;
  }

  /**
   * Sets an option; empty text removes it.
   *
   * @throws PyError or ExpressionError when the value is not usable; the option keeps its old value then
   */
  set(name: string, value: PyValue): void {
    const shown = this.#apply(name, value === "" ? null : value);
    if (shown === null) this.#given.delete(name);
    else this.#given.set(name, shown);
  }

  /**
   * Ban time of somebody who was banned before.
   *
   * @param banTime base ban time in seconds
   * @param count number of earlier bans
   * @returns seconds, possibly a fraction
   */
  compute(banTime: number, count: number): number {
    return toFloat(this.computeExact(banTime, count));
  }

  /** As {@link compute}, integers and floats kept apart. */
  computeExact(banTime: number, count: number): PyNumber {
    let time = this.#multipliers ? this.#byMultiplier(banTime, count) : this.#byFormula(banTime, count);
    if (this.#maxTime !== null && compare(this.#maxTime, time).less) time = this.#maxTime;
    if (this.#rndTime !== null) {
      time = new PyFloat(toFloat(time) + this.#random() * toFloat(this.#rndTime));
    }
    return time;
  }

  #byMultiplier(banTime: number, count: number): PyNumber {
    const list = this.#multipliers ?? [];
    const multiplier = list[Math.min(count, list.length - 1)] ?? 1;
    return binary("*", binary("*", banTime, this.#factor), multiplier);
  }

  #byFormula(banTime: number, count: number): PyNumber {
    const time = this.#formula
      ? this.#evaluate(this.#formula, banTime, count)
      : this.#doubled(banTime, count);
    return compare(banTime, time).less ? time : banTime;
  }

  #evaluate(formula: Expression, banTime: number, count: number): PyNumber {
    return formula.evaluate({
      ...standardScope(this.#random),
      ban: { Time: banTime, Count: count },
      banFactor: this.#factor,
    });
  }

  #doubled(banTime: number, count: number): PyNumber {
    return binary("*", binary("*", banTime, 2 ** Math.min(count, MOST_DOUBLINGS)), this.#factor);
  }

  #apply(name: string, value: PyValue): PyValue {
    switch (name) {
      case "increment":
        return value === null ? null : value === true || truthWords.includes(String(value).toLowerCase());
      case "factor":
        this.#factor =
          value === null ? 1 : parseExpression(asText(value)).evaluate(standardScope(this.#random));
        return value;
      case "formula":
        this.#formula = value === null ? null : parseExpression(asText(value), FORMULA_FILE);
        return value;
      case "multipliers":
        this.#multipliers = value === null ? null : asText(value).split(" ").map(parseMultiplier);
        return value;
      case "maxtime":
      case "rndtime":
        return this.#applyTime(name, value);
      default:
        return value;
    }
  }

  #applyTime(name: "maxtime" | "rndtime", value: PyValue): PyValue {
    const duration = value === null ? null : parseDuration(typeof value === "number" ? value : asText(value));
    const seconds = duration && pyNumber(duration.seconds, duration.isFloat);
    if (name === "maxtime") this.#maxTime = seconds;
    else this.#rndTime = seconds;
    return seconds;
  }
}

function asText(value: PyValue): string {
  return typeof value === "string" ? value : repr(value);
}

function parseMultiplier(word: string): number {
  if (!/^[+-]?\d+$/.test(word)) throw valueError(`invalid literal for int() with base 10: ${repr(word)}`);
  return Number(word);
}
