import type { FailureData, MatchedLine } from "../detect/failure.ts";
import { matchesOf } from "../detect/failure.ts";
import type { Identifier } from "../net/identifier.ts";
import { roundHalfEven } from "../pyvalue/arithmetic.ts";

/** What is known of the failures of one identifier. */
export interface FailTicket {
  readonly id: Identifier;
  /** Begin of the window that `retry` speaks of, seconds since 1970 UTC. */
  firstTime: number;
  /** Time of the last failure, seconds since 1970 UTC. */
  time: number;
  /** Whether `time` is an integer in the reference. */
  timeIsInteger: boolean;
  /** The count that is compared with `maxretry`; a rate estimate, not a number of events. */
  retry: number;
  /** Number of attempts, the tag `<failures>`. */
  failures: number;
  /** Data of the first failure, with the matches of all. */
  readonly data: FailureData;
}

/** One more failure to count. */
export interface CountedFailure {
  readonly time: number;
  readonly timeIsInteger: boolean;
  readonly data: FailureData;
  /** The lines of the data, where they can be had without all of it. */
  readonly matches?: readonly MatchedLine[];
  /** How much it adds to `retry`; 1 for a line of a log. */
  readonly weight?: number;
}

/** Settings that the table reads at each failure, so that they may change while it lives. */
export interface FailureLimits {
  /** Seconds after which a failure is forgotten. */
  findTime: number;
  /** Failures that lead to a ban. */
  maxRetry: number;
  /** Matched lines kept for each identifier; 0 keeps none. */
  maxMatches: number;
}

/** Seconds between two clean-ups of forgotten failures. */
const CLEANUP_INTERVAL = 5;

/** Counts failures by identifier and says who reached `maxretry`. */
export class FailureTable {
  readonly #tickets = new Map<string, FailTicket>();
  readonly #limits: Readonly<FailureLimits>;
  readonly #onChange: (id: string) => void;
  #total = 0;
  #nextCleanup = 0;

  /** @param onChange is told the identifier's text whenever its ticket has come, changed or gone */
  constructor(limits: Readonly<FailureLimits>, onChange: (id: string) => void = () => {}) {
    this.#limits = limits;
    this.#onChange = onChange;
  }

  /** Number of identifiers with failures that are not forgotten. */
  get size(): number {
    return this.#tickets.size;
  }

  /** Number of failures counted since the table was made. */
  get total(): number {
    return this.#total;
  }

  /** The ticket of an identifier, if it has one. */
  get(id: Pick<Identifier, "text">): FailTicket | undefined {
    return this.#tickets.get(id.text);
  }

  /** Takes over a ticket that was counted by an earlier server. */
  restore(ticket: FailTicket): void {
    this.#tickets.set(ticket.id.text, ticket);
    this.#onChange(ticket.id.text);
  }

  /** All tickets, oldest first. */
  tickets(): Iterable<FailTicket> {
    return this.#tickets.values();
  }

  /** Counts a failure. Returns the identifier's ticket, which {@link takeIfReached} may then remove. */
  add(id: Identifier, failure: CountedFailure): FailTicket {
    this.#total++;
    this.#onChange(id.text);
    const weight = failure.weight ?? 1;
    const known = this.#tickets.get(id.text);
    if (known) {
      this.#addTo(known, failure, weight);
      return known;
    }
    const ticket: FailTicket = {
      id,
      firstTime: failure.time,
      time: failure.time,
      timeIsInteger: failure.timeIsInteger,
      retry: weight,
      failures: 1,
      data: withoutNulls(failure.data),
    };
    this.#tickets.set(id.text, ticket);
    return ticket;
  }

  /** Removes and returns the identifier's ticket when its count has reached `maxretry`. */
  takeIfReached(id: Identifier): FailTicket | null {
    const ticket = this.#tickets.get(id.text);
    if (!ticket || ticket.retry < this.#limits.maxRetry) return null;
    this.#tickets.delete(id.text);
    this.#onChange(id.text);
    return ticket;
  }

  /** After the clock was set back: failures that seem to come later came now, lest they count longer than they should. */
  notAfter(now: number): void {
    for (const [key, ticket] of this.#tickets) {
      if (ticket.time <= now) continue;
      ticket.firstTime = Math.min(ticket.firstTime, now);
      ticket.time = now;
      this.#onChange(key);
    }
  }

  /** Forgets identifiers without a failure for `findtime`; does so at most every five seconds. */
  cleanUp(now: number): void {
    if (now < this.#nextCleanup && this.#nextCleanup - now <= CLEANUP_INTERVAL) return;
    this.#nextCleanup = now + CLEANUP_INTERVAL;
    for (const [key, ticket] of this.#tickets) {
      if (ticket.time > now - this.#limits.findTime) continue;
      this.#tickets.delete(key);
      this.#onChange(key);
    }
  }

  #addTo(ticket: FailTicket, failure: CountedFailure, weight: number): void {
    if (failure.time > ticket.time) {
      const { findTime } = this.#limits;
      if (ticket.firstTime < failure.time - findTime) {
        const span = failure.time - ticket.firstTime;
        ticket.retry = roundHalfEven((ticket.retry / span) * findTime);
        ticket.firstTime = failure.time - findTime;
      }
      ticket.time = failure.time;
      ticket.timeIsInteger = failure.timeIsInteger;
    }
    ticket.retry += weight;
    ticket.failures++;
    ticket.data["matches"] = this.#joinMatches(matchesOf(ticket.data), failure);
  }

  #joinMatches(old: readonly MatchedLine[], failure: CountedFailure): MatchedLine[] {
    const { maxMatches } = this.#limits;
    if (maxMatches === 0) return [];
    return [...old, ...(failure.matches ?? matchesOf(failure.data))].slice(-maxMatches);
  }
}

function withoutNulls(data: FailureData): FailureData {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null));
}
