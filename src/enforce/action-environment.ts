import type { Logger, LogHub } from "../log/logger.ts";
import { runtimeError } from "../pyvalue/errors.ts";
import { reprString } from "../pyvalue/repr.ts";
import type { ActionProperties } from "./action-properties.ts";
import type { CommandRuns } from "./command-runs.ts";
import type { CommandTexts } from "./command-texts.ts";
import type { ShellCommand } from "./dynamic-tags.ts";
import { type ActionFamily, FamilyStates } from "./family-states.ts";
import { GroupLock } from "./group-lock.ts";

/** What {@link ActionEnvironment} needs. */
export interface ActionEnvironmentOptions {
  /** Name of the action. */
  readonly name: string;
  readonly jail: { readonly name: string };
  readonly properties: ActionProperties;
  readonly texts: CommandTexts;
  readonly runs: CommandRuns;
  readonly logs: LogHub;
  /** Keeps start and stop commands of actions apart that may share something in a firewall. */
  readonly lock?: GroupLock | undefined;
  /** Whether an action for all families is started for IPv6 too. */
  ipv6Allowed(): boolean;
  /** Counts a repair: raises the epoch of the jail and returns it. */
  raiseEpoch(): number;
}

/**
 * What the commands of an action set up around its bans: chains, sets, files. It is started and stopped for each address
 * family, looked after, and repaired.
 */
export class ActionEnvironment {
  /** For which families it is there, and has bans in it. */
  readonly families = new FamilyStates();
  readonly #o: ActionEnvironmentOptions;
  readonly #logger: Logger;
  readonly #lock: GroupLock;
  /** Start commands that ran since the last stop: families may share one. */
  readonly #startedBy = new Set<string>();
  /** Numbers of the latest repairs by family; `""` for all families. */
  readonly #epochs = new Map<ActionFamily, number>();
  /** Families for which start or repair has failed and nothing has worked since; `""` for all families. */
  readonly #broken = new Set<ActionFamily>();

  constructor(options: ActionEnvironmentOptions) {
    this.#o = options;
    this.#logger = options.logs.logger("CommandAction");
    this.#lock = options.lock ?? new GroupLock();
  }

  /** Number of the latest repair; 0: none. */
  get epoch(): number {
    return Math.max(0, ...this.#epochs.values());
  }

  /** The same for one family; 0 while it is out of order, when nothing can be put back. */
  epochOf(family: ActionFamily): number {
    if (this.isBroken(family)) return 0;
    return Math.max(this.#epochs.get("") ?? 0, this.#epochs.get(family) ?? 0);
  }

  /** Whether start or repair has failed for a family, and nothing has worked since. */
  isBroken(family: ActionFamily): boolean {
    return this.#broken.has(this.#scope(family));
  }

  /** A ban was carried out. */
  banned(family: ActionFamily): void {
    this.families.ban(family);
    this.#works(family);
  }

  /** Counts a repair that somebody else has done. */
  invalidate(): void {
    this.#epochs.set("", this.#o.raiseEpoch());
  }

  /** The commands have changed: what was started by the former ones may have to be started again. */
  commandsChanged(): void {
    this.#startedBy.clear();
  }

  /** Runs the stop commands for all families before anything was started, in silence. */
  async clear(): Promise<void> {
    const ran = new Set<string>();
    for (const family of this.#allFamilies()) {
      const command = await this.#o.texts.operation("actionstop", family);
      if (!command || ran.has(identity(command))) continue;
      ran.add(identity(command));
      await this.#alone("actionstop", () => this.#o.runs.runSilently(command));
    }
  }

  /** Starts it for all families, unless it is to be started by the first ban of each. */
  async start(): Promise<void> {
    if (!this.#startsOnDemand) await this.#startFamilies(this.#allFamilies());
  }

  /** Whether a ban of this family has to start it first. */
  mustStart(family: ActionFamily): boolean {
    return this.#startsOnDemand && !this.families.isStarted(family);
  }

  /** Starts it for a ban. One without family may concern any: it needs all that are not started yet. */
  async startFor(family: ActionFamily): Promise<void> {
    const wanted = family === "" ? this.#allFamilies() : [family];
    try {
      await this.#startFamilies(wanted.filter((one) => !this.families.isStarted(one)));
    } catch (error) {
      this.#broken.add(this.#scope(family));
      throw error;
    }
    this.families.start(family);
    this.#works(family);
  }

  async stop(): Promise<void> {
    this.#broken.clear();
    await this.#stopFamilies(this.families.started);
  }

  async reload(): Promise<void> {
    await this.#operate("actionreload", "reloading", this.families.started, new Set());
  }

  /** Takes all bans out of it. */
  async flush(): Promise<void> {
    const done = (family: ActionFamily) => this.families.flush(family);
    await this.#operate("actionflush", "flushing", this.families.withBans, new Set(), done);
  }

  /** Looks whether it is still there for each family that was started or could not be; tells whether it is now. */
  async check(mayRepair: () => boolean): Promise<boolean> {
    let sane = true;
    const checked = new Set<string>();
    for (const family of new Set([...this.families.started, ...this.#broken])) {
      const check = await this.#o.texts.check("actioncheck", family);
      if (!check || checked.has(identity(check))) continue;
      checked.add(identity(check));
      if (await this.ensure(family, mayRepair)) continue;
      this.#setStopped([family]);
      sane = false;
    }
    return sane;
  }

  /**
   * Looks whether it is there for a family, and repairs it; tells whether all is well now.
   *
   * @param mayRepair asked before a repair
   * @param forUnban nothing is to be banned: if everything has to go, it may be left to the next ban to start anew
   */
  async ensure(family: ActionFamily, mayRepair: () => boolean, forUnban = false): Promise<boolean> {
    const { texts, runs } = this.#o;
    const check = await texts.check("actioncheck", family);
    if (!check) return true;
    if (await runs.run(check)) {
      this.#works(family);
      return true;
    }
    if (!mayRepair()) return false;
    this.#logger.error("Invariant check failed. Trying to restore a sane environment");
    // What is restarted for one family may be all there is.
    this.#epochs.set(this.#scope(family), this.#o.raiseEpoch());
    const repaired = await this.#repair(family, forUnban);
    if (repaired && (!this.families.isStarted(family) || (await runs.run(check)))) {
      this.#broken.delete(this.#scope(family));
      return true;
    }
    this.#broken.add(this.#scope(family));
    this.#logger.critical("Unable to restore environment");
    return false;
  }

  /** For whom it is started and repaired together with a family: that one, or all. */
  #scope(family: ActionFamily): ActionFamily {
    return this.#o.properties.hasConditional ? family : "";
  }

  /** Something has worked: if nothing did before, what was banned until then has to be put back. */
  #works(family: ActionFamily): void {
    const scope = this.#scope(family);
    if (this.#broken.delete(scope)) this.#epochs.set(scope, this.#o.raiseEpoch());
  }

  get #startsOnDemand(): boolean {
    const { properties } = this.#o;
    return properties.flag("actionstart_on_demand") ?? properties.hasConditional;
  }

  #allFamilies(): ActionFamily[] {
    const { properties, ipv6Allowed } = this.#o;
    const listed = properties.text("families").match(/inet4|inet6/g);
    if (listed) return listed as ActionFamily[];
    if (!properties.hasConditional) return [""];
    return ipv6Allowed() ? ["inet4", "inet6"] : ["inet4"];
  }

  async #startFamilies(families: readonly ActionFamily[]): Promise<void> {
    const done = (family: ActionFamily) => this.families.start(family);
    await this.#operate("actionstart", "starting", families, this.#startedBy, done);
  }

  async #stopFamilies(families: readonly ActionFamily[]): Promise<void> {
    this.#setStopped(families);
    await this.#operate("actionstop", "stopping", families, new Set());
  }

  /** From now on a start command has to run again, even one that families share. */
  #setStopped(families: readonly ActionFamily[]): void {
    this.#startedBy.clear();
    for (const family of families) this.families.stop(family);
  }

  async #repair(family: ActionFamily, forUnban: boolean): Promise<boolean> {
    const repair = await this.#o.texts.check("actionrepair", family);
    if (repair) {
      const repaired = await this.#alone("actionstart", () => this.#o.runs.run(repair));
      if (repaired) this.families.start(family);
      else this.#setStopped([family]);
      return repaired;
    }
    await this.#stopFamilies([family]).catch(() => {});
    // What was banned is gone with the stop; the next ban starts the action anew.
    if (forUnban && this.#startsOnDemand) return true;
    return this.#startFamilies([family]).then(
      () => true,
      () => false,
    );
  }

  /**
   * Runs one command for several families. Families that share its text share its run: `ran` knows the texts
   * that need not run again.
   */
  async #operate(
    option: string,
    verb: string,
    families: readonly ActionFamily[],
    ran: Set<string>,
    done: (family: ActionFamily) => void = () => {},
  ): Promise<void> {
    let failed = false;
    for (const family of families) {
      const command = await this.#o.texts.operation(option, family);
      if (command && !ran.has(identity(command))) {
        if (await this.#alone(option, () => this.#o.runs.runForFamily(command))) ran.add(identity(command));
        else {
          failed = true;
          continue;
        }
      }
      done(family);
    }
    if (!failed) return;
    const jail = `Jail(${reprString(this.#o.jail.name)})`;
    throw runtimeError(`Error ${verb} action ${jail}/${this.#o.name}: 'Script error'`);
  }

  /** What sends mail shares nothing, and may take its time without holding others up. */
  #alone<T>(option: string, work: () => Promise<T>): Promise<T> {
    const flushes = this.#o.properties.text("actionflush") !== "";
    const shares = flushes && (option === "actionstart" || option === "actionstop");
    return shares ? this.#lock.run(option, work) : work();
  }
}

/** Two commands with the same identity do the same. */
function identity(command: ShellCommand): string {
  return JSON.stringify([command.script, ...command.values]);
}
