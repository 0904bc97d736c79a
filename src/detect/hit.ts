import type { PyMatch } from "../pyregex/compile.ts";
import type { Captured, Evidence, MeaningfulGroup } from "./captured.ts";
import type { DatedLine } from "./dated-line.ts";
import type { Expression } from "./expression.ts";
import type { FailureData, FailureValue } from "./failure.ts";
import type { LineParts } from "./line-buffer.ts";
import { ownText } from "./own-text.ts";

/** A match of the prefregex, from which failregexes take over what it captured. */
export interface PrefixMatch {
  readonly expression: Expression;
  readonly match: PyMatch;
}

/** A failregex that matched, with what it captured. */
export class Hit implements Captured, Evidence {
  /** Index of the failregex. */
  readonly regex: number;
  readonly #expression: Expression;
  readonly #match: PyMatch;
  readonly #prefix: PrefixMatch | null;
  readonly #line: DatedLine;
  #lines: readonly LineParts[] | null;

  /**
   * @param line the line at work; it is detached from the block it came from
   * @param lines the lines that took part, if these are not just the line at work
   */
  constructor(
    regex: number,
    expression: Expression,
    match: PyMatch,
    prefix: PrefixMatch | null,
    line: DatedLine,
    lines: readonly LineParts[] | null,
  ) {
    this.regex = regex;
    this.#expression = expression;
    this.#match = match;
    this.#prefix = prefix;
    line.detach();
    this.#line = line;
    this.#lines = lines === null ? null : lines.map(ownLine);
  }

  value(group: MeaningfulGroup): FailureValue {
    const value = this.#expression.value(this.#match, group);
    if (value !== null || this.#prefix === null) return value;
    return this.#prefix.expression.value(this.#prefix.match, group);
  }

  groups(): FailureData {
    if (this.#prefix === null) return this.#expression.groups(this.#match);
    const inherited = this.#prefix.expression.groupsBesideContent(this.#prefix.match);
    return this.#expression.groups(this.#match, inherited);
  }

  get lines(): readonly LineParts[] {
    this.#lines ??= [this.#line.parts];
    return this.#lines;
  }

  data(): FailureData {
    const data = this.groups();
    data["matches"] = this.lines;
    return data;
  }
}

function ownLine([before, date, after]: LineParts): LineParts {
  const own = ownText(before + date + after);
  const end = before.length + date.length;
  return [own.slice(0, before.length), own.slice(before.length, end), own.slice(end)];
}
