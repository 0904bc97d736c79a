/**
 * A pattern that is no valid Python regular expression, or one that is refused.
 *
 * The message reads as Python's own: `unterminated character set at position 3`, with line and column added
 * when the pattern has several lines.
 */
export class PyRegexError extends Error {
  /** What is wrong, without the position. */
  readonly reason: string;
  readonly pattern: string;
  /** Where, in characters (code points) from the start of the pattern; `null` when Python names no place. */
  readonly position: number | null;

  constructor(reason: string, pattern: string, position: number | null = null) {
    super(
      position === null ? reason : `${reason} at position ${position}${lineAndColumn(pattern, position)}`,
    );
    this.name = "PyRegexError";
    this.reason = reason;
    this.pattern = pattern;
    this.position = position;
  }
}

/** Matching one text took more steps than allowed; thrown by `search` and its siblings. */
export class PyRegexBudgetError extends Error {
  readonly pattern: string;
  readonly steps: number;

  constructor(pattern: string, steps: number) {
    super(`matching took more than ${steps} steps, expression: ${pattern}`);
    this.name = "PyRegexBudgetError";
    this.pattern = pattern;
    this.steps = steps;
  }
}

function lineAndColumn(pattern: string, position: number): string {
  if (!pattern.includes("\n")) return "";
  const before = [...pattern].slice(0, position);
  const line = before.filter((c) => c === "\n").length + 1;
  const column = position - before.lastIndexOf("\n");
  return ` (line ${line}, column ${column})`;
}
