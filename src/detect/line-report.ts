import type { DatedLine } from "./dated-line.ts";
import type { FailureData } from "./failure.ts";
import type { Finding } from "./finding.ts";
import type { LineOutcome } from "./outcome.ts";

/** Everything that a filter has to say of a line. */
export class LineReport {
  readonly findings: readonly Finding[];
  readonly #outcome: LineOutcome;

  constructor(outcome: LineOutcome, findings: readonly Finding[]) {
    this.#outcome = outcome;
    this.findings = findings;
  }

  /** What the prefregex captured; `null`: no prefregex, or no match. */
  get prefGroups(): FailureData | null {
    return this.#outcome.prefGroups;
  }

  /** The ignoreregexes that matched, each with the lines it matched. */
  get ignored(): LineOutcome["ignored"] {
    return this.#outcome.ignored;
  }

  get line(): DatedLine {
    return this.#outcome.line;
  }
}
