import { PyRegexError } from "../pyregex/error.ts";
import { valueError } from "../pyvalue/errors.ts";
import type { PyError } from "../pyvalue/value.ts";
import type { ChoiceState } from "./choice-state.ts";
import type { Clock } from "./clock.ts";
import { type DateFailure, type ReadContext, type Reading, readFields } from "./date-fields.ts";
import { behindBracket } from "./date-place.ts";
import { type DateScanner, SCANNED_BEHIND } from "./date-scan.ts";
import { defaultTemplates, embeddedTemplates, specialTemplate } from "./default-templates.ts";
import { embeddedEpochTemplate, embedsEpoch } from "./epoch.ts";
import { patternTemplate } from "./pattern-template.ts";
import { holds, ReadingCache } from "./reading-cache.ts";
import type { DateMatch, DateTemplate } from "./template.ts";
import { TemplateChoice } from "./template-choice.ts";
import { LocalZone } from "./zone.ts";

/** A line with the date that was found in it. */
export class FoundDate {
  readonly line: string;
  /** Where the date part begins and ends. */
  readonly start: number;
  readonly end: number;
  readonly template: DateTemplate;
  /** Seconds since 1970 UTC; null when the date part is empty or the conversion failed. */
  readonly epoch: number | null;
  /** Whether the time is an integer in the reference: the zone was known. */
  readonly isInteger: boolean;
  /** Why there is no time, although the line looks as if it had one. */
  readonly failure: DateFailure | null;

  constructor(line: string, start: number, end: number, template: DateTemplate, reading: Reading | null) {
    this.line = line;
    this.start = start;
    this.end = end;
    this.template = template;
    this.epoch = reading === null ? null : reading.epoch;
    this.isInteger = reading?.isInteger ?? false;
    this.failure = reading === null ? null : reading.failure;
  }

  /** The text in front of the date part. */
  get before(): string {
    return this.start === 0 ? "" : this.line.slice(0, this.start);
  }

  /** The date part, which may be empty. */
  get date(): string {
    return this.line.slice(this.start, this.end);
  }

  /** Whether this is the text of the date part. */
  hasDate(text: string): boolean {
    if (this.end - this.start !== text.length) return false;
    // The engine looks at single characters much faster than it compares parts of texts.
    for (let i = text.length - 1; i >= 0; i--)
      if (this.line.charCodeAt(this.start + i) !== text.charCodeAt(i)) return false;
    return true;
  }

  /** The text behind the date part. */
  get after(): string {
    return this.line.slice(this.end);
  }
}

/** What `get <jail> datepattern` answers. */
export interface PatternInfo {
  /** Null for several templates, epoch and TAI64N. */
  readonly pattern: string | null;
  readonly name: string;
}

/** A template with what it has been used for, as the regex tester shows it. */
export interface TemplateStatus {
  readonly name: string;
  readonly pattern: string | null;
  readonly regex: string;
  readonly hits: number;
  /** Preference over other templates, with and without hits. */
  readonly weight: number;
  readonly baseWeight: number;
}

/**
 * Finds the dates of log lines. It learns which form of date a log uses and tries that first; lines are to be
 * given in their order.
 */
export class DateDetector {
  readonly #clock: Clock;
  readonly #zone = new LocalZone();
  #defaultZone: number | null = null;
  #choice = new TemplateChoice();
  readonly #readings = new ReadingCache();
  /** The last date that a scanner read for the first time, with what is behind it; empty: there is none. */
  #head: Readonly<Uint16Array> = NO_HEAD;
  #headLength = 0;
  #headReading: Reading | null = null;
  /** A time at which that reading holds. */
  #headHoldsAt = Number.NaN;

  constructor(options: { clock: Clock }) {
    this.#clock = options.clock;
  }

  /** Minutes east of UTC for dates that name no zone (option `logtimezone`); null for the system's zone. */
  get defaultZone(): number | null {
    return this.#defaultZone;
  }

  set defaultZone(minutes: number | null) {
    this.#defaultZone = minutes;
    this.#forgetReadings();
  }

  /**
   * Sets the templates by a value of the option `datepattern`, which may have several lines. If there are none
   * in it, the default ones are taken when the first line comes. On an error nothing changes.
   *
   * @throws {PyError} a `TypeError` for a percent sign that begins no token, a `ValueError` for a pattern that
   *   was given twice. An expression that cannot be compiled shows in {@link requireCompilable} and {@link find}.
   */
  setPattern(text: string): void {
    const choice = new TemplateChoice();
    for (const line of text.split("\n")) {
      const pattern = line.trim();
      if (pattern !== "") addPattern(choice, pattern);
    }
    this.#choice = choice;
    this.#forgetReadings();
  }

  /** @throws {PyError} a `ValueError` that names a pattern whose expression cannot be compiled, and why */
  requireCompilable(): void {
    const known = new Set(defaultTemplates());
    for (const { template } of this.#choice.entries) {
      const fault = known.has(template) ? null : faultOf(template);
      if (fault !== null) throw unusable(template, fault);
    }
  }

  /** The pattern in force, as `get <jail> datepattern` answers it. */
  get pattern(): PatternInfo {
    const { entries } = this.#choice;
    const first = entries[0];
    if (first === undefined || entries.length > 2) return { pattern: null, name: "Default Detectors" };
    return { pattern: first.template.pattern, name: first.template.name };
  }

  /** What was learned from the lines so far; another detector with the same pattern can go on from there. */
  get learned(): ChoiceState {
    return this.#choice.state;
  }

  set learned(state: ChoiceState) {
    if (this.#choice.entries.length === 0) this.#choice.addAll(defaultTemplates());
    this.#choice.state = state;
    this.#forgetReadings();
  }

  /** How often a date was found. */
  get uses(): number {
    return this.#choice.uses;
  }

  /** Forgets the uses since there were so many, because a line will be read again. */
  takeBackUses(uses: number): void {
    this.#choice.takeBackUses(uses);
  }

  /** The templates in the order in which they are tried now. */
  get templates(): TemplateStatus[] {
    return this.#choice.entries.map((entry) => ({
      name: entry.template.name,
      pattern: entry.template.pattern,
      regex: entry.template.regex,
      hits: entry.hits,
      weight: entry.weight,
      baseWeight: entry.template.weight,
    }));
  }

  /**
   * Finds the date of a line; null when there is nothing that looks like one.
   *
   * @param now the current time, if the caller has it at hand; default: what the clock says
   * @throws {PyRegexError} when the expression of a date pattern cannot be compiled
   */
  find(line: string, now: number = this.#clock.now()): FoundDate | null {
    const scanned = this.scan(line, now);
    if (scanned !== null) return scanned;
    this.#head = NO_HEAD;
    if (this.#choice.entries.length === 0) this.#choice.addAll(defaultTemplates());
    const match = this.#choice.choose(line, now);
    if (match === null) return null;
    const { template } = this.#choice.last!;
    const { dateStart, dateEnd } = match;
    const reading = dateStart === dateEnd ? null : this.#readMatch(template, line, match, now);
    return new FoundDate(line, dateStart, dateEnd, template, reading);
  }

  /**
   * Finds the date of a line if that takes no search with an expression, and so certainly little time; else `null`, and
   * {@link find} has to be asked.
   *
   * @param bytes what the line is a part of, if that is pure ASCII and at hand as bytes
   * @param from where it begins there
   */
  scan(line: string, now: number, bytes: Readonly<Uint8Array> | null = null, from = 0): FoundDate | null {
    const known = this.repeats(line, 0, line.length, now);
    if (known >= 0) {
      const { template } = this.#choice.last!;
      return new FoundDate(line, known, known + this.#headLength, template, this.#headReading);
    }
    const start = this.#choice.scanLast(line, now, bytes, from);
    if (start < 0) return null;
    const { end } = this.#choice;
    const { template } = this.#choice.last!;
    return new FoundDate(line, start, end, template, this.#readScanned(template, line, start, end, now));
  }

  /** Stands for the date that {@link repeats} compares with: another one for another date. */
  get repeated(): object {
    return this.#head;
  }

  /** Length of the date that {@link repeats} compares with. */
  get repeatedLength(): number {
    return this.#headLength;
  }

  /**
   * Whether a line has the date that {@link find} found last, at the place where it must be. Neighbours share their
   * dates, so it mostly does, and the date means the same.
   *
   * @param start where the line begins in a text
   * @param end where the line ends
   * @param bytes the text's, if the line is of pure ASCII and they are at hand
   * @returns where the date begins in the text; -1: {@link find} must be asked
   */
  repeats(
    text: string,
    start: number,
    end: number,
    now: number,
    bytes: Readonly<Uint8Array> | null = null,
  ): number {
    const head = this.#head;
    if (head.length === 0) return UNKNOWN;
    const isAtBegin = this.#choice.last!.template.place === "line";
    const at = isAtBegin ? start : behindBracket(text, start, end);
    if (at < 0) return UNKNOWN;
    // The seconds differ first, so they are looked at first.
    if (bytes === null) {
      for (let i = head.length - 1; i >= 0; i--) if (text.charCodeAt(at + i) !== head[i]) return UNKNOWN;
    } else {
      if (at + head.length > text.length) return UNKNOWN;
      for (let i = head.length - 1; i >= 0; i--) if (bytes[at + i] !== head[i]) return UNKNOWN;
    }
    if (now !== this.#headHoldsAt) {
      if (!holds(this.#headReading!, this.#zone.toWall(now))) return UNKNOWN;
      this.#headHoldsAt = now;
    }
    this.#choice.useLast(at - start + this.#headLength, now);
    return at;
  }

  /** The time of a line, for seeking in a file; null when there is none. */
  timeOf(line: string): { readonly epoch: number; readonly isInteger: boolean } | null {
    const found = this.find(line);
    return found === null || found.epoch === null ? null : { epoch: found.epoch, isInteger: found.isInteger };
  }

  #readScanned(template: DateTemplate, line: string, start: number, end: number, now: number): Reading {
    const scanner: DateScanner = template.scanner!;
    const nowWall = this.#zone.toWall(now);
    const zoneStart = scanner.zoneStart(line, start, end);
    const zone = zoneStart === end ? "" : line.slice(zoneStart, end);
    const key = scanner.key(line, start);
    const known = this.#readings.getScanned(scanner, key, zone, nowWall);
    if (known !== null) return known;
    const reading = readFields(
      scanner.fields(line, start, zone === "" ? null : zone),
      this.#context(now, nowWall),
    );
    this.#readings.keepScanned(scanner, key, zone, reading);
    // Where it depends on the rest of the line whether this is its date, that has to be looked at every time.
    this.#head = template.place === "only" ? NO_HEAD : headOf(line, start, end, reading);
    this.#headLength = end - start;
    this.#headReading = reading;
    this.#headHoldsAt = Number.NaN;
    return reading;
  }

  #forgetReadings(): void {
    this.#readings.clear();
    this.#head = NO_HEAD;
  }

  #readMatch(template: DateTemplate, line: string, match: DateMatch, now: number): Reading {
    const nowWall = this.#zone.toWall(now);
    if (!template.isContextFree) return template.read(match, this.#context(now, nowWall));
    const text = line.slice(match.start, match.end);
    const known = this.#readings.get(template, text, nowWall);
    if (known !== null) return known;
    const reading = template.read(match, this.#context(now, nowWall));
    this.#readings.keep(template, text, reading);
    return reading;
  }

  #context(now: number, nowWall: number): ReadContext {
    return { zone: this.#zone, now, nowWall, defaultZone: this.#defaultZone };
  }
}

const NO_HEAD = new Uint16Array(0);
const UNKNOWN = -1;

/** What the same date looks like in other lines, which are to go on the same way as far as a scanner looks. */
function headOf(line: string, start: number, end: number, reading: Reading): Uint16Array {
  const length = end - start + SCANNED_BEHIND;
  if (line.length < start + length || reading.epoch === null) return NO_HEAD;
  const head = new Uint16Array(length);
  for (let i = 0; i < length; i++) head[i] = line.charCodeAt(start + i);
  return head;
}

/** Adds the templates for one line of the option `datepattern`. */
function addPattern(choice: TemplateChoice, pattern: string): void {
  const word = pattern.includes("%") ? pattern : pattern.toUpperCase();
  const special = specialTemplate(pattern);
  if (word === "{DEFAULT}") return;
  if (word === "{^LN-BEG}") choice.addAll(defaultTemplates().filter(isLineBegin));
  else if (/\{DATE\}/.test(word)) choice.addAll(usableTemplates(embeddedTemplates(pattern)));
  else if (special !== null) addOne(choice, special);
  else if (word === "{NONE}") addOne(choice, patternTemplate("{UNB}^"));
  else if (embedsEpoch(pattern)) addOne(choice, embeddedEpochTemplate(pattern));
  else addOne(choice, patternTemplate(pattern));
}

function isLineBegin(template: DateTemplate): boolean {
  return /^(?:\^|\{\^LN-BEG\})/.test(template.name);
}

/** Without those that cannot be compiled: what stands round `{DATE}` may hold a token that some of them have. */
function usableTemplates(templates: readonly DateTemplate[]): readonly DateTemplate[] {
  const usable = templates.filter((template) => faultOf(template) === null);
  return usable.length > 0 ? usable : templates;
}

function faultOf(template: DateTemplate): PyRegexError | null {
  try {
    template.compile();
    return null;
  } catch (error) {
    if (error instanceof PyRegexError) return error;
    throw error;
  }
}

function unusable({ pattern, name, regex }: DateTemplate, fault: PyRegexError): PyError {
  const reason = `Unable to compile regular expression '${regex}': ${fault.message}`;
  return valueError(`Failed to set datepattern '${pattern ?? name}': ${reason}`);
}

function addOne(choice: TemplateChoice, template: DateTemplate): void {
  const { name } = template;
  if (!choice.add(template)) throw valueError(`There is already a template with name ${name}`);
}
