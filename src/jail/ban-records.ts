import { type FailureData, matchesOf } from "../detect/failure.ts";
import type { BanDatabase } from "../store/database.ts";
import type { BanTicket } from "../track/ban-list.ts";
import { restoredData } from "./stored-tickets.ts";

/** What {@link BanRecords} needs. */
export interface BanRecordsOptions {
  /** Name of the jail. */
  readonly jail: string;
  readonly database: () => BanDatabase | null;
  /** Most matched lines that the jail keeps of a ban. */
  readonly maxMatches: () => number;
}

/**
 * Leaves what led to a ban, matched lines above all, to the database: once it is enforced hardly anybody asks, and
 * with tens of thousands of bans it would be most of what the server holds.
 */
export class BanRecords {
  readonly #o: BanRecordsOptions;

  constructor(options: BanRecordsOptions) {
    this.#o = options;
  }

  /** The ban was written, and its actions are done: what the database can tell as well is let go. */
  written(ticket: BanTicket): void {
    const { data, id, banCount } = ticket;
    const { jail } = this.#o;
    const database = this.#o.database();
    if (!database || matchesOf(data).length > database.maxMatches) return;
    if (isKeptWhole(data) && database.hasBan(jail, id.text, banCount)) ticket.leaveData(this.#read);
  }

  /** The ban was read from the database. */
  restored(ticket: BanTicket): void {
    if (isKeptWhole(ticket.data)) ticket.leaveData(this.#read);
  }

  readonly #read = ({ id }: BanTicket): FailureData => {
    const stored = this.#o.database()?.banData(this.#o.jail, id.text);
    return stored ? restoredData(stored, this.#o.maxMatches()) : { matches: [] };
  };
}

/** Whether data are the same after they were written and read. */
function isKeptWhole({ matches: _, ...captured }: FailureData): boolean {
  return Object.values(captured).every((value) => typeof value === "string");
}
