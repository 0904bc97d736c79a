import type { Clock } from "../time/clock.ts";
import type { FailureData, MatchedLine } from "./failure.ts";

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
  /** Everything captured so far; a copy that later lines do not change. */
  readonly data: FailureData;
}

/**
 * Puts together the lines of one connection (`<F-MLFID>`): the address may stand in one, the user in another,
 * the failure in a third.
 */
export class Sessions {
  readonly #clock: Clock;
  readonly #entries = new Map<string, { data: FailureData; until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Takes a matched line.
   *
   * @param id value of the group `mlfid`
   * @param groups what the line's expressions captured, without groups that took no part
   * @param lines the matched line (or lines) as kept for reports
   */
  follow(id: string, groups: FailureData, lines: readonly MatchedLine[]): SessionResult {
    const gained = isSet(groups["mlfgained"]);
    const forget = isSet(groups["mlfforget"]);
    let noFail = gained || isSet(groups["nofail"]);
    const fresh: FailureData = { ...groups };
    delete fresh["mlfforget"];
    if (gained && !isSet(fresh["nofail"])) fresh["nofail"] = fresh["mlfgained"]!;

    const known = this.#find(id);
    const data = known ? merge(known, fresh, gained) : begin(fresh, forget);
    if (forget) this.#entries.delete(id);
    else if (!known) this.#store(id, data);

    const users = data["users"];
    const wasPending = "mlfpending" in data;
    delete data["mlfpending"];
    if (wasPending || (users instanceof Set && users.size > 1)) {
      delete data["nofail"];
      delete data["mlfgained"];
      noFail = false;
    }
    keepLines(data, lines, noFail, forget);
    if (isSet(data["nofail"])) return { verdict: "nofail", data: snapshot(data) };
    if (!ID_GROUPS.some((group) => isSet(data[group]))) {
      data["mlfpending"] = "1";
      return { verdict: "pending", data: snapshot(data) };
    }
    return { verdict: "failure", data: snapshot(data) };
  }

  #find(id: string): FailureData | undefined {
    const entry = this.#entries.get(id);
    if (!entry) return undefined;
    if (this.#isAlive(entry)) return entry.data;
    this.#entries.delete(id);
    return undefined;
  }

  #store(id: string, data: FailureData): void {
    if (this.#entries.size >= MOST_SESSIONS) this.#makeRoom();
    this.#entries.set(id, { data, until: this.#clock.now() + SESSION_SECONDS });
  }

  #makeRoom(): void {
    for (const [id, entry] of this.#entries) {
      this.#entries.delete(id);
      if (this.#isAlive(entry) && this.#entries.size < MOST_SESSIONS) return;
    }
  }

  /** A clock that was set back must not make an entry live longer than it should. */
  #isAlive(entry: { until: number }): boolean {
    const left = entry.until - this.#clock.now();
    return left > 0 && left <= SESSION_SECONDS;
  }
}

const MOST_SESSIONS = 100;
const SESSION_SECONDS = 300;
/** What is kept of one session is bounded, so that a client that talks on and on costs no more than others. */
const MOST_LINES = 200;
const MOST_USERS = 100;

/** Groups that can say whom a failure is about. */
export const ID_GROUPS = ["fid", "ip4", "ip6", "dns"] as const;

/** Keys that are of no use outside of the session. */
const INTERNAL = ["nofail-matches", "mlfpending"] as const;

function isSet(value: FailureData[string] | undefined): boolean {
  return value !== undefined && value !== null && value !== "";
}

function begin(fresh: FailureData, forget: boolean): FailureData {
  if (!forget) addUser(fresh, fresh["user"]);
  return fresh;
}

function merge(entry: FailureData, fresh: FailureData, gained: boolean): FailureData {
  addUser(entry, fresh["user"]);
  const wasNoFail = isSet(entry["nofail"]) || isSet(entry["mlfgained"]);
  delete entry["nofail"];
  delete entry["mlfgained"];
  if (gained) delete entry["mlfpending"];
  // What was not held back has been reported with the failure before.
  if (!wasNoFail && !("mlfpending" in entry)) delete entry["matches"];
  return Object.assign(entry, fresh);
}

function addUser(data: FailureData, user: FailureData[string] | undefined): void {
  if (typeof user !== "string" || user === "") return;
  const users = data["users"];
  if (!(users instanceof Set)) data["users"] = new Set([user]);
  else if (users.size < MOST_USERS) users.add(user);
}

function keepLines(data: FailureData, lines: readonly MatchedLine[], noFail: boolean, forget: boolean): void {
  const held = (data["nofail-matches"] as readonly MatchedLine[] | undefined) ?? [];
  if (!noFail) {
    const before = (data["matches"] as readonly MatchedLine[] | undefined) ?? [];
    delete data["nofail-matches"];
    data["matches"] = [...held, ...before, ...lines].slice(-MOST_LINES);
  } else if (!forget) {
    data["nofail-matches"] = [...held, ...lines].slice(-MOST_LINES);
  }
}

function snapshot(data: FailureData): FailureData {
  const copy: FailureData = { ...data };
  for (const key of INTERNAL) delete copy[key];
  if (copy["users"] instanceof Set) copy["users"] = new Set(copy["users"]);
  return copy;
}
