import type { Filter } from "../detect/filter.ts";
import { Identifier } from "../net/identifier.ts";
import { waitAtMost } from "../time/wait-at-most.ts";
import { type BanList, type BanTicket, newBanTicket } from "../track/ban-list.ts";
import type { BanTimeIncrement } from "../track/ban-time-increment.ts";
import type { FailureLimits, FailureTable } from "../track/failure-table.ts";
import type { IgnoreRules } from "../track/ignore-rules.ts";
import type { ActionList } from "./action-list.ts";
import type { ActionMaker } from "./action-maker.ts";
import type { Aggregation } from "./aggregation.ts";
import type { Backend } from "./backend.ts";
import type { BanPolicy, BanRules } from "./ban-policy.ts";
import type { LiftedBans } from "./bans-by-hand.ts";
import { isEnforced } from "./dry-run.ts";
import type { JailSettings } from "./jail-settings.ts";
import { type JailLogs, JailStages } from "./jail-stages.ts";
import type { JournalMatches } from "./journal-matches.ts";
import type { LineFeed } from "./line-feed.ts";
import type { LogSource } from "./log-source.ts";
import type { JailServices } from "./services.ts";

const LONGEST_NAME = 25;
/** A reload waits no longer for actions that are busy, as those that send mails may be for hours. */
const RELOAD_SECONDS = 2;
const DRY_RUN = "This is a dry run (dryrun = true): bans are listed and logged, and nobody is blocked";

/** One jail, from its log lines to its bans: its life from start to stop, its reloads, and what is asked of it. */
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
  readonly limits: FailureLimits;
  readonly failures: FailureTable;
  readonly ignore: IgnoreRules;
  readonly increment: BanTimeIncrement;
  readonly bans: BanList;
  readonly actions: ActionList;
  /** Makes actions for {@link actions}. */
  readonly actionMaker: ActionMaker;
  readonly settings: JailSettings;
  /** What the administrator decided about bans beyond how long they last. */
  readonly policy: BanPolicy;
  /** Bans of networks in place of those of their addresses. */
  readonly aggregation: Aggregation;
  readonly #services: JailServices;
  readonly #stages: JailStages;
  readonly #log: JailLogs;
  #running = false;
  #idle = false;
  /** So much has been read that its failures are not decided yet. */
  #pressed = false;
  #reloading = false;

  constructor(name: string, backend: Backend, services: JailServices) {
    const { hub } = services;
    this.name = name;
    this.backend = backend.name;
    this.requestedBackend = backend.requested;
    this.#services = services;
    this.#log = { jail: hub.logger("jail"), filter: hub.logger("filter"), actions: hub.logger("actions") };
    this.#announce(backend);
    const stages = new JailStages(name, backend, services, this.#log, {
      isRunning: () => this.#running,
      rulesChanged: (now, before) => this.#rulesChanged(now, before),
      pressed: (high) => {
        this.#pressed = high;
        this.#pauseOrNot();
      },
      restoring: () => this.#pauseOrNot(),
    });
    this.#stages = stages;
    this.filter = stages.filter;
    this.feed = stages.feed;
    this.logs = stages.logs;
    this.journalMatches = stages.journalMatches;
    this.limits = stages.limits;
    this.failures = stages.failures;
    this.ignore = stages.ignore;
    this.increment = stages.increment;
    this.bans = stages.bans;
    this.actions = stages.actions;
    this.actionMaker = stages.actionMaker;
    this.settings = stages.settings;
    this.policy = stages.policy;
    this.aggregation = stages.aggregation;
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
    this.#stages.banning.idle = on;
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
    this.#stages.pending.restore(oldest, (failure) => this.#stages.counting.found(failure));
    this.#log.jail.info(`Jail '${this.name}' started`);
    this.#stages.restoration.run();
    this.#pauseOrNot();
    this.#stages.verification.start();
  }

  /** A database that could not be opened has been: bans that it alone knows of come into force. */
  restoreBans(): void {
    if (this.#running) this.#stages.restoration.run();
  }

  /** Fulfilled when the bans of the database are in force again. */
  get restored(): Promise<void> {
    return this.#stages.restoration.inForce;
  }

  /** Stops reading, takes all bans back (the database keeps them) and stops the actions. */
  async stop(): Promise<void> {
    this.logs.close();
    this.#stages.verification.stop();
    this.#stages.banning.close();
    const ran = this.#running;
    // At once: bans of the database that are still to come would stay in force.
    this.#running = false;
    if (ran) {
      await this.#stages.banning.flush({ forget: false, stopping: true });
      await this.actions.stop();
    }
    this.#stages.pending.close();
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
    return this.#stages.byHand.ban(texts, banTime);
  }

  /** Lifts bans: of identifiers, of all addresses in a network, of all addresses of a name. */
  unban(texts: readonly string[]): Promise<LiftedBans> {
    return this.#stages.byHand.unban(texts);
  }

  /** Lifts the bans that began more than so many seconds ago, and returns their identifiers. */
  unbanOlder(seconds: number): Promise<string[]> {
    return this.#stages.byHand.unbanOlder(seconds);
  }

  /** Lifts all bans and forgets them. Returns their number. */
  unbanAll(): Promise<number> {
    return this.#stages.banning.flush({ forget: true, stopping: false });
  }

  /** Counts failures by hand; 0 when the identifier is ignored, else 1. */
  attempt(text: string, lines: readonly string[]): Promise<0 | 1> {
    return this.#stages.counting.attempt(Identifier.parse(text), lines);
  }

  /** Whether failures of this identifier are passed over. */
  isIgnored(id: Identifier): boolean | Promise<boolean> {
    return this.ignore.isIgnored(
      this.#stages.tickets.candidateOf(id, () => newBanTicket({ id, time: this.#services.clock.now() })),
    );
  }

  /** The clock was set to another time, or the machine slept. */
  clockSet(): void {
    this.failures.notAfter(this.#services.clock.now());
    this.#stages.banning.clockSet();
  }

  /** Who is counted and banned for the failure of an identifier: itself, or its prefix. */
  subjectOf(id: Identifier): Identifier | Promise<Identifier> {
    return this.#stages.subjects.of(id);
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
    await this.#stages.banning.unbanSome(await this.#stages.subjects.spared(this.bans.tickets()));
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

  /**
   * Ends a reload: bans stay in force, also in actions that are new. Answers when the actions are done, but does not wait
   * long for one that is busy: it goes on as configured now when its turn comes.
   */
  async finishReload(): Promise<void> {
    this.#reloading = false;
    this.logs.dropStale();
    const actions = this.actions.finishReload(this.aggregation.held(this.#enforced()));
    this.policy.finishReload();
    const spared = this.ignoreRulesChanged();
    this.idle = false;
    await waitAtMost(this.#services.clock, RELOAD_SECONDS, Promise.all([actions, spared]));
  }

  #pauseOrNot(): void {
    this.logs.paused = this.#idle || this.#pressed || this.#stages.restoration.underWay || !this.#running;
  }

  #enforced(): BanTicket[] {
    return this.bans.tickets().filter(isEnforced);
  }

  #rulesChanged(now: BanRules, before: BanRules): void {
    if (now.verify !== before.verify) this.#stages.verification.seconds = now.verify;
    if (!this.#running) return;
    if (now.dryrun && !before.dryrun) this.#log.actions.notice(`[${this.name}] ${DRY_RUN}`);
    if (before.dryrun && !now.dryrun) {
      void this.actions.wake();
      void this.#stages.banning.endDryRun();
    }
    if (now.kerneltimeout !== before.kerneltimeout) this.#stages.banning.tellEnds();
    if (!before.aggregate.equals(now.aggregate)) void this.aggregation.regroup(this.#enforced());
    this.#stages.banning.enforceLimit();
  }

  #beginDryRun(): void {
    this.actions.sleep();
    this.#log.actions.notice(`[${this.name}] ${DRY_RUN}`);
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
