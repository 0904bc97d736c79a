import type { Reading } from "./date-fields.ts";
import type { DateScanner } from "./date-scan.ts";
import type { DateTemplate } from "./template.ts";

/** How many texts are kept for each template. */
const MOST_TEXTS = 256;

/**
 * Remembers what dates mean, as the lines of a log share their dates with their neighbours. Readings in which
 * the year or the day was assumed are only given back while that holds.
 */
export class ReadingCache {
  readonly #byTemplate = new Map<DateTemplate, Map<string, Reading>>();
  // The last date that a scanner found: one is enough, as reading it again is cheap.
  #scanner: DateScanner | null = null;
  #key = 0;
  #zone = "";
  #scanned: Reading | null = null;

  /** Forgets everything. */
  clear(): void {
    this.#byTemplate.clear();
    this.#scanned = null;
  }

  /** The reading of a text that a template matched. `nowWall` is the current time in wall seconds. */
  get(template: DateTemplate, text: string, nowWall: number): Reading | null {
    const reading = this.#byTemplate.get(template)?.get(text);
    return reading !== undefined && holds(reading, nowWall) ? reading : null;
  }

  keep(template: DateTemplate, text: string, reading: Reading): void {
    const texts = this.#byTemplate.get(template);
    if (texts === undefined) {
      this.#byTemplate.set(template, new Map([[text, reading]]));
      return;
    }
    if (texts.size >= MOST_TEXTS) texts.clear();
    texts.set(text, reading);
  }

  /** The reading of a date that a scanner found, if it is the same as the last one. */
  getScanned(scanner: DateScanner, key: number, zone: string, nowWall: number): Reading | null {
    const reading = this.#scanned;
    if (reading === null || key !== this.#key || scanner !== this.#scanner || zone !== this.#zone)
      return null;
    return holds(reading, nowWall) ? reading : null;
  }

  /** Keeps the reading of the date with this key and zone. */
  keepScanned(scanner: DateScanner, key: number, zone: string, reading: Reading): void {
    this.#scanner = scanner;
    this.#key = key;
    this.#zone = zone;
    this.#scanned = reading;
  }
}

/** Whether what was assumed in a reading still holds at this time, in wall seconds. */
export function holds(reading: Reading, nowWall: number): boolean {
  return nowWall >= reading.from && nowWall < reading.until;
}
