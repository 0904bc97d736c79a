import type { Logger, LogHub } from "../log/logger.ts";
import { attributeError, runtimeError } from "../pyvalue/errors.ts";
import { repr } from "../pyvalue/repr.ts";
import type { PyValue } from "../pyvalue/value.ts";
import type { Action, BanOperation } from "./action.ts";
import { ActionEnvironment } from "./action-environment.ts";
import { ActionProperties } from "./action-properties.ts";
import type { BanInfo } from "./ban-info.ts";
import { CommandBatches } from "./command-batches.ts";
import { CommandRuns } from "./command-runs.ts";
import { type CommandSurroundings, CommandTexts } from "./command-texts.ts";
import type { ShellCommand } from "./dynamic-tags.ts";
import type { ActionFamily } from "./family-states.ts";
import type { TransactionRunner } from "./firewall-transactions.ts";
import type { GroupLock } from "./group-lock.ts";
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
  readonly #properties: ActionProperties;
  readonly #texts: CommandTexts;
  readonly #logger: Logger;
  readonly #runs: CommandRuns;
  readonly #batches: CommandBatches;
  readonly #environment: ActionEnvironment;

  constructor(options: CommandActionOptions) {
    this.name = options.name;
    this.#properties = new ActionProperties(options.parseSeconds);
    this.#texts = new CommandTexts(this.#properties, options);
    this.#logger = options.logs.logger("CommandAction");
    this.#runs = new CommandRuns(this.#properties, options);
    this.#batches = new CommandBatches({
      runner: options.runner,
      transactions: options.transactions ?? null,
      clock: options.clock,
      log: this.#runs.log,
    });
    this.#environment = new ActionEnvironment({
      name: options.name,
      jail: options.jail,
      properties: this.#properties,
      texts: this.#texts,
      runs: this.#runs,
      logs: options.logs,
      lock: options.lock,
      ipv6Allowed: () => options.ipv6Allowed(),
      raiseEpoch: () => options.raiseEpoch(),
    });
  }

  get norestored(): boolean {
    return this.#properties.flag("norestored") ?? false;
  }
  get prolongable(): boolean {
    return this.#properties.text("actionprolong").trim() !== "";
  }
  get holdsBans(): boolean {
    return this.flushes || this.#properties.text("actionunban").trim() !== "";
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
    return this.#environment.epoch;
  }
  epochOf(family: BanInfo["family"]): number {
    return family === null ? this.epoch : this.#environment.epochOf(family);
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
    this.#environment.invalidate();
  }

  /**
   * Actions that can flush keep bans somewhere that outlives the server: their stop command clears that away. Others,
   * as those that send mail, have nothing to clear.
   */
  async clearLeftovers(): Promise<void> {
    if (this.flushes) await this.#environment.clear();
  }

  start(): Promise<void> {
    return this.#environment.start();
  }

  stop(): Promise<void> {
    return this.#environment.stop();
  }

  reload(): Promise<void> {
    return this.#environment.reload();
  }

  async flush(): Promise<boolean> {
    if (this.flushes) await this.#environment.flush();
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
    const commands = await this.#commandsFor(operations).catch((error: Error) => error);
    if (commands instanceof Error) return [commands];
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

  consistencyCheck(mayRepair: () => boolean = () => true): Promise<boolean> {
    return this.#environment.check(mayRepair);
  }

  /** Runs one command, under this action's time limit unless another is given; tells whether it succeeded. */
  run(command: ShellCommand, timeoutSeconds?: number): Promise<boolean> {
    return this.#runs.run(command, timeoutSeconds);
  }

  /**
   * The commands for operations whose families are started; families that are not are started on the way.
   * Ends before the first operation that cannot be prepared; fails when that is the first of all.
   */
  async #commandsFor(operations: readonly BanOperation[]): Promise<(ShellCommand | null)[]> {
    const commands: (ShellCommand | Promise<ShellCommand> | null)[] = [];
    const willHold = new Set<ActionFamily>();
    for (const operation of operations) {
      const { kind, info } = operation;
      const family = familyOf(info);
      if (this.#isInVain(operation)) break;
      if (isBan(kind)) {
        if (this.#environment.mustStart(family)) {
          try {
            await this.#environment.startFor(family);
          } catch (error) {
            // The first operation is told; a later one comes first another time.
            if (commands.length === 0) throw error;
            break;
          }
        }
        willHold.add(family);
      }
      const holds = willHold.has(family) || this.#environment.families.hasBans(family);
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
    if (this.#isInVain(operation)) return;
    if (needsBans(kind) && !this.#environment.families.hasBans(family)) return;
    if (isBan(kind) && this.#environment.mustStart(family)) await this.#environment.startFor(family);
    if (!(await this.#execute(this.#optionFor(kind), info, ranOnce))) await this.#fail(VERBS[kind], info);
    this.#succeeded(operation);
  }

  #succeeded({ kind, info }: BanOperation): void {
    if (isBan(kind)) this.#environment.banned(familyOf(info));
  }

  /** Where nothing works bans cannot be put back, however many there are; they will be when something works again. */
  #isInVain({ kind, info }: BanOperation): boolean {
    return kind === "reban" && this.#environment.isBroken(familyOf(info));
  }

  #optionFor(kind: BanOperation["kind"]): string {
    return kind === "reban" && !this.#has("actionreban") ? "actionban" : `action${kind}`;
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
    if (!(await this.#environment.ensure(family, mayRepair, unban))) return false;
    return this.#runs.run(command);
  }

  async #runFirst(command: ShellCommand, info: BanInfo): Promise<boolean> {
    const { timeoutSeconds } = this.#properties;
    return (
      (await this.#batches.runStatement(command, timeoutSeconds, addressOf(info))) || this.#runs.run(command)
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
    this.#environment.commandsChanged();
  }
}

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
