import type { Clock } from "../time/clock.ts";
import { type CommandLog, succeeded } from "./command-log.ts";
import type { ShellCommand } from "./dynamic-tags.ts";
import { type FirewallStatement, firewallStatement, sharesTransaction } from "./firewall-statement.ts";
import type { TransactionRunner } from "./firewall-transactions.ts";
import { Pace } from "./pace.ts";
import { type ShellRunner, SILENT_SUCCESS } from "./shell.ts";
import { StatementReader } from "./statement-reader.ts";

/** What became of several commands. */
export interface BatchOutcome {
  /** So many, from the first on, have succeeded. */
  readonly succeeded: number;
  /** Whether the one after those has run and failed; otherwise it has not run, or nothing is known of it. */
  readonly failed: boolean;
}

/** What {@link CommandBatches} needs. */
export interface CommandBatchesOptions {
  readonly runner: ShellRunner;
  readonly transactions: TransactionRunner | null;
  readonly clock: Clock;
  readonly log: CommandLog;
}

const NOTHING: BatchOutcome = { succeeded: 0, failed: false };

/** Runs commands of one action together: firewall commands as one transaction, others in one shell. */
export class CommandBatches {
  readonly #options: CommandBatchesOptions;
  /** For firewall statements. */
  readonly #inTransactions = new Pace({ first: 1024, largest: 32_768, hasFixedCost: true });
  /** For other commands. A shell that runs slow ones cannot be called back, so it is not given many. */
  readonly #inShells = new Pace({ first: 4, largest: 64, hasFixedCost: false });
  #pace = this.#inTransactions;
  readonly #reader = new StatementReader();

  constructor(options: CommandBatchesOptions) {
    this.#options = options;
  }

  /** Most commands that are worth preparing for {@link run}. */
  get size(): number {
    return this.#pace.size;
  }

  /**
   * Runs commands in their order, as many from the first on as can run together.
   *
   * @param commands `null`: nothing to run for this one
   * @param addresses what each is about
   */
  async run(
    commands: readonly (ShellCommand | null)[],
    timeoutSeconds: number,
    addresses: readonly string[] = [],
  ): Promise<BatchOutcome> {
    const statements = this.#commonStatements(commands, addresses);
    this.#pace = statements.some((statement) => statement !== null) ? this.#inTransactions : this.#inShells;
    if (this.#pace === this.#inTransactions)
      return this.#apply(commands.slice(0, statements.length), statements, timeoutSeconds);
    return this.#runInShell(commands, timeoutSeconds);
  }

  /** Runs one command if it is a firewall statement. Returns false when it was not, or failed. */
  async runStatement(command: ShellCommand, timeoutSeconds: number, address = ""): Promise<boolean> {
    const statement = this.#options.transactions && this.#reader.read(command, address);
    this.#pace = statement ? this.#inTransactions : this.#inShells;
    // A program that is started for each costs as much as the shell.
    if (statement?.language !== "nft") return false;
    return (await this.#apply([command], [statement], timeoutSeconds)).succeeded === 1;
  }

  /** Statements of the commands from the first on, as far as one transaction can hold them. */
  #commonStatements(
    commands: readonly (ShellCommand | null)[],
    addresses: readonly string[],
  ): (FirewallStatement | null)[] {
    if (!this.#options.transactions) return [];
    const statements: (FirewallStatement | null)[] = [];
    let first: FirewallStatement | null = null;
    for (const [index, command] of commands.entries()) {
      const statement = command && this.#reader.read(command, addresses[index] ?? "");
      if (command && !statement) break;
      if (first && statement && !sharesTransaction(first, statement)) break;
      first ??= statement;
      statements.push(statement);
    }
    return statements;
  }

  async #apply(
    commands: readonly (ShellCommand | null)[],
    statements: readonly (FirewallStatement | null)[],
    timeoutSeconds: number,
  ): Promise<BatchOutcome> {
    const { transactions, clock } = this.#options;
    const begin = clock.now();
    const wanted = statements.filter((statement) => statement !== null);
    const done = (await transactions?.apply(wanted, timeoutSeconds)) ?? false;
    const count = commands.length;
    this.#inTransactions.ran(count, clock.now() - begin, done);
    if (!done) return NOTHING;
    for (const command of commands)
      if (command) this.#options.log.write(command, SILENT_SUCCESS, timeoutSeconds);
    return { succeeded: count, failed: false };
  }

  async #runInShell(
    commands: readonly (ShellCommand | null)[],
    timeoutSeconds: number,
  ): Promise<BatchOutcome> {
    const { runner, transactions, clock, log } = this.#options;
    const isStatement = (command: ShellCommand | null) =>
      command !== null && transactions !== null && firewallStatement(command) !== null;
    const end = commands.findIndex(isStatement);
    const part = commands.slice(0, Math.min(end < 0 ? commands.length : end, this.#inShells.size));
    const scripts = part.filter((command) => command !== null);
    if (scripts.length === 0) return { succeeded: part.length, failed: false };
    if (scripts.length === 1 || !runner.runAll) return NOTHING;
    const begin = clock.now();
    const results = await runner.runAll(scripts, { timeoutSeconds });
    this.#inShells.ran(scripts.length, clock.now() - begin, results.every(succeeded));
    for (const [index, result] of results.entries()) log.write(scripts[index]!, result, timeoutSeconds);
    const done = results.filter(succeeded).length;
    const next = scripts[done];
    return {
      succeeded: next === undefined ? part.length : part.indexOf(next),
      failed: done < results.length,
    };
  }
}
