import type { Clock } from "../time/clock.ts";
import type { FailureData, FailureValue, MatchedLine } from "./failure.ts";

/** What a line says of the connection it belongs to. */
export type SessionVerdict =
  /** Somebody failed. */
  | "failure"
  /** The line alone is no failure. */
  | "nofail"
  /** A failure, but nobody knows yet whose. */
  | "pending";

/** What is known of a connection after a line. */
export interface SessionResult {
  readonly verdict: SessionVerdict;
  /** Everything captured so far. For failures a copy that later lines do not change. */
  readonly data: FailureData;
}

/**
 * Puts together the lines of one connection (`<F-MLFID>`): the address may stand in one, the user in another,
 * the failure in a third.
 */
export class Sessions {
  readonly #clock: Clock;
  readonly #sessions = new Map<string, Session>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Takes a matched line.
   *
   * @param id value of the group `mlfid`
   * @param groups what the line's expressions captured
   * @param lines the matched line (or lines) as kept for reports
   */
  follow(id: string, groups: FailureData, lines: readonly MatchedLine[]): SessionResult {
    const signs = signsOf(groups);
    const known = this.#find(id);
    const session = known ?? new Session(this.#clock.now() + SESSION_SECONDS);
    if (signs.forget) this.#sessions.delete(id);
    else if (!known) this.#store(id, session);
    return session.take(withoutSigns(groups), signs, lines, known !== undefined);
  }

  #find(id: string): Session | undefined {
    const session = this.#sessions.get(id);
    if (!session) return undefined;
    if (this.#isAlive(session)) return session;
    this.#sessions.delete(id);
    return undefined;
  }

  #store(id: string, session: Session): void {
    if (this.#sessions.size >= MOST_SESSIONS) this.#makeRoom();
    this.#sessions.set(id, session);
  }

  #makeRoom(): void {
    for (const [id, session] of this.#sessions) {
      this.#sessions.delete(id);
      if (this.#isAlive(session) && this.#sessions.size < MOST_SESSIONS) return;
    }
  }

  /** A clock that was set back must not make a session live longer than it should. */
  #isAlive(session: Session): boolean {
    const left = session.until - this.#clock.now();
    return left > 0 && left <= SESSION_SECONDS;
  }
}

const MOST_SESSIONS = 100;
const SESSION_SECONDS = 300;
/** What is kept of one session is bounded, so that a client that talks on and on costs no more than others. */
const MOST_LINES = 200;
const MOST_USERS = 100;

/** Groups that say what a line means for its session. */
interface Signs {
  /** The line alone is no failure. */
  readonly noFail: boolean;
  /** Access was granted: earlier failures of which nobody knows the culprit are forgiven. */
  readonly gained: boolean;
  /** The connection ends. */
  readonly forget: boolean;
}

function signsOf(groups: FailureData): Signs {
  const gained = isSet(groups["mlfgained"]);
  return { gained, noFail: gained || isSet(groups["nofail"]), forget: isSet(groups["mlfforget"]) };
}

/** The groups that took part, without the signs. */
function withoutSigns(groups: FailureData): FailureData {
  const rest: FailureData = {};
  for (const name in groups) {
    const value = groups[name]!;
    if (value !== null && name !== "nofail" && name !== "mlfgained" && name !== "mlfforget")
      rest[name] = value;
  }
  return rest;
}

const NO_LINES: readonly MatchedLine[] = [];

/** One connection. */
class Session {
  /** End of its life, seconds since 1970 UTC. */
  readonly until: number;
  #data: FailureData = {};
  /** Those named so far; a set of them is made for reports only. */
  #users: string[] = [];
  /** The last line was no failure. */
  #isNoFail = false;
  /** Somebody failed, but nobody knows yet who. */
  #isPending = false;
  /** Lines of failures that have not been reported. */
  #lines = NO_LINES;
  /** Lines that are no failures, for the report of one that follows. */
  #held = NO_LINES;

  constructor(until: number) {
    this.until = until;
  }

  take(groups: FailureData, signs: Signs, lines: readonly MatchedLine[], isKnown: boolean): SessionResult {
    if (isKnown) this.#continue(groups, signs);
    else this.#begin(groups, signs);
    let { noFail } = signs;
    if (this.#isPending || this.#users.length > 1) {
      this.#isNoFail = false;
      noFail = false;
    }
    this.#isPending = false;
    this.#keep(lines, noFail, signs.forget);
    if (this.#isNoFail) return { verdict: "nofail", data: this.#data };
    if (!ID_GROUPS.some((name) => isSet(this.#data[name]))) {
      this.#isPending = true;
      return { verdict: "pending", data: this.#data };
    }
    return { verdict: "failure", data: this.#report() };
  }

  #begin(groups: FailureData, signs: Signs): void {
    this.#data = groups;
    this.#isNoFail = signs.noFail;
    if (!signs.forget) this.#addUser(groups["user"]);
  }

  #continue(groups: FailureData, signs: Signs): void {
    this.#addUser(groups["user"]);
    if (signs.gained) this.#isPending = false;
    // What was not held back has been reported with the failure before.
    if (!this.#isNoFail && !this.#isPending) this.#lines = NO_LINES;
    this.#isNoFail = signs.noFail;
    Object.assign(this.#data, groups);
  }

  #addUser(user: FailureValue | undefined): void {
    if (typeof user !== "string" || user === "") return;
    // The place of `users` among the data is where the first one came up.
    if (this.#users.length === 0) this.#data["users"] = null;
    if (this.#users.length < MOST_USERS && !this.#users.includes(user)) this.#users.push(user);
  }

  #keep(lines: readonly MatchedLine[], noFail: boolean, forget: boolean): void {
    if (!noFail) {
      this.#lines = joined(joined(this.#held, this.#lines), lines);
      this.#held = NO_LINES;
    } else if (!forget) {
      this.#held = joined(this.#held, lines);
    }
  }

  #report(): FailureData {
    const data: FailureData = { ...this.#data, matches: this.#lines };
    if (this.#users.length > 0) data["users"] = new Set(this.#users);
    return data;
  }
}

function joined(first: readonly MatchedLine[], second: readonly MatchedLine[]): readonly MatchedLine[] {
  if (first.length === 0) return second;
  return second.length === 0 ? first : [...first, ...second].slice(-MOST_LINES);
}

/** Groups that can say whom a failure is about. */
const ID_GROUPS = ["fid", "ip4", "ip6", "dns"] as const;

function isSet(value: FailureValue | undefined): boolean {
  return value !== undefined && value !== null && value !== "";
}
