import {
  type Captured,
  type Evidence,
  type Identity,
  isKnown,
  joinedIdentity,
  type Signs,
} from "./captured.ts";
import type { FailureData, FailureValue, MatchedLine } from "./failure.ts";
import { type Keyed, RecentMap } from "./recent-map.ts";

/** What a line says of the connection it belongs to. */
export type SessionVerdict =
  /** Somebody failed. */
  | "failure"
  /** The line alone is no failure. */
  | "nofail"
  /** A failure, but nobody knows yet whose. */
  | "pending";

/** What is known of a connection after a line; later lines do not change it. */
export interface SessionResult extends Evidence {
  readonly verdict: SessionVerdict;
}

/**
 * Puts together the lines of one connection (`<F-MLFID>`): the address may stand in one, the user in another,
 * the failure in a third.
 */
export class Sessions {
  readonly #sessions = new RecentMap<Session>(MOST_SESSIONS);
  #birth: Birth = { time: Number.NaN };

  /**
   * Takes a matched line.
   *
   * @param id the session it belongs to
   * @param captured what the line's expressions captured
   * @param now current time, seconds since 1970 UTC
   */
  follow(id: Keyed, captured: Captured, now: number): SessionResult {
    // Thousands of lines are read in the same moment.
    if (this.#birth.time !== now) this.#birth = { time: now };
    const known = this.#find(id);
    const session = known ?? new Session(id, this.#birth, captured);
    if (captured.signs.forget) this.#sessions.delete(id);
    else if (!known) this.#store(session);
    return session.take(captured, known !== undefined);
  }

  /** Lets go of the block of lines that sessions were made from. */
  detach(): void {
    this.#sessions.each((session) => session.detach());
  }

  #find(id: Keyed): Session | undefined {
    const session = this.#sessions.get(id);
    if (!session) return undefined;
    if (this.#isAlive(session)) return session;
    this.#sessions.delete(id);
    return undefined;
  }

  #store(session: Session): void {
    if (this.#sessions.isFull) this.#makeRoom();
    this.#sessions.add(session);
  }

  /** Forgets the oldest session, and those before it whose time was over. */
  #makeRoom(): void {
    for (let oldest = this.#sessions.takeOldest(); oldest !== null; oldest = this.#sessions.takeOldest()) {
      if (this.#isAlive(oldest)) return;
    }
  }

  #isAlive({ birth }: Session): boolean {
    if (birth === this.#birth) return true;
    // A clock that was set back must not make a session live longer than it should.
    const age = this.#birth.time - birth.time;
    return age >= 0 && age < SESSION_SECONDS;
  }
}

/** A moment in which sessions began, seconds since 1970 UTC. */
interface Birth {
  readonly time: number;
}

const MOST_SESSIONS = 100;
const SESSION_SECONDS = 300;
/** What is kept of one session is bounded, so that a client that talks on and on costs no more than others. */
const MOST_LINES = 200;
const MOST_USERS = 100;
/** Lines after which what they captured is put together. */
const MOST_LAYERS = 16;

const NO_LINES: readonly Captured[] = [];
/** The users of a story that none was named in; it gets a list of its own with the first. */
const NO_USERS: string[] = [];

/** One connection. */
class Session implements Keyed {
  readonly #id: Keyed;
  readonly hash: number;
  readonly birth: Birth;
  /** Whom it is from, as far as is known; `null`: what the first line says. */
  #identity: Identity | null = null;
  readonly #first: Captured;
  /** What the lines captured; `null` as long as there is only the first. */
  #story: Story | null = null;
  /** The last line was no failure. */
  #isNoFail = false;
  /** Somebody failed, but nobody knows yet who. */
  #isPending = false;
  /** Lines of failures that have not been reported. */
  #lines = NO_LINES;
  /** Lines that are no failures, for the report of one that follows. */
  #held = NO_LINES;

  /** Lines were taken since {@link detach}. */
  #isAttached = false;

  constructor(id: Keyed, birth: Birth, first: Captured) {
    this.#id = id;
    this.hash = id.hash;
    this.birth = birth;
    this.#first = first;
  }

  get key(): string {
    return this.#id.key;
  }

  detach(): void {
    if (!this.#isAttached) return;
    this.#isAttached = false;
    this.#first.detach();
    for (const line of this.#story?.layers ?? NO_LINES) line.detach();
    for (const line of this.#lines) line.detach();
    for (const line of this.#held) line.detach();
  }

  take(captured: Captured, isFollowing: boolean): SessionResult {
    const { signs } = captured;
    this.#isAttached = true;
    if (isFollowing) this.#continue(captured, signs);
    else this.#isNoFail = signs.noFail;
    let { noFail } = signs;
    if (this.#isPending || (this.#story !== null && this.#story.users.length > 1)) {
      this.#isNoFail = false;
      noFail = false;
    }
    this.#isPending = false;
    this.#keep(captured, noFail, signs.forget);
    if (this.#isNoFail) return this.#result("nofail", null);
    if (this.#isKnown) return this.#result("failure", this.#lines);
    this.#isPending = true;
    return this.#result("pending", null);
  }

  #result(verdict: SessionVerdict, lines: readonly Captured[] | null): SessionResult {
    return this.#story === null
      ? new FirstResult(verdict, this.#first)
      : new Snapshot(verdict, this.#identity ?? this.#first.identity, this.#story, lines);
  }

  get #isKnown(): boolean {
    if (this.#identity !== null) return isKnown(this.#identity);
    return this.#first.isAddress || isKnown(this.#first.identity);
  }

  #continue(captured: Captured, signs: Signs): void {
    this.#identity = joinedIdentity(this.#identity ?? this.#first.identity, captured.identity);
    this.#story ??= Story.of(this.#first);
    this.#story.addUser(captured.user);
    if (signs.gained) this.#isPending = false;
    // What was not held back has been reported with the failure before.
    if (!this.#isNoFail && !this.#isPending) this.#lines = NO_LINES;
    this.#isNoFail = signs.noFail;
    if (this.#story.layers.length >= MOST_LAYERS) this.#story = this.#story.shortened();
    this.#story.layers.push(captured);
  }

  #keep(captured: Captured, noFail: boolean, forget: boolean): void {
    if (!noFail) {
      this.#lines = joined(joined(this.#held, this.#lines), captured);
      this.#held = NO_LINES;
    } else if (!forget) {
      this.#held = joined(this.#held, captured);
    }
  }
}

/** What the lines of a session captured, one over the other. Nothing that was told is ever changed. */
class Story {
  /** What the lines before the layers captured. */
  readonly #begin: FailureData | null;
  readonly layers: Captured[];
  /** Those named so far; a set of them is made for reports only. */
  users: string[];
  /** The layer before which the place of `users` among the data is. */
  #usersAt = -1;

  constructor(begin: FailureData | null, layers: Captured[], users: string[]) {
    this.#begin = begin;
    this.layers = layers;
    this.users = users;
  }

  /** A story that begins with its first line. */
  static of(first: Captured): Story {
    const story = new Story(null, [first], NO_USERS);
    if (!first.signs.forget) story.addUser(first.user);
    return story;
  }

  addUser(user: FailureValue): void {
    if (typeof user !== "string" || user === "") return;
    if (this.users.length === 0) {
      this.#usersAt = this.layers.length;
      this.users = [user];
    } else if (this.users.length < MOST_USERS && !this.users.includes(user)) this.users.push(user);
  }

  /** The same story in fewer layers. */
  shortened(): Story {
    return new Story(this.tell(this.layers.length), [], this.users);
  }

  /** What the first layers captured. */
  tell(layers: number): FailureData {
    const data: FailureData = { ...this.#begin };
    for (let i = 0; i < layers; i++) {
      if (i === this.#usersAt) data["users"] = null;
      addWithoutSigns(data, this.layers[i]!.groups());
    }
    if (layers === this.#usersAt) data["users"] = null;
    return data;
  }
}

/** A session as it was after its first line, which mostly is the only one. */
class FirstResult implements SessionResult {
  readonly verdict: SessionVerdict;
  readonly #first: Captured;

  constructor(verdict: SessionVerdict, first: Captured) {
    this.verdict = verdict;
    this.#first = first;
  }

  get isAddress(): boolean {
    return this.#first.isAddress;
  }

  get identity(): Identity {
    return this.#first.identity;
  }

  get lines(): readonly MatchedLine[] {
    return this.verdict === "failure" ? this.#first.lines : [];
  }

  data(): FailureData {
    const lines = this.verdict === "failure" ? [this.#first] : null;
    return new Snapshot(this.verdict, this.identity, Story.of(this.#first), lines).data();
  }
}

/** A session as it was after a line. */
class Snapshot implements SessionResult {
  readonly isAddress = false;
  readonly verdict: SessionVerdict;
  readonly identity: Identity;
  readonly #story: Story;
  readonly #layers: number;
  readonly #users: number;
  readonly #lines: readonly Captured[] | null;

  /** @param lines the lines to be reported; `null`: it is not reported */
  constructor(verdict: SessionVerdict, identity: Identity, story: Story, lines: readonly Captured[] | null) {
    this.verdict = verdict;
    this.identity = identity;
    this.#story = story;
    this.#layers = story.layers.length;
    this.#users = story.users.length;
    this.#lines = lines;
  }

  get lines(): readonly MatchedLine[] {
    return this.#lines === null ? [] : linesOf(this.#lines);
  }

  data(): FailureData {
    const data = this.#story.tell(this.#layers);
    if (this.#lines === null) return data;
    data["matches"] = this.lines;
    if (this.#users > 0) data["users"] = new Set(this.#story.users.slice(0, this.#users));
    return data;
  }
}

/** Adds the groups that took part, without those that only say what the line means. */
function addWithoutSigns(data: FailureData, groups: FailureData): void {
  for (const name in groups) {
    const value = groups[name]!;
    if (value !== null && name !== "nofail" && name !== "mlfgained" && name !== "mlfforget")
      data[name] = value;
  }
}

function linesOf(hits: readonly Captured[]): readonly MatchedLine[] {
  return hits.length === 1 ? hits[0]!.lines : hits.flatMap(({ lines }) => lines).slice(-MOST_LINES);
}

function joined(first: readonly Captured[], second: readonly Captured[] | Captured): readonly Captured[] {
  const added = Array.isArray(second) ? (second as readonly Captured[]) : [second as Captured];
  if (first.length === 0) return added;
  return added.length === 0 ? first : [...first, ...added].slice(-MOST_LINES);
}
