import { compile, type PyMatch, type PyRegex } from "../pyregex/compile.ts";
import { type ReadContext, type Reading, readFields } from "./date-fields.ts";
import type { DatePlace } from "./date-place.ts";
import type { DateScanner } from "./date-scan.ts";
import type { Feature } from "./line-features.ts";
import { tokenFields } from "./token-fields.ts";

/** A place in a line that looks like a date. */
export interface DateMatch {
  /** The whole match, which decides about the choice of the template. */
  readonly start: number;
  readonly end: number;
  /** The part that is cut out. */
  readonly dateStart: number;
  readonly dateEnd: number;
  readonly groups: PyMatch;
}

/** What a template is made of. */
export interface TemplateParts {
  /** As displayed. */
  readonly name: string;
  /** The pattern as it was given; null for epoch and TAI64N. */
  readonly pattern: string | null;
  /** Expression of Python's dialect. Group 1 is the date part. */
  readonly regex: string;
  readonly weight?: number;
  /** Matches at the begin or the end of a line only. */
  readonly anchored: boolean;
  /** The date part is all that the match consumes, except in front of it. */
  readonly wrapped: boolean;
  /** Makes a time of the groups; default: by the named groups of the `%` tokens. */
  readonly read?: (match: PyMatch, context: ReadContext) => Reading;
  readonly scanner?: DateScanner | null;
  /** Where the scanner looks; default: at the begin of the line. */
  readonly place?: DatePlace;
  /** What a line must have so that the expression can match; default: nothing in particular. */
  readonly needs?: Feature | null;
}

/** One form of dates. Templates do not change and may be shared. */
export class DateTemplate {
  readonly name: string;
  readonly pattern: string | null;
  readonly regex: string;
  /** 1, or more for templates to be preferred. */
  readonly weight: number;
  readonly anchored: boolean;
  /** Whether equal texts of a match always have equal readings (at one time), so that readings can be kept. */
  readonly isContextFree: boolean;
  /** Recognises the plainest form of the date without running the expression. */
  readonly scanner: DateScanner | null;
  /** Where it does so. */
  readonly place: DatePlace;
  /** What a line must have so that the expression can match. */
  readonly needs: Feature | null;
  readonly #wrapped: boolean;
  readonly #read: (match: PyMatch, context: ReadContext) => Reading;
  #compiled: PyRegex | null = null;

  constructor(parts: TemplateParts) {
    this.name = parts.name;
    this.pattern = parts.pattern;
    this.regex = parts.regex;
    this.weight = parts.weight ?? 1;
    this.anchored = parts.anchored;
    this.scanner = parts.scanner ?? null;
    this.place = parts.place ?? "line";
    this.needs = parts.needs ?? null;
    this.isContextFree = !/\(\?<?[=!](?!\\B\\w\))/.test(parts.regex);
    this.#wrapped = parts.wrapped;
    this.#read = parts.read ?? ((match, context) => readFields(tokenFields(match.groupDict()), context));
  }

  /** @throws {PyRegexError} when the expression cannot be compiled; else it is found out with the first search */
  compile(): void {
    this.#compiled ??= compile(this.regex);
  }

  /**
   * Searches a line from `from` on; the text from `to` on is not there.
   *
   * @throws {PyRegexError} when the expression cannot be compiled
   */
  search(line: string, from = 0, to = line.length): DateMatch | null {
    this.compile();
    const groups = this.#compiled!.search(line, from, to);
    if (groups === null) return null;
    const { start, end } = groups;
    if (!this.#wrapped) {
      const [dateStart, dateEnd] = groups.span(1);
      // A group that took no part stands for an empty date.
      const isUnset = dateStart < 0;
      return {
        start,
        end,
        dateStart: isUnset ? start : dateStart,
        dateEnd: isUnset ? start : dateEnd,
        groups,
      };
    }
    const length = groups.group(1)?.length ?? 0;
    return { start, end, dateStart: end - length, dateEnd: end, groups };
  }

  /** Makes a time of a match. */
  read(match: DateMatch, context: ReadContext): Reading {
    return this.#read(match.groups, context);
  }
}
