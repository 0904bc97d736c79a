import { LEVELS, type Logger, type LogHub } from "../log/logger.ts";
import { attributeError, runtimeError } from "../pyvalue/errors.ts";
import { repr, reprString } from "../pyvalue/repr.ts";
import type { PyValue } from "../pyvalue/value.ts";
import type { Action, BanOperation } from "./action.ts";
import { ActionProperties } from "./action-properties.ts";
import type { BanInfo } from "./ban-info.ts";
import { CommandBatches } from "./command-batches.ts";
import { CommandLog, commandText, succeeded } from "./command-log.ts";
import { type CommandSurroundings, CommandTexts } from "./command-texts.ts";
import type { ShellCommand } from "./dynamic-tags.ts";
import { type ActionFamily, FamilyStates } from "./family-states.ts";
import type { TransactionRunner } from "./firewall-transactions.ts";
import { GroupLock } from "./group-lock.ts";
import type { ShellRunner } from "./shell.ts";

/** What a command action needs from the house. */
export interface CommandActionOptions extends CommandSurroundings {
  readonly name: string;
  readonly runner: ShellRunner;
  /** Applies firewall commands without a shell; without it they are commands as all others. */
  readonly transactions?: TransactionRunner | undefined;
  /** Keeps start and stop commands of actions apart that may share something in a firewall. */
  readonly lock?: GroupLock | undefined;
  readonly logs: LogHub;
  /** Reads a time expression like `1m` as seconds; throws when it is none. */
  parseSeconds(text: string): number;
  /** Whether an action for all families is started for IPv6 too. */
  ipv6Allowed(): boolean;
  /** Counts a repair: raises the epoch of the jail and returns it. */
  raiseEpoch(): number;
}

/** An action made of shell commands: when each runs, for which families, and what happens when one fails. */
export class CommandAction implements Action {
  readonly name: string;
  readonly #options: CommandActionOptions;
  readonly #properties: ActionProperties;
  readonly #texts: CommandTexts;
  readonly #logger: Logger;
  readonly #commands: Logger;
  readonly #log: CommandLog;
  readonly #batches: CommandBatches;
  readonly #lock: GroupLock;
  readonly #families = new FamilyStates();
  /** Start commands that ran since the last stop: families may share one. */
  readonly #startedBy = new Set<string>();
  /** Numbers of the latest repairs by family; `""` for all families. */
  readonly #epochs = new Map<ActionFamily, number>();

  constructor(options: CommandActionOptions) {
    this.name = options.name;
    this.#options = options;
    this.#properties = new ActionProperties(options.parseSeconds);
    this.#texts = new CommandTexts(this.#properties, options);
    this.#logger = options.logs.logger("CommandAction");
    this.#commands = options.logs.logger("action");
    this.#log = new CommandLog(options.logs.logger("utils"));
    this.#lock = options.lock ?? new GroupLock();
    this.#batches = new CommandBatches({
      runner: options.runner,
      transactions: options.transactions ?? null,
      clock: options.clock,
      log: this.#log,
    });
  }

  get norestored(): boolean {
    return this.#properties.flag("norestored") ?? false;
  }
  get prolongable(): boolean {
    return this.#properties.text("actionprolong").trim() !== "";
  }
  get flushes(): boolean {
    return this.#has("actionflush");
  }
  get checkable(): boolean {
    return this.#has("actioncheck");
  }
  get repairsOnUnban(): boolean {
    return this.#properties.flag("actionrepair_on_unban") ?? false;
  }
  get epoch(): number {
    return Math.max(0, ...this.#epochs.values());
  }
  epochOf(family: BanInfo["family"]): number {
    if (family === null) return this.epoch;
    return Math.max(this.#epochs.get("") ?? 0, this.#epochs.get(family) ?? 0);
  }

  /** Names of all options, sorted, as `get JAIL actionproperties ACTION` answers. */
  get propertyNames(): string[] {
    return [...this.#properties.names, "ESCAPE_CRE", "ESCAPE_VN_CRE", "banEpoch"].sort();
  }

  /**
   * An option, as `get JAIL action ACTION NAME` answers.
   *
   * @throws PyError (`AttributeError`) when there is none of that name
   */
  get(name: string): PyValue {
    if (name === "banEpoch") return this.epoch;
    const value = this.#properties.get(name);
    if (value !== undefined) return value;
    throw attributeError(`'CommandAction' object has no attribute '${name}'`);
  }

  /** Sets an option, a new one too. Time expressions become seconds; `bantime` is ignored. */
  set(name: string, value: PyValue): void {
    this.#properties.set(name, value);
    this.#forget();
    this.#logger.debug(() => `  Set ${name} = ${repr(this.#properties.get(name) ?? null)}`);
  }

  /** Before a reload sets the options again: empties the commands. Parameters and the started state stay. */
  clearAllParams(): void {
    this.#properties.reset();
    this.#forget();
  }

  /** Makes bans of this action look older than the action, so that they are put back when asked for. */
  invalidateBanEpoch(): void {
    this.#epochs.set("", this.#options.raiseEpoch());
  }

  /**
   * Actions that can flush keep bans somewhere that outlives the server: their stop command clears that away. Others,
   * as those that send mail, have nothing to clear.
   */
  async clearLeftovers(): Promise<void> {
    if (!this.flushes) return;
    const { timeoutSeconds } = this.#properties;
    const ran = new Set<string>();
    for (const family of this.#startFamilyList()) {
      const command = await this.#texts.operation("actionstop", family);
      if (!command || ran.has(identity(command))) continue;
      ran.add(identity(command));
      await this.#alone("actionstop", () => this.#options.runner.run(command, { timeoutSeconds }));
    }
  }

  async start(): Promise<void> {
    if (!this.#startsOnDemand) await this.#startFamilies(this.#startFamilyList());
  }

  async stop(): Promise<void> {
    await this.#stopFamilies(this.#families.started);
  }

  async reload(): Promise<void> {
    await this.#operate("actionreload", "reloading", this.#families.started, new Set());
  }

  async flush(): Promise<boolean> {
    if (!this.flushes) return true;
    const done = (family: ActionFamily) => this.#families.flush(family);
    await this.#operate("actionflush", "flushing", this.#families.withBans, new Set(), done);
    return true;
  }

  ban(info: BanInfo): Promise<void> {
    return this.#runOne({ kind: "ban", info });
  }

  reban(info: BanInfo): Promise<void> {
    return this.#runOne({ kind: "reban", info });
  }

  unban(info: BanInfo): Promise<void> {
    return this.#runOne({ kind: "unban", info });
  }

  prolong(info: BanInfo): Promise<void> {
    return this.#runOne({ kind: "prolong", info });
  }

  renew(info: BanInfo): Promise<void> {
    return this.#runOne({ kind: "renew", info });
  }

  get mostAtOnce(): number {
    return this.#batches.size;
  }

  /** Executes operations together as far as possible; where that fails the next one is executed by itself. */
  async runSome(operations: readonly BanOperation[]): Promise<readonly (Error | null)[]> {
    const results: (Error | null)[] = [];
    const commands = await this.#commandsFor(operations);
    const { timeoutSeconds } = this.#properties;
    const addresses = operations.map(({ info }) => addressOf(info));
    const outcome = commands.length > 1 ? await this.#batches.run(commands, timeoutSeconds, addresses) : null;
    for (const operation of operations.slice(0, outcome?.succeeded ?? 0)) {
      this.#succeeded(operation);
      results.push(null);
    }
    const next = operations[results.length];
    if (next && (results.length === 0 || outcome?.failed)) {
      const ranOnce = outcome?.failed ?? false;
      const error = await this.#runOne(next, ranOnce).then(
        () => null,
        (reason: Error) => reason,
      );
      results.push(error);
    }
    return results;
  }

  async consistencyCheck(mayRepair: () => boolean = () => true): Promise<boolean> {
    let sane = true;
    const checked = new Set<string>();
    for (const family of this.#families.started) {
      const check = await this.#texts.check("actioncheck", family);
      if (!check || checked.has(identity(check))) continue;
      checked.add(identity(check));
      if (await this.#checkInvariant(family, mayRepair)) continue;
      this.#setStopped([family]);
      sane = false;
    }
    return sane;
  }

  /** Runs one command, under this action's time limit unless another is given; tells whether it succeeded. */
  async run(command: ShellCommand, timeoutSeconds = this.#properties.timeoutSeconds): Promise<boolean> {
    this.#commands.log(COMMAND_LEVEL, () => commandText(command));
    const result = await this.#options.runner.run(command, { timeoutSeconds });
    this.#log.write(command, result, timeoutSeconds);
    return succeeded(result);
  }

  /** Runs a command for a whole family, with those of other jails where that is possible. */
  async #clean(command: ShellCommand): Promise<boolean> {
    const { timeoutSeconds } = this.#properties;
    return (await this.#options.transactions?.clean?.(command, timeoutSeconds)) || this.run(command);
  }

  get #startsOnDemand(): boolean {
    return this.#properties.flag("actionstart_on_demand") ?? this.#properties.hasConditional;
  }

  #startFamilyList(): ActionFamily[] {
    const listed = this.#properties.text("families").match(/inet4|inet6/g);
    if (listed) return listed as ActionFamily[];
    if (!this.#properties.hasConditional) return [""];
    return this.#options.ipv6Allowed() ? ["inet4", "inet6"] : ["inet4"];
  }

  /**
   * The commands for operations whose families are started; families that are not are started on the way.
   * Ends before the first operation that cannot be prepared.
   */
  async #commandsFor(operations: readonly BanOperation[]): Promise<(ShellCommand | null)[]> {
    const commands: (ShellCommand | Promise<ShellCommand> | null)[] = [];
    const willHold = new Set<ActionFamily>();
    for (const operation of operations) {
      const { kind, info } = operation;
      const family = familyOf(info);
      if (isBan(kind)) {
        if (this.#mustStart(family)) {
          // The first one starts its family by itself, and is told if that fails.
          if (commands.length === 0) return [];
          const started = await this.#startFor(family).then(
            () => true,
            () => false,
          );
          if (!started) break;
        }
        willHold.add(family);
      }
      const holds = willHold.has(family) || this.#families.hasBans(family);
      const template = this.#texts.template(this.#optionFor(kind), family);
      if ((needsBans(kind) && !holds) || template.isBlank) commands.push(null);
      else commands.push(template.renderNow(info) ?? template.render(info));
    }
    return Promise.all(commands);
  }

  /** @param ranOnce whether its command has run already, and failed */
  async #runOne(operation: BanOperation, ranOnce = false): Promise<void> {
    const { kind, info } = operation;
    const family = familyOf(info);
    if (needsBans(kind) && !this.#families.hasBans(family)) return;
    if (isBan(kind) && this.#mustStart(family)) await this.#startFor(family);
    if (!(await this.#execute(this.#optionFor(kind), info, ranOnce))) await this.#fail(VERBS[kind], info);
    this.#succeeded(operation);
  }

  #succeeded({ kind, info }: BanOperation): void {
    if (isBan(kind)) this.#families.ban(familyOf(info));
  }

  #optionFor(kind: BanOperation["kind"]): string {
    return kind === "reban" && !this.#has("actionreban") ? "actionban" : `action${kind}`;
  }

  #mustStart(family: ActionFamily): boolean {
    return this.#startsOnDemand && !this.#families.isStarted(family);
  }

  /** A ban without family may concern any: it needs all that are not started yet. */
  async #startFor(family: ActionFamily): Promise<void> {
    const wanted = family === "" ? this.#startFamilyList() : [family];
    await this.#startFamilies(wanted.filter((one) => !this.#families.isStarted(one)));
    this.#families.start(family);
  }

  async #startFamilies(families: readonly ActionFamily[]): Promise<void> {
    const done = (family: ActionFamily) => this.#families.start(family);
    await this.#operate("actionstart", "starting", families, this.#startedBy, done);
  }

  async #stopFamilies(families: readonly ActionFamily[]): Promise<void> {
    this.#setStopped(families);
    await this.#operate("actionstop", "stopping", families, new Set());
  }

  /** From now on a start command has to run again, even one that families share. */
  #setStopped(families: readonly ActionFamily[]): void {
    this.#startedBy.clear();
    for (const family of families) this.#families.stop(family);
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
      const command = await this.#texts.operation(option, family);
      if (command && !ran.has(identity(command))) {
        if (await this.#alone(option, () => this.#clean(command))) ran.add(identity(command));
        else {
          failed = true;
          continue;
        }
      }
      done(family);
    }
    if (!failed) return;
    const jail = `Jail(${reprString(this.#options.jail.name)})`;
    throw runtimeError(`Error ${verb} action ${jail}/${this.name}: 'Script error'`);
  }

  /** What sends mail shares nothing, and may take its time without holding others up. */
  #alone<T>(option: string, work: () => Promise<T>): Promise<T> {
    const shares = this.flushes && (option === "actionstart" || option === "actionstop");
    return shares ? this.#lock.run(option, work) : work();
  }

  /** Runs a command for a ban; when it fails, once more after a look at the environment. */
  async #execute(option: string, info: BanInfo, ranOnce: boolean): Promise<boolean> {
    const family = familyOf(info);
    const template = this.#texts.template(option, family);
    if (template.isBlank) return true;
    const command = template.renderNow(info) ?? (await template.render(info));
    if (!ranOnce && (await this.#runFirst(command, info))) return true;
    const unban = option === "actionunban";
    const mayRepair = () => {
      if (!unban || this.repairsOnUnban) return true;
      this.#logger.error("Invariant check failed. Unban is impossible.");
      return false;
    };
    if (!(await this.#checkInvariant(family, mayRepair, unban))) return false;
    return this.run(command);
  }

  async #runFirst(command: ShellCommand, info: BanInfo): Promise<boolean> {
    const { timeoutSeconds } = this.#properties;
    return (await this.#batches.runStatement(command, timeoutSeconds, addressOf(info))) || this.run(command);
  }

  async #checkInvariant(family: ActionFamily, mayRepair: () => boolean, forUnban = false): Promise<boolean> {
    const check = await this.#texts.check("actioncheck", family);
    if (!check || (await this.run(check))) return true;
    if (!mayRepair()) return false;
    this.#logger.error("Invariant check failed. Trying to restore a sane environment");
    // What is restarted for one family may be all there is.
    this.#epochs.set(this.#properties.hasConditional ? family : "", this.#options.raiseEpoch());
    const repaired = await this.#repair(family, forUnban);
    if (repaired && (!this.#families.isStarted(family) || (await this.run(check)))) return true;
    this.#logger.critical("Unable to restore environment");
    return false;
  }

  async #repair(family: ActionFamily, forUnban: boolean): Promise<boolean> {
    const repair = await this.#texts.check("actionrepair", family);
    if (repair) {
      const repaired = await this.#alone("actionstart", () => this.run(repair));
      if (repaired) this.#families.start(family);
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

  #has(option: string): boolean {
    return this.#properties.text(option) !== "";
  }

  async #fail(verb: string, info: BanInfo): Promise<never> {
    throw runtimeError(`Error ${verb} ${(await info.value("ip")) ?? info.id.text}`);
  }

  #forget(): void {
    this.#texts.clear();
    this.#startedBy.clear();
  }
}

const COMMAND_LEVEL = LEVELS.DEBUG - 1;

const VERBS = {
  ban: "banning",
  reban: "banning",
  unban: "unbanning",
  prolong: "prolonging",
  renew: "renewing",
} as const;

function isBan(kind: BanOperation["kind"]): boolean {
  return kind === "ban" || kind === "reban";
}

/** Whether there is nothing to be done where no ban was. */
function needsBans(kind: BanOperation["kind"]): boolean {
  return kind === "unban" || kind === "renew";
}

function familyOf(info: BanInfo): ActionFamily {
  return info.family ?? "";
}

/** What `<ip>` becomes; empty when that is yet to be found out. */
function addressOf(info: BanInfo): string {
  const address = info.value("ip");
  return typeof address === "string" ? address : "";
}

/** Two commands with the same identity do the same. */
function identity(command: ShellCommand): string {
  return JSON.stringify([command.script, ...command.values]);
}
