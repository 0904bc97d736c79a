import type { FailureData } from "../detect/failure.ts";
import type { Identifier } from "../net/identifier.ts";
import { DeadlineHeap } from "./deadline-heap.ts";
import type { FailTicket } from "./failure-table.ts";

/** What makes up a ban; all but the first two have the value that a first ban has which is yet to be enforced. */
export interface BanTicketFields {
  readonly id: Identifier;
  /** Time of the failure that led to the ban, seconds since 1970 UTC; bans end at `time + banTime`. */
  readonly time: number;
  /** Whether `time` is an integer in the reference (restored bans, lines with an explicit zone). */
  readonly timeIsInteger?: boolean;
  /** Own ban time in seconds, -1 for ever; `null` follows the jail's ban time, also when that changes. */
  readonly banTime?: number | null;
  /** Which ban of this identifier it is, counted from 1. */
  readonly banCount?: number;
  /** Number of attempts, the tag `<failures>`. */
  readonly failures?: number;
  /** The matched lines and captured texts of the failures. */
  readonly data?: FailureData;
  /** See {@link BanTicket.mode}. */
  readonly mode?: BanTicket["mode"];
  /** Came from the database: not written again, skipped by actions with `norestored`. */
  readonly restored?: boolean;
}

/** One ban; see {@link BanTicketFields}. */
export class BanTicket {
  readonly id: Identifier;
  time: number;
  readonly timeIsInteger: boolean;
  banTime: number | null;
  banCount: number;
  readonly failures: number;
  restored: boolean;
  /** Address that was captured beside an identifier that is none, else `null`. */
  readonly address: string | null;
  /**
   * Whether the actions are to carry it out. In a dry run they are not: `dry` bans were made in one, `withheld` ones are
   * real ones from the database.
   */
  mode: "enforced" | "dry" | "withheld";
  /** Epoch of the jail when it was enforced; older than an action's epoch means the ban may be lost there. */
  epoch = 0;
  #data: FailureData | ((ticket: BanTicket) => FailureData);

  constructor(fields: BanTicketFields) {
    this.id = fields.id;
    this.time = fields.time;
    this.timeIsInteger = fields.timeIsInteger ?? false;
    this.banTime = fields.banTime ?? null;
    this.banCount = fields.banCount ?? 0;
    this.failures = fields.failures ?? 0;
    this.restored = fields.restored ?? false;
    this.mode = fields.mode ?? "enforced";
    const data = fields.data ?? { matches: [] };
    this.address = typeof data["ip"] === "string" ? data["ip"] : null;
    this.#data = data;
  }

  /** The matched lines and captured texts of the failures. */
  get data(): FailureData {
    return typeof this.#data === "function" ? this.#data(this) : this.#data;
  }

  /** The data as far as they take room here; `null`: they were left to another. */
  get heldData(): FailureData | null {
    return typeof this.#data === "function" ? null : this.#data;
  }

  /** Lets go of the data, which take more room than all the rest: whoever wants them gets them from `read`. */
  leaveData(read: (ticket: BanTicket) => FailureData): void {
    this.#data = read;
  }

  /** Takes back data that were left to another, who is about to forget them. */
  takeData(): void {
    this.#data = this.data;
  }
}

/** End of permanent bans, as the reference represents it (seconds; shown as the last second of year 9999). */
export const NEVER = 0x7fffffffffff;

/** Makes a ban ticket of a ticket of failures. */
export function banTicketOf(ticket: FailTicket): BanTicket {
  const { id, time, timeIsInteger, failures, data } = ticket;
  return newBanTicket({ id, time, timeIsInteger, failures, data });
}

/** A ban ticket with the given fields. */
export function newBanTicket(fields: BanTicketFields): BanTicket {
  return new BanTicket(fields);
}

/** The bans in force in one jail. */
export class BanList {
  readonly #tickets = new Map<string, BanTicket>();
  readonly #ends = new DeadlineHeap<BanTicket>();
  /** How many bans there are of each family and prefix length. */
  readonly #lengths = new PrefixLengths();
  #banTime: number;
  #total = 0;

  /** @param banTime ban time of the jail in seconds, -1 for ever */
  constructor(banTime: number) {
    this.#banTime = banTime;
  }

  /** Ban time of the jail in seconds; applies at once to bans without a time of their own. */
  get banTime(): number {
    return this.#banTime;
  }

  set banTime(seconds: number) {
    this.#banTime = seconds;
    this.#ends.clear();
    for (const ticket of this.#tickets.values()) this.#ends.push(this.endOf(ticket), ticket);
  }

  /** Number of bans in force. */
  get size(): number {
    return this.#tickets.size;
  }

  /** Number of bans since the list was made, restored ones included. */
  get total(): number {
    return this.#total;
  }

  /** Ban time that applies to a ticket, in seconds. */
  banTimeOf(ticket: BanTicket): number {
    return ticket.banTime ?? this.#banTime;
  }

  /** When a ban ends, seconds since 1970 UTC; {@link NEVER} for permanent ones. */
  endOf(ticket: BanTicket): number {
    const banTime = this.banTimeOf(ticket);
    return banTime === -1 ? NEVER : ticket.time + banTime;
  }

  get(id: Identifier): BanTicket | undefined {
    return this.#tickets.get(id.text);
  }

  /** Bans of networks around an identifier, itself not included. */
  around(id: Identifier): BanTicket[] {
    return this.#lengths
      .shorterThan(id)
      .flatMap((length) => this.#tickets.get(id.network(length).text) ?? []);
  }

  /** Bans of addresses and networks in a network, itself not included. */
  within(network: Identifier): BanTicket[] {
    if (!this.#lengths.hasLonger(network)) return [];
    return this.tickets().filter(({ id }) => id.prefix > network.prefix && network.contains(id));
  }

  /** All bans in the order in which they were made. */
  tickets(): BanTicket[] {
    return [...this.#tickets.values()];
  }

  /** All bans in the order in which they end; those that end together in the order of banning. */
  byEnd(): BanTicket[] {
    return this.tickets().sort((a, b) => this.endOf(a) - this.endOf(b));
  }

  /** Puts a ban on the list. The caller has made sure that the identifier is not on it. */
  add(ticket: BanTicket): void {
    this.#total++;
    this.#tickets.set(ticket.id.text, ticket);
    this.#lengths.count(ticket.id, 1);
    this.#ends.push(this.endOf(ticket), ticket);
  }

  /** Takes a ban off the list. */
  remove(id: Identifier): BanTicket | undefined {
    const ticket = this.#tickets.get(id.text);
    if (ticket) this.#drop(ticket);
    return ticket;
  }

  /** Gives a ban another ban time of its own. */
  setBanTime(ticket: BanTicket, seconds: number): void {
    ticket.banTime = seconds;
    if (this.#tickets.get(ticket.id.text) === ticket) this.#ends.push(this.endOf(ticket), ticket);
  }

  /** After the clock was set back: bans that seem to begin later begin now, lest they last longer than they should. */
  notAfter(now: number): void {
    for (const ticket of this.#tickets.values()) {
      if (ticket.time <= now) continue;
      ticket.time = now;
      this.#ends.push(this.endOf(ticket), ticket);
    }
  }

  /** When the next ban ends, or `null` when none ever does. */
  nextEnd(): number | null {
    this.#dropStale();
    const next = this.#ends.peek();
    return next === null || next.deadline >= NEVER ? null : next.deadline;
  }

  /** Takes the bans off the list that have ended, at most `limit` of them, the earliest first. */
  takeExpired(now: number, limit: number): BanTicket[] {
    const expired: BanTicket[] = [];
    while (expired.length < limit) {
      const end = this.nextEnd();
      if (end === null || end >= now) break;
      const ticket = this.#ends.pop()!.item;
      this.#drop(ticket);
      expired.push(ticket);
    }
    return expired;
  }

  /** Takes the ban off the list that ends soonest; `null` when none ever ends. */
  takeSoonest(): BanTicket | null {
    if (this.nextEnd() === null) return null;
    const ticket = this.#ends.pop()!.item;
    this.#drop(ticket);
    return ticket;
  }

  #drop({ id }: BanTicket): void {
    this.#tickets.delete(id.text);
    this.#lengths.count(id, -1);
  }

  /** Entries of the heap whose ban was lifted or given another end have no meaning any more. */
  #dropStale(): void {
    for (let next = this.#ends.peek(); next !== null; next = this.#ends.peek()) {
      const current = this.#tickets.get(next.item.id.text) === next.item;
      if (current && this.endOf(next.item) === next.deadline) return;
      this.#ends.pop();
    }
  }
}

/** Counts identifiers by family and prefix length, so that nobody looks for networks where there are none. */
class PrefixLengths {
  readonly #counts = { inet4: new Map<number, number>(), inet6: new Map<number, number>() };

  count({ family, prefix }: Identifier, by: 1 | -1): void {
    if (family === null) return;
    const counts = this.#counts[family];
    const now = (counts.get(prefix) ?? 0) + by;
    if (now > 0) counts.set(prefix, now);
    else counts.delete(prefix);
  }

  /** Lengths of the networks that might be around an identifier. */
  shorterThan({ family, prefix }: Identifier): number[] {
    return family === null ? [] : [...this.#counts[family].keys()].filter((length) => length < prefix);
  }

  /** Whether there may be something in a network. */
  hasLonger({ family, prefix }: Identifier): boolean {
    return family !== null && this.#counts[family].keys().some((length) => length > prefix);
  }
}
