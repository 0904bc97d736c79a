import { Filter } from "../detect/filter.ts";
import type { JailView } from "../enforce/ticket-info.ts";
import type { Logger } from "../log/logger.ts";
import { Identifier } from "../net/identifier.ts";
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
import { BansByHand, type LiftedBans } from "./bans-by-hand.ts";
import { Counting } from "./counting.ts";
import { DateAnnouncements } from "./date-announcements.ts";
import { isEnforced } from "./dry-run.ts";
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
const LONGEST_NAME = 25;
const DRY_RUN = "This is a dry run (dryrun = true): bans are listed and logged, and nobody is blocked";

/** One jail: from its log lines to its bans. It only joins the stages; each stage has its own file. */
export class Jail {
  readonly name: string;
  /** How the log is read. */
  readonly backend: Backend["name"];
  /** The backend as it was asked for; another text at a reload means another jail. */
  readonly requestedBackend: string;
  readonly filter: Filter;
  /** What is between the source of the lines and the filter. */
  readonly feed: LineFeed;
  readonly logs: LogSource;
  readonly journalMatches: JournalMatches;
  readonly limits: FailureLimits = {
    findTime: DEFAULTS.findTime,
    maxRetry: DEFAULTS.maxRetry,
    maxMatches: DEFAULTS.maxMatches,
  };
  readonly failures = new FailureTable(this.limits, (id) => this.#pending.changed(id));
  readonly ignore: IgnoreRules;
  readonly increment = new BanTimeIncrement();
  readonly bans = new BanList(DEFAULTS.banTime);
  readonly actions: ActionList;
  /** Makes actions for {@link actions}. */
  readonly actionMaker: ActionMaker;
  readonly settings: JailSettings;
  /** What the administrator decided about bans beyond how long they last. */
  readonly policy = new BanPolicy((now, before) => this.#rulesChanged(now, before));
  /** Bans of networks in place of those of their addresses. */
  readonly aggregation: Aggregation;
  readonly #services: JailServices;
  readonly #tickets: TicketValues;
  readonly #guard: NetworkGuard;
  readonly #subjects: BanSubjects;
  readonly #counting: Counting;
  readonly #records: BanRecords;
  readonly #banning: Banning;
  readonly #pending: PendingFailures;
  readonly #byHand: BansByHand;
  readonly #restoration: BanRestoration;
  readonly #verification: Verification;
  readonly #log: { readonly jail: Logger; readonly filter: Logger; readonly actions: Logger };
  #running = false;
  #idle = false;
  /** So much has been read that its failures are not decided yet. */
  #pressed = false;
  #reloading = false;

  constructor(name: string, backend: Backend, services: JailServices) {
    const { clock, hub, resolver, own, database } = services;
    this.name = name;
    this.backend = backend.name;
    this.requestedBackend = backend.requested;
    this.#services = services;
    this.#log = { jail: hub.logger("jail"), filter: hub.logger("filter"), actions: hub.logger("actions") };
    this.#announce(backend);
    this.filter = new Filter({ jail: name, clock, log: this.#log.filter });
    this.journalMatches = new JournalMatches({
      jail: name,
      log: hub.logger("filtersystemd"),
      backend: backend.name,
    });
    this.ignore = new IgnoreRules({ clock, log: this.#log.filter, jail: name, resolver, own });
    this.#guard = new NetworkGuard(this.ignore, () => clock.now());
    this.#subjects = new BanSubjects(() => this.policy.rules.banprefix, this.#guard);
    const view = this.#makeView();
    this.#tickets = new TicketValues(view, () => this.policy.rules, services);
    this.actions = new ActionList({
      jail: name,
      clock,
      log: this.#log.actions,
      infoOf: (ticket) => this.#tickets.infoOf(ticket),
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
    this.#banning = new Banning({
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
    this.#pending = new PendingFailures({ jail: name, failures: () => this.failures, database });
    this.#verification = new Verification(clock, () => this.#banning.verify(), name);
    const dates = new DateAnnouncements(hub.logger("datedetector"), this.filter);
    this.settings = new JailSettings({
      log: this.#log,
      limits: this.limits,
      filter: this.filter,
      dates,
      banning: this.#banning,
      increment: this.increment,
      hasDatabase: () => database() !== null,
    });
    this.#byHand = new BansByHand({
      jail: name,
      clock,
      log: this.#log.actions,
      own,
      resolver,
      ignore: this.ignore,
      banning: this.#banning,
      aggregation,
    });
    this.#restoration = this.#makeRestoration();
    this.#counting = this.#makeCounting();
    this.feed = new LineFeed(this.filter, (failure) => this.#counting.found(failure), {
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

  /** Whether the jail was started. */
  get running(): boolean {
    return this.#running;
  }

  /** While idle nothing is read, no failure leads to a ban and no ban ends; bans by hand go on. */
  get idle(): boolean {
    return this.#idle;
  }

  set idle(on: boolean) {
    this.#idle = on;
    this.#pauseOrNot();
    this.#banning.idle = on;
  }

  /** Starts reading and enforcing, and puts the bans of the database back in force. */
  start(): void {
    if (this.#running) {
      this.idle = false;
      return;
    }
    this.#running = true;
    if (this.policy.rules.dryrun) this.#beginDryRun();
    // Actions work through queues, so bans that come at once wait behind the start commands.
    void this.actions.start({ afterCrash: this.#services.database()?.takeUnfinished(this.name) ?? false });
    const oldest = this.#services.clock.now() - this.limits.findTime;
    this.#pending.restore(oldest, (failure) => this.#counting.found(failure));
    this.#log.jail.info(`Jail '${this.name}' started`);
    void this.#restoration.run();
    this.#pauseOrNot();
    this.#verification.start();
  }

  /** A database that could not be opened has been: bans that it alone knows of come into force. */
  restoreBans(): void {
    if (this.#running) void this.#restoration.run();
  }

  /** Stops reading, takes all bans back (the database keeps them) and stops the actions. */
  async stop(): Promise<void> {
    this.logs.close();
    this.#verification.stop();
    this.#banning.close();
    if (this.#running) {
      await this.#banning.flush({ forget: false, stopping: true });
      await this.actions.stop();
    }
    this.#running = false;
    this.#pending.close();
    this.#services.database()?.disableJail(this.name);
    this.#log.jail.info(`Jail '${this.name}' stopped`);
  }

  /**
   * Bans identifiers at once, without asking the ignore rules. Returns the number of new bans.
   *
   * @param banTime ban time of their own in seconds, -1 for ever; `null`: that of the jail
   * @throws {PyError} `ValueError` when addresses of this machine are among them (unless `ignoreself` is off): those
   *   are not banned, the others are
   */
  banByHand(texts: readonly string[], banTime: number | null = null): Promise<number> {
    return this.#byHand.ban(texts, banTime);
  }

  /** Lifts bans: of identifiers, of all addresses in a network, of all addresses of a name. */
  unban(texts: readonly string[]): Promise<LiftedBans> {
    return this.#byHand.unban(texts);
  }

  /** Lifts the bans that began more than so many seconds ago, and returns their identifiers. */
  unbanOlder(seconds: number): Promise<string[]> {
    return this.#byHand.unbanOlder(seconds);
  }

  /** Lifts all bans and forgets them. Returns their number. */
  unbanAll(): Promise<number> {
    return this.#banning.flush({ forget: true, stopping: false });
  }

  /** Counts failures by hand; 0 when the identifier is ignored, else 1. */
  attempt(text: string, lines: readonly string[]): Promise<0 | 1> {
    return this.#counting.attempt(Identifier.parse(text), lines);
  }

  /** Whether failures of this identifier are passed over. */
  isIgnored(id: Identifier): boolean | Promise<boolean> {
    return this.ignore.isIgnored(
      this.#tickets.candidateOf(id, () => newBanTicket({ id, time: this.#services.clock.now() })),
    );
  }

  /** The clock was set to another time, or the machine slept. */
  clockSet(): void {
    this.failures.notAfter(this.#services.clock.now());
    this.#banning.clockSet();
  }

  /** Who is counted and banned for the failure of an identifier: itself, or its prefix. */
  subjectOf(id: Identifier): Identifier | Promise<Identifier> {
    return this.#subjects.of(id);
  }

  /**
   * Whether somebody is banned, by itself or because failures led to a ban of a network around it. A network that was
   * banned by hand stands for itself, as in the reference.
   */
  isBanned(id: Identifier): boolean {
    if (this.bans.get(id) !== undefined) return true;
    if (this.bans.around(id).some(({ failures }) => failures > 0)) return true;
    return this.aggregation.networkAround(id) !== undefined;
  }

  /** To be called when `ignoreip` has changed: networks with an ignored address in them are not blocked any more. */
  async ignoreRulesChanged(): Promise<void> {
    await this.aggregation.recheck();
    await this.#banning.unbanSome(await this.#subjects.spared(this.bans.tickets()));
  }

  /** Whether a reload of this jail has begun and not ended. */
  get reloading(): boolean {
    return this.#reloading;
  }

  /** Begins a reload: what the new configuration does not mention until {@link finishReload} will go. */
  beginReload(): void {
    this.#reloading = true;
    this.idle = true;
    this.filter.clearRegexes();
    this.feed.costs.reset();
    this.ignore.clear();
    this.journalMatches.clear();
    this.feed.format = "";
    this.logs.markStale();
    this.policy.beginReload();
    this.actions.beginReload();
  }

  /** Ends a reload: bans stay in force, also in actions that are new. */
  async finishReload(): Promise<void> {
    this.#reloading = false;
    this.logs.dropStale();
    await this.actions.finishReload(this.aggregation.held(this.#enforced()));
    this.policy.finishReload();
    await this.ignoreRulesChanged();
    this.idle = false;
  }

  #pauseOrNot(): void {
    this.logs.paused = this.#idle || this.#pressed || this.#restoration.underWay || !this.#running;
  }

  #enforced(): BanTicket[] {
    return this.bans.tickets().filter(isEnforced);
  }

  #rulesChanged(now: BanRules, before: BanRules): void {
    if (now.verify !== before.verify) this.#verification.seconds = now.verify;
    if (!this.#running) return;
    if (now.dryrun && !before.dryrun) this.#log.actions.notice(`[${this.name}] ${DRY_RUN}`);
    if (before.dryrun && !now.dryrun) {
      void this.actions.wake();
      void this.#banning.endDryRun();
    }
    if (now.kerneltimeout !== before.kerneltimeout) this.#banning.tellEnds();
    if (!before.aggregate.equals(now.aggregate)) void this.aggregation.regroup(this.#enforced());
    this.#banning.enforceLimit();
  }

  #beginDryRun(): void {
    this.actions.sleep();
    this.#log.actions.notice(`[${this.name}] ${DRY_RUN}`);
  }

  /** Whether a ban from the database is not to be put in force again. */
  #isSpared(ticket: BanTicket): boolean | Promise<boolean> {
    if (!this.policy.rules.banprefix.makes(ticket.id)) {
      return this.ignore.isIgnored(this.#tickets.candidateOf(ticket.id, () => ticket));
    }
    const mayBan = this.#guard.mayBan(ticket.id);
    return typeof mayBan === "boolean" ? !mayBan : mayBan.then((yes) => !yes);
  }

  #makeRestoration(): BanRestoration {
    const { clock, database, releaseMemory } = this.#services;
    return new BanRestoration({
      jail: this.name,
      log: this.#log.actions,
      database,
      policy: () => ({
        now: clock.now(),
        banTime: this.bans.banTime,
        increment: this.increment.enabled,
        maxTime: this.increment.maxTime,
        maxMatches: this.limits.maxMatches,
      }),
      isRunning: () => this.#running,
      isDryRun: () => this.policy.rules.dryrun,
      isSpared: (ticket) => this.#isSpared(ticket),
      records: this.#records,
      banning: this.#banning,
      changed: () => this.#pauseOrNot(),
      releaseMemory,
    });
  }

  #makeCounting(): Counting {
    const { clock, hub, resolver, database } = this.#services;
    return new Counting({
      jail: this.name,
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
      subjectOf: (id) => this.#subjects.of(id),
      undecided: (failure) => this.#pending.undecided(failure),
      onPressure: (high) => {
        this.#pressed = high;
        this.#pauseOrNot();
      },
      warnsOfNames: () => this.filter.useDns === "warn",
      candidateOf: (id, failure) =>
        this.#tickets.candidateOf(id, () => {
          const { time, timeIsInteger, data } = failure;
          return newBanTicket({ id, time, timeIsInteger, data });
        }),
      ban: (ticket) => this.#banning.request(ticket),
    });
  }

  /** What actions see of their jail. */
  #makeView(): JailView {
    return {
      name: this.name,
      bantime: () => this.bans.banTime,
      banned: () => this.bans.size,
      bannedTotal: () => this.bans.total,
      found: () => this.failures.size,
      foundTotal: () => this.failures.total,
    };
  }

  #announce(backend: Backend): void {
    const log = this.#log.jail;
    if (this.name.length > LONGEST_NAME) {
      log.warning(
        `Jail name '${this.name}' might be too long and some commands might not function correctly.` +
          " Please shorten",
      );
    }
    log.info(`Creating new jail '${this.name}'`);
    log.info(
      `Jail '${this.name}' uses ${backend.name === "polling" ? "poller" : backend.name} ${backend.shownOptions}`,
    );
    log.info(`Initiated '${backend.name}' backend`);
  }
}
