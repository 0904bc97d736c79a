import type { Logger } from "../log/logger.ts";
import type { Clock } from "../time/clock.ts";
import { succeeded } from "./command-log.ts";
import type { ShellCommand } from "./dynamic-tags.ts";
import { type FirewallStatement, transactionText } from "./firewall-statement.ts";
import { cleaningRequest, NftCleaning } from "./nft-cleaning.ts";
import { NftSession } from "./nft-session.ts";
import type { SystemShell } from "./shell.ts";

/** Applies statements to firewalls. */
export interface TransactionRunner {
  /**
   * Applies statements that share a reader. Never throws.
   *
   * @returns true when all were applied; after false each has to be run as the command it was, which tells what is
   *   wrong. Then none was applied, or (ipset, a time limit) some whose repetition does no harm.
   */
  apply(statements: readonly FirewallStatement[], timeoutSeconds: number): Promise<boolean>;
  /**
   * Runs a command that empties or removes what a jail has in a firewall, together with those of other jails.
   *
   * @returns false when it is no such command, or could not be run so; then nothing has changed
   */
  clean?(command: ShellCommand, timeoutSeconds: number): Promise<boolean>;
  /** Lets processes end that stay for the next statement. */
  close(): void;
}

/** A text up to this length is quicker through a session, a longer one through a process of its own; characters. */
const LONGEST_LINE = 4096;

/** What {@link FirewallTransactions} needs. */
export interface FirewallTransactionsOptions {
  readonly shell: SystemShell;
  readonly clock: Clock;
  readonly log: Logger;
  /**
   * Called before each transaction, which is quick enough to overtake what was to be written down first: a ban that
   * is in force and was forgotten would never be lifted.
   */
  readonly beforehand?: () => void;
}

/** Firewall transactions for all jails of a server. */
export class FirewallTransactions implements TransactionRunner {
  readonly #beforehand: () => void;
  readonly #shell: SystemShell;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #sessions = new Map<string, NftSession>();
  readonly #cleaning: NftCleaning;

  constructor(options: FirewallTransactionsOptions) {
    this.#beforehand = options.beforehand ?? (() => {});
    this.#shell = options.shell;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#cleaning = new NftCleaning(options.shell);
  }

  async apply(statements: readonly FirewallStatement[], timeoutSeconds: number): Promise<boolean> {
    const [first] = statements;
    if (!first) return true;
    this.#beforehand();
    const text = transactionText(statements);
    if (first.language === "nft" && text.length <= LONGEST_LINE) {
      return this.#session(first.reader[0]!).run(text.trim().replaceAll("\n", "; "), timeoutSeconds);
    }
    const result = await this.#shell.feed(first.reader, text, { timeoutSeconds });
    if (succeeded(result)) return true;
    const { code, error, stderr } = result;
    this.#log.debug(
      () =>
        `${statements.length} statements for ${first.reader[0]} are run one by one, together they failed: ` +
        `${error?.message ?? code} ${stderr.slice(0, 500).trim()}`,
    );
    return false;
  }

  async clean(command: ShellCommand, timeoutSeconds: number): Promise<boolean> {
    const request = cleaningRequest(command);
    return request !== null && this.#cleaning.run(request, timeoutSeconds);
  }

  close(): void {
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
  }

  #session(program: string): NftSession {
    let session = this.#sessions.get(program);
    if (!session) {
      session = new NftSession(program, this.#clock);
      this.#sessions.set(program, session);
    }
    return session;
  }
}
