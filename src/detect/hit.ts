import type { PyMatch } from "../pyregex/compile.ts";
import { ownText } from "../pyvalue/own-text.ts";
import type { Captured, Evidence, MeaningfulGroup } from "./captured.ts";
import type { DatedLine } from "./dated-line.ts";
import type { Expression } from "./expression.ts";
import type { FailureData, FailureValue } from "./failure.ts";
import type { LineParts } from "./line-buffer.ts";

/** A match of the prefregex, from which failregexes take over what it captured. */
export class PrefixMatch {
  readonly expression: Expression;
  readonly match: PyMatch;

  constructor(expression: Expression, match: PyMatch) {
    this.expression = expression;
    this.match = match;
  }
}

/**
 * A failregex that matched, with what it captured. Thousands may be held until a block of lines has been read, so
 * only what is always asked for is kept; for the rest the expressions are tried again on the same text.
 */
export class Hit implements Captured, Evidence {
  /** Index of the failregex. */
  readonly regex: number;
  readonly mlfid: FailureValue;
  readonly nofail: FailureValue;
  readonly mlfgained: FailureValue;
  readonly mlfforget: FailureValue;
  readonly user: FailureValue;
  readonly fid: FailureValue;
  readonly ip4: FailureValue;
  readonly ip6: FailureValue;
  readonly dns: FailureValue;
  readonly cidr: FailureValue;
  readonly #expression: Expression;
  readonly #text: string;
  readonly #prefix: Expression | null;
  readonly #prefixText: string;
  readonly #line: DatedLine;
  #lines: readonly LineParts[] | null;

  /**
   * @param regex index of the failregex
   * @param found the failregex, its match, and the text it was found in
   * @param prefix the match of the prefregex, and the text it was found in
   * @param line the line at work; it is detached from the block it came from
   * @param lines the lines that took part, if these are not just the line at work
   */
  constructor(
    regex: number,
    expression: Expression,
    match: PyMatch,
    text: string,
    prefix: PrefixMatch | null,
    prefixText: string,
    line: DatedLine,
    lines: readonly LineParts[] | null,
  ) {
    this.regex = regex;
    this.mlfid = capturedBy(expression, match, prefix, "mlfid");
    this.nofail = capturedBy(expression, match, prefix, "nofail");
    this.mlfgained = capturedBy(expression, match, prefix, "mlfgained");
    this.mlfforget = capturedBy(expression, match, prefix, "mlfforget");
    this.user = capturedBy(expression, match, prefix, "user");
    this.fid = capturedBy(expression, match, prefix, "fid");
    this.ip4 = capturedBy(expression, match, prefix, "ip4");
    this.ip6 = capturedBy(expression, match, prefix, "ip6");
    this.dns = capturedBy(expression, match, prefix, "dns");
    this.cidr = capturedBy(expression, match, prefix, "cidr");
    this.#expression = expression;
    this.#text = text;
    this.#prefix = prefix === null ? null : prefix.expression;
    this.#prefixText = prefixText;
    line.detach();
    this.#line = line;
    this.#lines = lines === null ? null : lines.map(ownLine);
  }

  groups(): FailureData {
    const match = this.#expression.search(this.#text)!;
    if (this.#prefix === null) return this.#expression.groups(match);
    const inherited = this.#prefix.groupsBesideContent(this.#prefix.search(this.#prefixText)!);
    return this.#expression.groups(match, inherited);
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

/** The value of a group, from the prefregex where the failregex captured nothing. */
function capturedBy(
  expression: Expression,
  match: PyMatch,
  prefix: PrefixMatch | null,
  group: MeaningfulGroup,
): FailureValue {
  const value = expression.value(match, group);
  return value !== null || prefix === null ? value : prefix.expression.value(prefix.match, group);
}

function ownLine([before, date, after]: LineParts): LineParts {
  const own = ownText(before + date + after);
  const end = before.length + date.length;
  return [own.slice(0, before.length), own.slice(before.length, end), own.slice(end)];
}
