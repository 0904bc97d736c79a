import type { Filter } from "../detect/filter.ts";
import type { Logger } from "../log/logger.ts";
import { valueError } from "../pyvalue/errors.ts";
import { type PyValue, toNumber } from "../pyvalue/value.ts";
import type { BanTimeIncrement } from "../track/ban-time-increment.ts";
import type { FailureLimits } from "../track/failure-table.ts";
import type { Banning } from "./banning.ts";
import type { DateAnnouncements } from "./date-announcements.ts";

const USE_DNS = ["yes", "warn", "no", "raw"] as const;

/** What settings change, and where they are told of. */
export interface JailSettingsOptions {
  readonly log: { readonly jail: Logger; readonly filter: Logger; readonly actions: Logger };
  readonly limits: FailureLimits;
  readonly filter: Filter;
  readonly dates: DateAnnouncements;
  readonly banning: Banning;
  readonly increment: BanTimeIncrement;
  readonly hasDatabase: () => boolean;
}

/** The settings of a jail that concern several of its stages, or whose change is logged. */
export class JailSettings {
  readonly #o: JailSettingsOptions;
  #findTime: PyValue;

  constructor(options: JailSettingsOptions) {
    this.#o = options;
    this.#findTime = options.limits.findTime;
  }

  /** `findtime` in seconds as it was computed. */
  get findTime(): PyValue {
    return this.#findTime;
  }

  setFindTime(seconds: PyValue): void {
    const { limits, filter, log } = this.#o;
    this.#findTime = seconds;
    limits.findTime = toNumber(seconds);
    filter.findTime = limits.findTime;
    log.filter.info(`  findtime: ${limits.findTime}`);
  }

  setBanTime(seconds: PyValue): void {
    const whole = Math.trunc(toNumber(seconds));
    this.#o.banning.setBanTime(whole);
    this.#o.log.actions.info(`  banTime: ${whole}`);
  }

  setMaxRetry(count: number): void {
    this.#o.limits.maxRetry = count;
    this.#o.log.filter.info(`  maxRetry: ${count}`);
  }

  /** @throws {PyError} `ValueError` for less than one line */
  setMaxLines(count: number): void {
    if (count < 1) throw valueError("maxlines must be integer greater than zero");
    this.#o.filter.maxLines = count;
    this.#o.log.filter.info(`  maxLines: ${count}`);
  }

  /** @throws when a pattern is not valid; the former ones stay */
  setDatePattern(pattern: string): void {
    this.#o.filter.datePattern = pattern;
    this.#o.dates.patternSet();
  }

  /** Takes `yes`, `warn`, `no` or `raw` in any case, or a boolean; anything else becomes `no`. */
  setUseDns(value: string): void {
    const { filter, log } = this.#o;
    const word = { true: "yes", false: "no" }[value.toLowerCase()] ?? value.toLowerCase();
    const mode = USE_DNS.find((known) => known === word);
    if (!mode) log.filter.error(`Incorrect value '${value}' specified for usedns. Using safe 'no'`);
    filter.useDns = mode ?? "no";
  }

  /** Sets an option `bantime.NAME`. */
  setIncrement(name: string, value: PyValue): void {
    const { increment, log, hasDatabase } = this.#o;
    increment.set(name, value);
    log.jail.info(`Set banTime.${name} = ${value === true ? "True" : String(value)}`);
    if (name === "increment" && increment.enabled && !hasDatabase()) {
      log.jail.warning("ban time increment is not available as long jail database is not set");
    }
  }
}
