import { LEVELS, type Logger, type LogHub } from "../log/logger.ts";
import type { ActionProperties } from "./action-properties.ts";
import { CommandLog, commandText, succeeded } from "./command-log.ts";
import type { ShellCommand } from "./dynamic-tags.ts";
import type { TransactionRunner } from "./firewall-transactions.ts";
import type { ShellRunner } from "./shell.ts";

/** What {@link CommandRuns} needs. */
export interface CommandRunsOptions {
  readonly runner: ShellRunner;
  readonly transactions?: TransactionRunner | undefined;
  readonly logs: LogHub;
}

/** Below DEBUG. */
const COMMAND_LEVEL = LEVELS.DEBUG - 1;

/** Runs commands of one action, one by one and under its time limit, and tells the log of them. */
export class CommandRuns {
  readonly #options: CommandRunsOptions;
  readonly #properties: ActionProperties;
  readonly #commands: Logger;
  readonly log: CommandLog;

  constructor(properties: ActionProperties, options: CommandRunsOptions) {
    this.#options = options;
    this.#properties = properties;
    this.#commands = options.logs.logger("action");
    this.log = new CommandLog(options.logs.logger("utils"));
  }

  /** Runs a command, under the action's time limit unless another is given; tells whether it succeeded. */
  async run(command: ShellCommand, timeoutSeconds = this.#properties.timeoutSeconds): Promise<boolean> {
    this.#commands.log(COMMAND_LEVEL, () => commandText(command));
    const result = await this.#options.runner.run(command, { timeoutSeconds });
    this.log.write(command, result, timeoutSeconds);
    return succeeded(result);
  }

  /** Runs a command whose failure is of no interest, and says nothing. */
  async runSilently(command: ShellCommand): Promise<void> {
    await this.#options.runner.run(command, { timeoutSeconds: this.#properties.timeoutSeconds });
  }

  /** Runs a command for a whole family, with those of other jails where that is possible. */
  async runForFamily(command: ShellCommand): Promise<boolean> {
    const { timeoutSeconds } = this.#properties;
    return (await this.#options.transactions?.clean?.(command, timeoutSeconds)) || this.run(command);
  }
}
