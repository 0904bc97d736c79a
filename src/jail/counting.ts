import { type Failure, type FailureData, type MatchedLine, matchesOf } from "../detect/failure.ts";
import type { Logger } from "../log/logger.ts";
import type { Identifier } from "../net/identifier.ts";
import { type Resolver, reprAddresses } from "../net/resolver.ts";
import { formatFloat } from "../pyvalue/repr.ts";
import type { BanDatabase } from "../store/database.ts";
import type { Clock } from "../time/clock.ts";
import { formatLocalTime } from "../time/format.ts";
import { type BanTicket, banTicketOf } from "../track/ban-list.ts";
import type { BanTimeIncrement } from "../track/ban-time-increment.ts";
import type { CountedFailure, FailureLimits, FailureTable } from "../track/failure-table.ts";
import type { Candidate, IgnoreRules } from "../track/ignore-rules.ts";
import { OrderedWork } from "./ordered-work.ts";

/**
 * A name with more addresses tells nobody who it was that failed; and whoever owns a name could have anybody banned by
 * it.
 */
const MOST_ADDRESSES = 64;

/** What counting needs. */
export interface CountingOptions {
  /** Name of the jail. */
  readonly jail: string;
  readonly clock: Clock;
  /** Logger `fail2ban.filter`. */
  readonly log: Logger;
  /** Logger `fail2ban.observer`. */
  readonly observerLog: Logger;
  /** Logger `fail2ban.ipdns`. */
  readonly dnsLog: Logger;
  readonly resolver: Resolver;
  readonly ignore: IgnoreRules;
  readonly failures: FailureTable;
  readonly limits: Readonly<FailureLimits>;
  readonly increment: BanTimeIncrement;
  readonly database: () => BanDatabase | null;
  /** Whether names that were resolved are mentioned in the log (`usedns = warn`). */
  readonly warnsOfNames: () => boolean;
  /** Makes the values that `ignorecommand` and `ignorecache` may ask for. */
  readonly candidateOf: (id: Identifier, failure: CountedFailure) => Candidate;
  /** Who is counted and banned for the failure of an identifier; at once unless a name has to be resolved. */
  readonly subjectOf: (id: Identifier) => Identifier | Promise<Identifier>;
  /** Keeps a failure while it is not decided whether it counts; gives what is to be called when it is. */
  readonly undecided: (failure: Failure) => () => void;
  /** Told when so many failures wait for an answer that no more should be found, and when they may again. */
  readonly onPressure: (high: boolean) => void;
  /** Takes whoever has failed too often. */
  readonly ban: (ticket: BanTicket) => void;
}

/** A failure whose time is still to come, counted as one of now; what it tells is still told when it is asked for. */
class FailureNow implements CountedFailure {
  readonly time: number;
  readonly timeIsInteger = false;
  readonly #failure: Failure;

  constructor(failure: Failure, now: number) {
    this.time = now;
    this.#failure = failure;
  }

  get data(): FailureData {
    return this.#failure.data;
  }

  get matches(): readonly MatchedLine[] {
    return this.#failure.matches ?? matchesOf(this.#failure.data);
  }
}

/** From a failure in the log to a ban: resolves names, asks the ignore rules, counts. */
export class Counting {
  readonly #o: CountingOptions;
  /** Failures about which a command or a resolver is asked. */
  readonly #questions: OrderedWork;

  constructor(options: CountingOptions) {
    this.#o = options;
    this.#questions = new OrderedWork({ atOnce: 4, most: 1000, onPressure: options.onPressure });
  }

  /** Counts a failure that was found in a log. */
  found(failure: Failure): void {
    const { subject } = failure;
    if ("id" in subject) this.#consider(subject.id, failure);
    else void this.#resolve(subject.hostName, failure);
  }

  /**
   * Counts failures reported by hand: as many as lines are given, at least one.
   *
   * @returns 0 when the identifier is ignored, else 1
   */
  async attempt(id: Identifier, lines: readonly string[]): Promise<0 | 1> {
    const data: FailureData = { matches: lines };
    const time = this.#o.clock.now();
    const failure = { time, timeIsInteger: false, data, weight: Math.max(1, lines.length) };
    if (await this.#o.ignore.isIgnored(this.#o.candidateOf(id, failure))) return 0;
    this.#count(id, await this.#o.subjectOf(id), failure, "Attempt");
    return 1;
  }

  async #resolve(name: string, found: Failure): Promise<void> {
    const { regex, subject, time, timeIsInteger, data } = found;
    // Without the block of lines that it was found in.
    const failure = { regex, subject, time, timeIsInteger, data };
    const decided = this.#o.undecided(failure);
    const addresses = await this.#o.resolver.resolve(name);
    decided();
    const { dnsLog, jail } = this.#o;
    if (addresses.length > MOST_ADDRESSES) {
      const many = `${name} has ${addresses.length} addresses, more than ${MOST_ADDRESSES}`;
      dnsLog.warning(`[${jail}] ${many}: none of them is counted`);
      return;
    }
    if (addresses.length > 0 && this.#o.warnsOfNames()) {
      dnsLog.warning(`Determined IP using DNS Lookup: ${name} = ${reprAddresses(addresses)}`);
    }
    for (const id of addresses) this.#consider(id, failure);
  }

  #consider(id: Identifier, failure: Failure): void {
    const now = this.#o.clock.now();
    const counted = failure.time > now ? new FailureNow(failure, now) : failure;
    const { ignore, candidateOf, undecided, subjectOf } = this.#o;
    if (!ignore.isSlow) {
      if (ignore.isIgnored(candidateOf(id, counted))) return;
      const subject = subjectOf(id);
      if (!(subject instanceof Promise)) {
        this.#count(id, subject, counted, "Found");
        return;
      }
    }
    const { time, timeIsInteger, data } = counted;
    const decided = undecided({ regex: failure.regex, subject: { id }, time, timeIsInteger, data });
    const ask = async () => ((await ignore.isIgnored(candidateOf(id, counted))) ? null : subjectOf(id));
    this.#questions.do(ask, (subject) => {
      decided();
      if (subject) this.#count(id, subject, counted, "Found");
    });
  }

  #count(id: Identifier, subject: Identifier, failure: CountedFailure, verb: "Found" | "Attempt"): void {
    const { failures, log, jail, increment } = this.#o;
    log.info(`[${jail}] ${verb} ${id.text} - ${formatLocalTime(failure.time)}`);
    failures.add(subject, failure);
    const more = increment.enabled ? this.#weightOfPast(subject, failure) : 0;
    this.#banIfReached(subject);
    if (more > 0 && failures.get(subject)) {
      const { time, timeIsInteger, data } = failure;
      failures.add(subject, { time, timeIsInteger, data, weight: more });
      this.#banIfReached(subject);
    }
    failures.cleanUp(this.#o.clock.now());
  }

  #banIfReached(id: Identifier): void {
    const reached = this.#o.failures.takeIfReached(id);
    if (reached) this.#o.ban(banTicketOf(reached));
  }

  /**
   * Failures of identifiers that were banned before count more (the reference's observer does this): how much more. Said in
   * the log also of the failure that leads to a ban by itself.
   */
  #weightOfPast(id: Identifier, failure: CountedFailure): number {
    const { database, jail, limits, observerLog } = this.#o;
    const past = database()?.banHistory(id.text, jail);
    if (!past || failure.time <= past.timeOfBan) return 0;
    const full = 2 ** Math.min(past.banCount, 20) / 2 + 1;
    const weight = Math.min(full, limits.maxRetry);
    const shown = full > limits.maxRetry ? String(limits.maxRetry) : formatFloat(full);
    const ban = weight >= limits.maxRetry ? ", Ban" : "";
    const when = formatLocalTime(failure.time);
    observerLog.info(`[${jail}] Found ${id.text}, bad - ${when}, ${past.banCount} # -> ${shown}${ban}`);
    return weight - 1;
  }
}
