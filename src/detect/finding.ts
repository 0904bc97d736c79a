import type { Evidence } from "./captured.ts";
import type { DatedLine } from "./dated-line.ts";
import { type Failure, type FailureData, type MatchedLine, matchesOf } from "./failure.ts";
import type { SessionVerdict } from "./sessions.ts";
import { type Whom, whomOf } from "./subject.ts";
import type { UseDns } from "./tags.ts";

/** What one failregex found in a line. */
export class Finding {
  /** Index of the failregex. */
  readonly regex: number;
  /** What the line means within its session; `failure` for lines outside of sessions. */
  readonly verdict: SessionVerdict;
  readonly #line: DatedLine;
  readonly #evidence: Evidence;
  readonly #useDns: UseDns;
  /** `undefined`: not worked out yet. */
  #whom: Whom | null | undefined = undefined;
  #data: FailureData | null = null;

  constructor(regex: number, verdict: SessionVerdict, line: DatedLine, evidence: Evidence, useDns: UseDns) {
    this.regex = regex;
    this.verdict = verdict;
    this.#line = line;
    this.#evidence = evidence;
    this.#useDns = useDns;
  }

  /** `null`: nobody. */
  get subject(): Failure["subject"] | null {
    return this.#about?.subject ?? null;
  }

  /** It is about an identifier, not nobody or a name; which one need not be worked out to know that. */
  get hasIdentifier(): boolean {
    if (this.#evidence.isAddress) return true;
    const { subject } = this;
    return subject !== null && "id" in subject;
  }

  get #about(): Whom | null {
    if (this.#whom === undefined) this.#whom = whomOf(this.#evidence.identity, this.#useDns);
    return this.#whom;
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
      const ip = this.#about?.ip ?? null;
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
    return this.verdict === "failure" && this.time !== null && (this.hasIdentifier || this.subject !== null);
  }
}
