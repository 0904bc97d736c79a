import { Filter } from "../detect/filter.ts";
import type { JailView } from "../enforce/ticket-info.ts";
import type { Logger } from "../log/logger.ts";
import { BanList, type BanTicket, newBanTicket } from "../track/ban-list.ts";
import { BanTimeIncrement } from "../track/ban-time-increment.ts";
import { type FailureLimits, FailureTable } from "../track/failure-table.ts";
import { IgnoreRules } from "../track/ignore-rules.ts";
import { NetworkGuard } from "../track/network-guard.ts";
import { ActionList } from "./action-list.ts";
import { ActionMaker } from "./action-maker.ts";
import type { Aggregation } from "./aggregation.ts";
import type { Backend } from "./backend.ts";
import { BanPolicy, type BanRules } from "./ban-policy.ts";
import { BanRecords } from "./ban-records.ts";
import { BanRestoration } from "./ban-restoration.ts";
import { BanSubjects } from "./ban-subjects.ts";
import { Banning } from "./banning.ts";
import { BansByHand } from "./bans-by-hand.ts";
import { Counting } from "./counting.ts";
import { DateAnnouncements } from "./date-announcements.ts";
import { JailSettings } from "./jail-settings.ts";
import { JournalMatches } from "./journal-matches.ts";
import { LineFeed } from "./line-feed.ts";
import type { LogSource } from "./log-source.ts";
import { makeEnforcer } from "./make-enforcer.ts";
import { openSource } from "./open-source.ts";
import { PendingFailures } from "./pending-failures.ts";
import type { JailServices } from "./services.ts";
import { TicketValues } from "./ticket-values.ts";
import { Verification } from "./verification.ts";

/** Seconds, failures and lines that a jail starts with, before any option is set. */
const DEFAULTS = { findTime: 600, banTime: 600, maxRetry: 3, maxMatches: 5 } as const;

/** Where the stages of a jail say what they do. */
export interface JailLogs {
  readonly jail: Logger;
  readonly filter: Logger;
  readonly actions: Logger;
}

/** What the stages ask and tell the jail that they belong to. */
export interface JailState {
  isRunning(): boolean;
  /** The administrator decided otherwise. */
  rulesChanged(now: BanRules, before: BanRules): void;
  /** So much has been read that its failures are not decided yet, or not so much any more. */
  pressed(high: boolean): void;
  /** Bans of the database are being put in force, or are no longer. */
  restoring(): void;
}

/** The stages of one jail, each made and joined to the others; they do nothing by themselves. */
export class JailStages {
  readonly filter: Filter;
  readonly feed: LineFeed;
  readonly logs: LogSource;
  readonly journalMatches: JournalMatches;
  readonly limits: FailureLimits = {
    findTime: DEFAULTS.findTime,
    maxRetry: DEFAULTS.maxRetry,
    maxMatches: DEFAULTS.maxMatches,
  };
  readonly failures = new FailureTable(this.limits, (id) => this.pending.changed(id));
  readonly pending: PendingFailures;
  readonly ignore: IgnoreRules;
  readonly subjects: BanSubjects;
  readonly counting: Counting;
  readonly tickets: TicketValues;
  readonly increment = new BanTimeIncrement();
  readonly bans = new BanList(DEFAULTS.banTime);
  readonly policy: BanPolicy;
  readonly banning: Banning;
  readonly byHand: BansByHand;
  readonly restoration: BanRestoration;
  readonly verification: Verification;
  readonly aggregation: Aggregation;
  readonly actions: ActionList;
  readonly actionMaker: ActionMaker;
  readonly settings: JailSettings;
  readonly #name: string;
  readonly #services: JailServices;
  readonly #log: JailLogs;
  readonly #guard: NetworkGuard;
  readonly #records: BanRecords;

  constructor(name: string, backend: Backend, services: JailServices, log: JailLogs, state: JailState) {
    const { clock, hub, resolver, own, database } = services;
    this.#name = name;
    this.#services = services;
    this.#log = log;
    this.policy = new BanPolicy((now, before) => state.rulesChanged(now, before));
    this.filter = new Filter({ jail: name, clock, log: this.#log.filter });
    this.journalMatches = new JournalMatches({
      jail: name,
      log: hub.logger("filtersystemd"),
      backend: backend.name,
    });
    this.ignore = new IgnoreRules({ clock, log: this.#log.filter, jail: name, resolver, own });
    this.#guard = new NetworkGuard(this.ignore, () => clock.now());
    this.subjects = new BanSubjects(() => this.policy.rules.banprefix, this.#guard);
    const view = this.#makeView();
    this.tickets = new TicketValues(view, () => this.policy.rules, services);
    this.actions = new ActionList({
      jail: name,
      clock,
      log: this.#log.actions,
      infoOf: (ticket) => this.tickets.infoOf(ticket),
    });
    this.actionMaker = new ActionMaker(this.actions, view, services);
    this.#records = new BanRecords({ jail: name, database, maxMatches: () => this.limits.maxMatches });
    const { enforcer, aggregation } = makeEnforcer(this.actions, {
      jail: name,
      runner: services.runner,
      log: this.#log.actions,
      rules: () => this.policy.rules,
      guard: this.#guard,
      endOf: (ticket) => this.bans.endOf(ticket),
    });
    this.aggregation = aggregation;
    this.banning = new Banning({
      jail: name,
      clock,
      log: this.#log.actions,
      observerLog: hub.logger("observer"),
      bans: this.bans,
      actions: this.actions,
      enforcer,
      rules: () => this.policy.rules,
      increment: this.increment,
      records: this.#records,
      database,
    });
    this.pending = new PendingFailures({ jail: name, failures: () => this.failures, database });
    this.verification = new Verification(clock, () => this.banning.verify(), name);
    const dates = new DateAnnouncements(hub.logger("datedetector"), this.filter);
    this.settings = new JailSettings({
      log: this.#log,
      limits: this.limits,
      filter: this.filter,
      dates,
      banning: this.banning,
      increment: this.increment,
      hasDatabase: () => database() !== null,
    });
    this.byHand = new BansByHand({
      jail: name,
      clock,
      log: this.#log.actions,
      own,
      resolver,
      ignore: this.ignore,
      banning: this.banning,
      aggregation,
    });
    this.restoration = this.#makeRestoration(state);
    this.counting = this.#makeCounting(state);
    this.feed = new LineFeed(this.filter, (failure) => this.counting.found(failure), {
      together: (work) => this.#log.filter.together(work),
      onLines: () => dates.linesCome(),
    });
    const side = {
      jail: name,
      feed: this.feed,
      matches: this.journalMatches,
      findTime: () => this.limits.findTime,
    };
    this.logs = openSource(backend, side, services);
  }

  /** Whether a ban from the database is not to be put in force again. */
  #isSpared(ticket: BanTicket): boolean | Promise<boolean> {
    if (!this.policy.rules.banprefix.makes(ticket.id)) {
      return this.ignore.isIgnored(this.tickets.candidateOf(ticket.id, () => ticket));
    }
    const mayBan = this.#guard.mayBan(ticket.id);
    return typeof mayBan === "boolean" ? !mayBan : mayBan.then((yes) => !yes);
  }

  #makeRestoration(state: JailState): BanRestoration {
    const { clock, database, releaseMemory } = this.#services;
    return new BanRestoration({
      jail: this.#name,
      log: this.#log.actions,
      database,
      policy: () => ({
        now: clock.now(),
        banTime: this.bans.banTime,
        increment: this.increment.enabled,
        maxTime: this.increment.maxTime,
        maxMatches: this.limits.maxMatches,
      }),
      isRunning: () => state.isRunning(),
      isDryRun: () => this.policy.rules.dryrun,
      isSpared: (ticket) => this.#isSpared(ticket),
      records: this.#records,
      banning: this.banning,
      changed: () => state.restoring(),
      releaseMemory,
    });
  }

  #makeCounting(state: JailState): Counting {
    const { clock, hub, resolver, database } = this.#services;
    return new Counting({
      jail: this.#name,
      clock,
      log: this.#log.filter,
      observerLog: hub.logger("observer"),
      dnsLog: hub.logger("ipdns"),
      resolver,
      ignore: this.ignore,
      failures: this.failures,
      limits: this.limits,
      increment: this.increment,
      database,
      subjectOf: (id) => this.subjects.of(id),
      undecided: (failure) => this.pending.undecided(failure),
      onPressure: (high) => state.pressed(high),
      warnsOfNames: () => this.filter.useDns === "warn",
      candidateOf: (id, failure) =>
        this.tickets.candidateOf(id, () => {
          const { time, timeIsInteger, data } = failure;
          return newBanTicket({ id, time, timeIsInteger, data });
        }),
      ban: (ticket) => this.banning.request(ticket),
    });
  }

  /** What actions see of their jail. */
  #makeView(): JailView {
    return {
      name: this.#name,
      bantime: () => this.bans.banTime,
      banned: () => this.bans.size,
      bannedTotal: () => this.bans.total,
      found: () => this.failures.size,
      foundTotal: () => this.failures.total,
    };
  }
}
