import type { Logger } from "../log/logger.ts";
import type { BanDatabase } from "../store/database.ts";
import type { RestorePolicy } from "../store/restore-policy.ts";
import type { StoredBan } from "../store/stored-ban.ts";
import type { BanTicket } from "../track/ban-list.ts";
import type { BanRecords } from "./ban-records.ts";
import type { Banning } from "./banning.ts";
import { restoredTicket } from "./stored-tickets.ts";

/** Bans that are taken over at once by the start, so that who asks right after it is told of them. */
const FIRST_SLICE = 2000;
/** Bans that are taken over in one go after those; the actions' work gets its turn in between. */
const SLICE = 500;
/** To restore so many leaves much memory behind that is needed no more. */
const MANY_BANS = 5000;

/** What restoring bans needs. */
export interface BanRestorationOptions {
  /** Name of the jail. */
  readonly jail: string;
  /** Logger `fail2ban.actions`. */
  readonly log: Logger;
  /** The database, if there is one. */
  readonly database: () => BanDatabase | null;
  /** By the jail's present settings. */
  readonly policy: () => RestorePolicy;
  /** Whether the jail is running; one that was stopped meanwhile restores no more. */
  readonly isRunning: () => boolean;
  readonly isDryRun: () => boolean;
  /** Whether somebody is not to be banned any more. */
  readonly isSpared: (ticket: BanTicket) => boolean | Promise<boolean>;
  readonly records: BanRecords;
  readonly banning: Banning;
  /** Told when {@link BanRestoration.underWay} has changed. */
  readonly changed: () => void;
  /** Has memory that is not needed given back to the system. */
  readonly releaseMemory: (() => void) | undefined;
}

/** Puts the bans of the database back in force, a slice at a time. */
export class BanRestoration {
  readonly #o: BanRestorationOptions;
  #underWay = false;
  #inForce: Promise<void> = Promise.resolve();

  constructor(options: BanRestorationOptions) {
    this.#o = options;
  }

  /**
   * Whether there are bans that are still to come. Who is banned has to be known before the next line of him is read,
   * or he would be banned twice.
   */
  get underWay(): boolean {
    return this.#underWay;
  }

  /** Fulfilled when the actions have carried out the bans of the last {@link run}. */
  get inForce(): Promise<void> {
    return this.#inForce;
  }

  /** Puts all of them in force, the first slice at once. */
  run(): void {
    this.#inForce = this.#run();
  }

  async #run(): Promise<void> {
    const { jail, log, database, policy, isRunning, releaseMemory } = this.#o;
    const enforced: Promise<void>[] = [];
    let total = 0;
    for (const slice of database()?.currentBansBySlices(jail, policy(), SLICE, FIRST_SLICE) ?? []) {
      log.together(() => enforced.push(this.#restore(slice)));
      total += slice.length;
      if (slice.length > 0) this.#setUnderWay(true);
      // Other work gets its turn, and actions begin meanwhile.
      await new Promise((resolve) => setImmediate(resolve));
      if (!isRunning()) return;
    }
    this.#setUnderWay(false);
    if (total >= MANY_BANS) releaseMemory?.();
    await Promise.all(enforced);
  }

  #setUnderWay(on: boolean): void {
    if (this.#underWay === on) return;
    this.#underWay = on;
    this.#o.changed();
  }

  #restore(stored: readonly StoredBan[]): Promise<void> {
    const { jail, database, policy, isDryRun, isSpared, records, banning } = this.#o;
    const { maxMatches } = policy();
    const wanted: BanTicket[] = [];
    for (const ban of stored) {
      const ticket = restoredTicket(ban, maxMatches);
      records.restored(ticket);
      if (ticket.mode === "dry" && !isDryRun()) {
        database()?.removeBans(jail, [ban.ip]);
        continue;
      }
      const spared = isSpared(ticket);
      if (spared === false) wanted.push(ticket);
      else if (spared !== true) void spared.then((yes) => yes || banning.request(ticket));
    }
    return banning.restore(wanted);
  }
}
