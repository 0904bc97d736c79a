/** What a line must hold so that certain dates can be in it. */
export type Feature =
  /** Digits around a colon. */
  | "clock"
  /** Eight digits in a row. */
  | "number"
  /** The sign that begins a TAI64N label. */
  | "label";

const NOT_ASCII = /[^\x00-\x7f]/;

/**
 * Cheap questions about one line, each answered at most once. They spare trying the expressions of templates
 * that cannot match. Digits of other scripts count as well, so lines that are not ASCII have all features.
 */
export class LineFeatures {
  readonly #line: string;
  #clock: boolean | undefined;
  #number: boolean | undefined;
  #label: boolean | undefined;

  constructor(line: string) {
    this.#line = line;
  }

  /** Whether the line may have the feature. */
  has(feature: Feature): boolean {
    if (feature === "clock") {
      this.#clock ??= /\d:\d/.test(this.#line) || NOT_ASCII.test(this.#line);
      return this.#clock;
    }
    if (feature === "number") {
      this.#number ??= /\d{8}/.test(this.#line) || NOT_ASCII.test(this.#line);
      return this.#number;
    }
    this.#label ??= this.#line.includes("@");
    return this.#label;
  }
}
