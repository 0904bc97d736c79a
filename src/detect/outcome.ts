import type { DatedLine } from "./dated-line.ts";
import type { FailureData } from "./failure.ts";
import type { Hit } from "./hit.ts";
import type { LineParts } from "./line-buffer.ts";

/** An ignoreregex that matched. */
export interface Ignored {
  /** Its index. */
  readonly regex: number;
  readonly lines: readonly LineParts[];
}

/** What the expressions say of a line. */
export interface LineOutcome {
  readonly line: DatedLine;
  /** What the prefregex captured, if it was asked for. */
  readonly prefGroups: FailureData | null;
  readonly hits: readonly Hit[];
  /** The hit, if it is the only one; else `null`. */
  readonly onlyHit: Hit | null;
  /** The ignoreregexes that matched, and the lines that are ignored because of them. */
  readonly ignored: readonly Ignored[];
  /** A failregex matched, whether or not that counts. */
  readonly matched: boolean;
}

export const NO_HITS: Hit[] = [];
export const NONE_IGNORED: Ignored[] = [];

/** The outcome that most lines of interest have, in little memory. */
export class SingleHit implements LineOutcome {
  readonly onlyHit: Hit;

  constructor(hit: Hit) {
    this.onlyHit = hit;
  }

  get line(): DatedLine {
    return this.onlyHit.line;
  }

  get prefGroups(): null {
    return null;
  }

  get hits(): readonly Hit[] {
    return [this.onlyHit];
  }

  get ignored(): readonly Ignored[] {
    return NONE_IGNORED;
  }

  get matched(): true {
    return true;
  }
}

/** The outcome of a line in which several failregexes match, and nothing else is to be said. */
export class SeveralHits implements LineOutcome {
  readonly hits: readonly Hit[];

  /** @param hits of one line */
  constructor(hits: readonly Hit[]) {
    this.hits = hits;
  }

  get line(): DatedLine {
    return this.hits[0]!.line;
  }

  get prefGroups(): null {
    return null;
  }

  get onlyHit(): null {
    return null;
  }

  get ignored(): readonly Ignored[] {
    return NONE_IGNORED;
  }

  get matched(): true {
    return true;
  }
}
