import type { Evidence } from "./captured.ts";
import type { DatedLine } from "./dated-line.ts";
import { type Failure, type FailureData, type MatchedLine, matchesOf } from "./failure.ts";
import type { SessionVerdict } from "./sessions.ts";
import type { Whom } from "./subject.ts";

/** What one failregex found in a line. */
export class Finding {
  /** Index of the failregex. */
  readonly regex: number;
  /** What the line means within its session; `failure` for lines outside of sessions. */
  readonly verdict: SessionVerdict;
  readonly #line: DatedLine;
  readonly #evidence: Evidence;
  readonly #whom: Whom | null;
  #data: FailureData | null = null;

  constructor(
    regex: number,
    verdict: SessionVerdict,
    whom: Whom | null,
    line: DatedLine,
    evidence: Evidence,
  ) {
    this.regex = regex;
    this.verdict = verdict;
    this.#whom = whom;
    this.#line = line;
    this.#evidence = evidence;
  }

  /** `null`: nobody. */
  get subject(): Failure["subject"] | null {
    return this.#whom === null ? null : this.#whom.subject;
  }

  /** Seconds since 1970 UTC; `null`: not known. */
  get time(): number | null {
    return this.#line.time;
  }

  get timeIsInteger(): boolean {
    return this.#line.isInteger;
  }

  /** Put together when it is first asked for; later lines do not change it. Until then the block of lines is held. */
  get data(): FailureData {
    if (this.#data === null) {
      this.#data = this.#evidence.data();
      const ip = this.#whom?.ip ?? null;
      if (ip !== null) this.#data["ip"] = ip;
    }
    return this.#data;
  }

  /** The matched lines of the data, oldest first: cheaper than all of it. */
  get matches(): readonly MatchedLine[] {
    return this.#data === null ? this.#evidence.lines : matchesOf(this.#data);
  }

  /** Whether somebody failed, it is known who, and when. */
  isFailure(): this is Failure {
    return this.verdict === "failure" && this.subject !== null && this.time !== null;
  }
}
