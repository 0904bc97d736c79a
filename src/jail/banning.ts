import type { Logger } from "../log/logger.ts";
import type { Identifier } from "../net/identifier.ts";
import type { BanDatabase } from "../store/database.ts";
import type { CancelTimer, Clock } from "../time/clock.ts";
import type { BanList, BanTicket } from "../track/ban-list.ts";
import type { BanTimeIncrement } from "../track/ban-time-increment.ts";
import type { ActionList } from "./action-list.ts";
import { BanLimit } from "./ban-limit.ts";
import { BanLog } from "./ban-log.ts";
import type { BanRules } from "./ban-policy.ts";
import type { BanRecords } from "./ban-records.ts";
import { isEnforced } from "./dry-run.ts";
import type { Enforcer } from "./enforcer.ts";
import { LostBans } from "./lost-bans.ts";
import { RepeatOffenders } from "./repeat-offenders.ts";
import { storedBanOf } from "./stored-tickets.ts";

/** Bans lifted in one go before other work gets its turn. */
const EXPIRY_BATCH = 100;

/** What banning needs. */
export interface BanningOptions {
  /** Name of the jail. */
  readonly jail: string;
  readonly clock: Clock;
  /** Logger `fail2ban.actions`. */
  readonly log: Logger;
  /** Logger `fail2ban.observer`. */
  readonly observerLog: Logger;
  readonly bans: BanList;
  readonly actions: ActionList;
  /** Carries bans out by the actions. */
  readonly enforcer: Enforcer;
  /** The rules in force. */
  readonly rules: () => BanRules;
  readonly increment: BanTimeIncrement;
  readonly records: BanRecords;
  /** The database, if there is one. */
  readonly database: () => BanDatabase | null;
}

/** Bans and lifts bans in one jail: keeps the list, the database and the actions in step. */
export class Banning {
  readonly #o: BanningOptions;
  readonly #log: BanLog;
  readonly #limit: BanLimit;
  readonly #lost: LostBans;
  readonly #offenders: RepeatOffenders;
  #cancelExpiry: CancelTimer | null = null;
  /** The end that a timer waits for; without one every end is earlier. */
  #nextEnd = Number.POSITIVE_INFINITY;
  #idle = false;
  #closed = false;
  readonly #waiting: BanTicket[] = [];

  constructor(options: BanningOptions) {
    this.#o = options;
    this.#log = new BanLog(options.log, options.jail);
    this.#limit = new BanLimit({
      ...options,
      most: () => options.rules().maxbans,
      isDryRun: () => options.rules().dryrun,
    });
    this.#lost = new LostBans(options);
    const prolong = (ticket: BanTicket) => void options.enforcer.prolong(ticket);
    this.#offenders = new RepeatOffenders({ ...options, prolong });
  }

  get bans(): BanList {
    return this.#o.bans;
  }

  /** While idle, bans that failures led to wait and no ban ends; bans by hand go on. */
  get idle(): boolean {
    return this.#idle;
  }

  set idle(on: boolean) {
    this.#idle = on;
    if (on) return;
    for (const ticket of this.#waiting.splice(0)) void this.ban(ticket);
    this.scheduleExpiry();
  }

  /** Bans because of failures, or again after a restart: now, or when the jail is no longer idle. */
  request(ticket: BanTicket): void {
    if (this.#closed) this.#keep(ticket);
    else if (this.#idle) this.#waiting.push(ticket);
    else void this.ban(ticket);
  }

  /**
   * Bans at once.
   *
   * @returns 1 for a new ban or one that had to be enforced anew, 0 when it was banned already, has ended, or when
   *   there are `maxbans` bans for ever; the promise is fulfilled when the actions are done
   */
  async ban(ticket: BanTicket): Promise<0 | 1> {
    const { bans, log, jail } = this.#o;
    if (bans.endOf(ticket) <= this.#o.clock.now()) {
      log.info(`[${jail}] Ignore ${ticket.id.text}, expired bantime`);
      return 0;
    }
    const known = bans.get(ticket.id);
    if (known) return this.#banAgain(known, ticket);
    this.#absorb(ticket);
    if (!this.#makeRoom(1, this.#modeOf(ticket) === "dry")) {
      this.#limit.refuse(ticket);
      return 0;
    }
    this.#enlist(ticket);
    // Written before it is enforced: a crash in between enforces it at the next start, instead of losing it.
    if (!ticket.restored) this.#remember(ticket);
    if (bans.endOf(ticket) < this.#nextEnd) this.scheduleExpiry();
    await this.#lost.enforce(ticket);
    this.#o.records.written(ticket);
    return 1;
  }

  /** Bans again after a restart, many at a time; answers when the actions are done. */
  restore(tickets: readonly BanTicket[]): Promise<void> {
    const { bans, clock, enforcer, rules } = this.#o;
    const now = clock.now();
    const { maxbans } = rules();
    const hasRoom = maxbans === 0 || bans.size + tickets.length <= maxbans;
    const isPlain = (ticket: BanTicket) =>
      hasRoom && !this.#idle && bans.endOf(ticket) > now && bans.get(ticket.id) === undefined;
    const plain: BanTicket[] = [];
    for (const ticket of tickets) {
      if (isPlain(ticket)) {
        this.#enlist(ticket);
        plain.push(ticket);
      } else this.request(ticket);
    }
    this.scheduleExpiry();
    return enforcer.restore(plain);
  }

  /** Lifts one ban and forgets it in the database; false when the identifier is not banned. */
  async unban(id: Identifier): Promise<boolean> {
    return (await this.unbanSome([id])) > 0;
  }

  /** Lifts several bans and forgets them in the database; returns how many there were. */
  async unbanSome(ids: readonly Identifier[]): Promise<number> {
    const { database, bans, jail } = this.#o;
    if (ids.length === 0) return 0;
    const texts = ids.map(({ text }) => text);
    for (const id of ids) bans.get(id)?.takeData();
    database()?.removeBans(jail, texts);
    const lifted = ids.flatMap((id) => bans.remove(id) ?? []);
    await Promise.all(lifted.map((ticket) => this.#lift(ticket)));
    return lifted.length;
  }

  /**
   * Lifts all bans, by the actions' flush commands where they have one.
   *
   * @returns number of bans lifted
   */
  async flush(options: { forget: boolean; stopping: boolean }): Promise<number> {
    const { bans, actions, enforcer, log, jail } = this.#o;
    const tickets = bans.tickets();
    for (const ticket of tickets) bans.remove(ticket.id);
    if (options.forget) {
      if (!actions.allFlush) for (const ticket of tickets) ticket.takeData();
      // At once: what is banned while the actions work is not to be forgotten with it.
      this.#o.database()?.removeBans(jail);
    }
    const single = await enforcer.flush({ stopping: options.stopping });
    log.together(() => {
      for (const ticket of tickets) this.#log.lifted(ticket, options.stopping);
    });
    if (single.length > 0) await Promise.all(tickets.map((ticket) => enforcer.unban(ticket, single)));
    return tickets.length;
  }

  /**
   * Has each action look whether its environment is still sane, and puts all bans back that were lost with it, also
   * those lost at an earlier repair.
   */
  async verify(): Promise<void> {
    if (this.#idle || this.#closed) return;
    await this.#lost.verify();
  }

  /** Lifts what is above `maxbans`. */
  enforceLimit(): void {
    this.#makeRoom(0, false);
    this.scheduleExpiry();
  }

  /** Forgets the bans of a dry run that has ended, and enforces the real ones that it kept from the actions. */
  async endDryRun(): Promise<void> {
    const { bans, database, enforcer, log, jail } = this.#o;
    const { dry = [], withheld = [] } = Object.groupBy(bans.tickets(), ({ mode }) => mode);
    for (const ticket of dry) bans.remove(ticket.id);
    const ids = dry.map(({ id }) => id.text);
    if (ids.length > 0) database()?.removeBans(jail, ids);
    log.notice(`[${jail}] The dry run has ended: ${ids.length} bans of it are forgotten`);
    for (const ticket of withheld) {
      ticket.mode = "enforced";
      this.#log.banned(ticket);
    }
    this.scheduleExpiry();
    await enforcer.restore(withheld);
  }

  /** The clock was set: what has ended by the new time is lifted, and nothing lasts longer than if it began now. */
  clockSet(): void {
    this.#o.bans.notAfter(this.#o.clock.now());
    this.scheduleExpiry();
    if (this.#o.rules().kerneltimeout) this.tellEnds();
  }

  /** Changes the ban time of the jail, also that of bans without one of their own. */
  setBanTime(seconds: number): void {
    const { bans, rules } = this.#o;
    const isOther = seconds !== bans.banTime;
    bans.banTime = seconds;
    this.scheduleExpiry();
    if (isOther && rules().kerneltimeout) this.tellEnds();
  }

  /** Has the actions tell the firewall anew when each ban ends. */
  tellEnds(): void {
    for (const ticket of this.#o.bans.tickets()) void this.#o.enforcer.renew(ticket);
  }

  /** Arranges for the next ban to end in time; to be called whenever ends may have changed. */
  scheduleExpiry(): void {
    this.#cancelExpiry?.();
    this.#cancelExpiry = null;
    this.#nextEnd = Number.POSITIVE_INFINITY;
    const end = this.#o.bans.nextEnd();
    if (end === null || this.#idle || this.#closed) return;
    this.#nextEnd = end;
    const delay = Math.max(0, end - this.#o.clock.now()) + 0.001;
    this.#cancelExpiry = this.#o.clock.after(Math.min(delay, 3600), () => this.#expire(), {
      background: true,
    });
  }

  /** Ends no more bans and takes no more requests. */
  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
    this.#cancelExpiry?.();
  }

  /** The jail has stopped before a ban was decided on: it comes into force with the next start. */
  #keep(ticket: BanTicket): void {
    if (ticket.restored) return;
    this.#number(ticket);
    this.#remember(ticket);
  }

  #number(ticket: BanTicket): void {
    ticket.mode = this.#modeOf(ticket);
    ticket.banCount++;
  }

  /** What becomes of a ban that is not on the list yet. */
  #modeOf(ticket: BanTicket): BanTicket["mode"] {
    if (!this.#o.rules().dryrun || !isEnforced(ticket)) return ticket.mode;
    return ticket.restored ? "withheld" : "dry";
  }

  #enlist(ticket: BanTicket): void {
    const { bans, actions } = this.#o;
    this.#number(ticket);
    ticket.epoch = actions.epoch;
    bans.add(ticket);
    this.#log.banned(ticket);
  }

  /**
   * Bans end where failures have led to that of a network around them, as some firewalls refuse what overlaps; not those
   * that would last longer.
   */
  #absorb(network: BanTicket): void {
    const { id, failures } = network;
    if (id.isSingle || id.family === null || failures === 0) return;
    const { bans, database, jail, clock } = this.#o;
    const end = bans.endOf(network);
    for (const ticket of bans.within(id)) {
      if (bans.endOf(ticket) > end) continue;
      bans.remove(ticket.id);
      database()?.endBan(jail, ticket.id.text, clock.now());
      void this.#lift(ticket);
    }
  }

  /** Lifts bans, if it must, until there is room for so many more, of a dry run or not; tells whether there is. */
  #makeRoom(count: number, dry: boolean): boolean {
    const { rules, database, jail, clock } = this.#o;
    if (rules().maxbans === 0) return true;
    return this.#limit.makeRoom({ count, dry }, (ticket) => {
      // It must not come back at the next start.
      database()?.endBan(jail, ticket.id.text, clock.now());
      void this.#lift(ticket);
    });
  }

  #expire(): void {
    for (const ticket of this.#o.bans.takeExpired(this.#o.clock.now(), EXPIRY_BATCH)) void this.#lift(ticket);
    this.scheduleExpiry();
  }

  async #lift(ticket: BanTicket): Promise<void> {
    this.#log.lifted(ticket);
    await this.#o.enforcer.unban(ticket);
  }

  #banAgain(known: BanTicket, ticket: BanTicket): Promise<0 | 1> {
    this.#lastAsLong(known, ticket);
    const since = ticket.time - known.time;
    this.#log.repeated(known, since);
    return this.#lost.failedAgain(known, since);
  }

  #lastAsLong(known: BanTicket, ticket: BanTicket): void {
    const { bans } = this.#o;
    if (bans.endOf(ticket) <= bans.endOf(known)) return;
    const banTime = bans.banTimeOf(ticket);
    bans.setBanTime(known, banTime === -1 ? -1 : banTime + (ticket.time - known.time));
    if (this.#o.rules().kerneltimeout) void this.#o.enforcer.renew(known);
    this.scheduleExpiry();
  }

  /** What the reference's observer does after a ban: lengthen it for repeat offenders, write it down. */
  #remember(ticket: BanTicket): void {
    const { bans, clock, database, jail } = this.#o;
    const isOnRecord = this.#offenders.lengthen(ticket);
    if (isOnRecord || bans.endOf(ticket) <= clock.now()) return;
    database()?.addBan(jail, storedBanOf(ticket, bans.banTimeOf(ticket)));
  }
}
