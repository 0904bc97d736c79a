import { RegexError } from "../detect/regex-error.ts";
import type { Jail } from "../jail/jail.ts";
import type { Jails } from "../jail/jails.ts";
import type { Logger } from "../log/logger.ts";
import { Identifier } from "../net/identifier.ts";
import { failure, indexError, regexError, valueError } from "../pyvalue/errors.ts";
import { repr, str } from "../pyvalue/repr.ts";
import { PyError, type PyValue } from "../pyvalue/value.ts";
import type { Clock } from "../time/clock.ts";
import { FAIL2BAN_VERSION } from "../version.ts";
import {
  actionCommand,
  actionQuery,
  isActionCommand,
  isActionQuery,
  roleOfQuery,
} from "./action-commands.ts";
import { decimal, text, texts, word } from "./arguments.ts";
import { ban, banCommand, banQuery, isBanCommand, isBanQuery } from "./ban-commands.ts";
import { getOption, isReadable, isWritable, setOption, setSeveral } from "./jail-options.ts";
import { jailOfMessage, Problems } from "./problems.ts";
import { isReset, profile } from "./profile.ts";
import { reload } from "./reload.ts";
import { permissionError, permits, type Role } from "./role.ts";
import { history, search } from "./search.ts";
import type { ServerSettings } from "./server-settings.ts";
import { statusFlavor, statusOfJail, statusOfServer } from "./status.ts";
import { firstFailure, runStream, type StreamOptions } from "./stream.ts";
import { unban } from "./unban-command.ts";
import { why } from "./why.ts";

/** What the commands act on. */
export interface CommandTableOptions {
  readonly jails: Jails;
  readonly settings: ServerSettings;
  /** Logger `fail2ban.transmitter`. */
  readonly log: Logger;
  /** Logger `fail2ban.server`. */
  readonly serverLog: Logger;
  readonly clock: Clock;
  /** Stops all jails and then the server. */
  readonly quit: () => Promise<void>;
}

type Handler = (command: readonly PyValue[]) => PyValue | Promise<PyValue>;

/** A command: the role that it needs (some decide by their words), and what it does. */
type Command = { readonly role: Role | ((command: readonly PyValue[]) => Role) } & (
  | { /** Only asks, and so waits for no change that is under way. */ readonly ask: Handler }
  | { readonly change: Handler }
);

/** Commands that a configuration stream may have beyond those of the reference, whose servers answer `pong`. */
const EXTENSIONS = ["addlogglob"] as const;

/** Marks the one word that stands for all jails. */
export const ALL = "--all";

/**
 * The commands of the protocol: each is a list of words, each gives a value or fails with a {@link PyError}.
 * Commands that change something are executed one after the other, in the order of their arrival; those that ban or
 * lift bans begin in that order, and others do not wait until actions have carried them out.
 */
export class CommandTable {
  readonly #o: CommandTableOptions;
  readonly #problems = new Problems();
  #last: Promise<unknown> = Promise.resolve();

  readonly #commands: Readonly<Record<string, Command>> = {
    ping: { role: "read", ask: ([, what]) => (what === "extensions" ? [...EXTENSIONS] : "pong") },
    echo: { role: "read", ask: (command) => command.slice(1) },
    version: { role: "read", ask: () => FAIL2BAN_VERSION },
    "server-status": { role: "read", ask: () => this.#serverStatus() },
    status: { role: "read", ask: (command) => this.#status(command) },
    stats: { role: "read", ask: () => this.#statistics() },
    statistic: { role: "read", ask: () => this.#statistics() },
    statistics: { role: "read", ask: () => this.#statistics() },
    banned: { role: "read", ask: (command) => this.#banned(command) },
    get: { role: (command) => this.#roleToGet(command), ask: (command) => this.#get(command) },
    search: { role: "read", ask: (command) => search(command, this.#o) },
    history: { role: "read", ask: (command) => history(command, this.#o) },
    why: { role: "read", ask: (command) => why(command, this.#o.jails, this.#o.clock) },
    profile: {
      role: (command) => (isReset(command) ? "admin" : "read"),
      ask: (command) => profile(command, this.#o.jails),
    },
    problems: { role: "read", ask: () => new Map<PyValue, PyValue>(this.#problems.all()) },
    sleep: { role: "admin", change: (command) => this.#sleep(decimal(word(command, 1))) },
    "config-error": { role: "admin", change: (command) => this.#configError(command) },
    "server-stream": { role: "admin", change: (command) => this.#serverStream(command) },
    ban: { role: "ban", change: (command) => ban(this.#o.jails, command) },
    unban: { role: "ban", change: (command) => unban(this.#o.jails, command) },
    flushlogs: { role: "admin", change: () => this.#o.settings.flushLogs() },
    add: { role: "admin", change: (command) => this.#add(command) },
    start: { role: "admin", change: (command) => this.#start(command) },
    stop: { role: "admin", change: (command) => this.#stop(command) },
    reload: { role: "admin", change: (command) => this.#reload(command) },
    set: { role: (command) => this.#roleToSet(command), change: (command) => this.#set(command, false) },
    "multi-set": { role: "admin", change: (command) => this.#set(command, true) },
  };

  constructor(options: CommandTableOptions) {
    this.#o = options;
  }

  /** The names of all commands. */
  get names(): readonly string[] {
    return Object.keys(this.#commands);
  }

  /** The role that a command needs; one that does not exist needs none, and fails for everybody alike. */
  roleOf(command: readonly PyValue[]): Role {
    const role = this.#find(command)?.role ?? "read";
    return typeof role === "string" ? role : role(command);
  }

  /**
   * Executes one command.
   *
   * @param role what the sender may do
   * @throws {PyError} what the client is told when the command fails
   */
  async execute(command: PyValue, role: Role = "admin"): Promise<PyValue> {
    const words = asWords(command);
    try {
      const needed = this.roleOf(words);
      if (!permits(role, needed)) throw permissionError(str(words[0] ?? null), role, needed);
      const found = this.#find(words);
      if (found && "ask" in found) return await found.ask(words);
      const change = () => this.#run(words, false);
      // What waits for an action, perhaps for a minute, must not keep others from banning.
      return await (isAboutBans(words) ? this.#last.then(change) : this.#inOrder(change));
    } catch (error) {
      throw this.#report(words, error);
    }
  }

  /** Executes a change when all earlier ones are done. */
  #inOrder<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => {});
    return result;
  }

  #report(command: readonly PyValue[], error: unknown): PyError {
    const known = asPyError(error as Error);
    this.#o.log.warning(`Command ${repr([...command])} has failed. Received ${repr(known)}`);
    if (!(error instanceof PyError)) this.#o.log.debug(() => (error as Error).stack ?? String(error));
    return known;
  }

  /** @param quiet within a stream: `set` does not read the value back */
  async #run(command: readonly PyValue[], quiet: boolean): Promise<PyValue> {
    const name = word(command, 0);
    if (quiet && (name === "set" || name === "multi-set")) {
      return this.#set(command, name === "multi-set", true);
    }
    const found = this.#find(command);
    if (!found) throw failure("Invalid command");
    return "ask" in found ? found.ask(command) : found.change(command);
  }

  #find([name]: readonly PyValue[]): Command | undefined {
    return typeof name === "string" && Object.hasOwn(this.#commands, name) ? this.#commands[name] : undefined;
  }

  /** Properties of actions may be passwords and keys of services: they are for administrators. */
  #roleToGet(command: readonly PyValue[]): Role {
    const [, name, option] = command.map((one) => str(one));
    if (name === undefined || option === undefined || this.#o.settings.isReadable(name)) return "read";
    return isActionQuery(option) ? roleOfQuery(option) : "read";
  }

  #roleToSet(command: readonly PyValue[]): Role {
    const [, name, option] = command.map((one) => str(one));
    if (name === undefined || option === undefined || this.#o.settings.isWritable(name)) return "admin";
    return isBanCommand(option) ? "ban" : "admin";
  }

  #serverStatus(): string {
    this.#o.log.debug("Status: ready");
    return "Server ready";
  }

  async #sleep(seconds: number): Promise<null> {
    await new Promise<void>((resolve) => void this.#o.clock.after(seconds, resolve));
    return null;
  }

  /** `config-error TEXT [JAIL]`: the reader of the configuration had to leave out a jail. */
  #configError(command: readonly PyValue[]): null {
    const message = text(command, 1);
    this.#o.log.error(message);
    const jail = command.length > 2 ? text(command, 2) : jailOfMessage(message);
    if (jail !== null) this.#problems.note(jail, message.replace(`Jail '${jail}' `, ""));
    return null;
  }

  async #serverStream(command: readonly PyValue[]): Promise<null> {
    const stream = word(command, 1);
    if (!Array.isArray(stream)) throw failure("Invalid command");
    await runStream(stream.map(asWords), this.#streamOptions);
    return null;
  }

  #reload(command: readonly PyValue[]): Promise<string> {
    return reload(command, {
      ...this.#streamOptions,
      rehearse: (commands) => {
        const table = new CommandTable({ ...this.#o, jails: this.#o.jails.rehearsal() });
        return firstFailure(commands, (c) => table.#run(c, true));
      },
    });
  }

  get #streamOptions(): StreamOptions {
    const { jails, serverLog } = this.#o;
    return { jails, log: serverLog, problems: this.#problems, run: (command) => this.#run(command, true) };
  }

  async #status(command: readonly PyValue[]): Promise<PyValue> {
    const { jails } = this.#o;
    if (command.length === 1) return statusOfServer(jails.names());
    if (command.length > 3) throw failure("Invalid command (no status)");
    const which = text(command, 1);
    const flavor = this.#flavor(command.length > 2 ? text(command, 2) : "basic");
    if (which !== ALL) return statusOfJail(jails.get(which), flavor);
    const all = new Map<PyValue, PyValue>();
    const sorted = jails.all().toSorted((a, b) => (a.name < b.name ? -1 : 1));
    for (const jail of sorted) all.set(jail.name, await statusOfJail(jail, flavor));
    return flavor === "stats" || flavor === "sources" ? all : [...statusOfServer(jails.names()), all];
  }

  #flavor(name: string) {
    const flavor = statusFlavor(name);
    if (flavor) return flavor;
    this.#o.log.warning(
      `Unsupported extended jail status flavor ${repr(name)}. Supported: basic, short, stats, cymru, sources`,
    );
    return "basic";
  }

  #statistics(): Promise<PyValue> {
    return this.#status(["status", ALL, "stats"]);
  }

  #banned(command: readonly PyValue[]): PyValue {
    const { jails } = this.#o;
    if (command.length === 1) {
      return jails.all().map((jail) => new Map([[jail.name, jail.bans.tickets().map((t) => t.id.text)]]));
    }
    return texts(command, 1).map((ip) => {
      const id = Identifier.parse(ip);
      return jails
        .all()
        .filter((jail) => jail.isBanned(id))
        .map((jail) => jail.name);
    });
  }

  async #add(command: readonly PyValue[]): Promise<string> {
    const name = text(command, 1);
    if (name === ALL) throw failure(`Reserved name ${repr(ALL)}`);
    await this.#o.jails.add(name, command.length > 2 ? text(command, 2) : "auto");
    return name;
  }

  async #start(command: readonly PyValue[]): Promise<null> {
    await this.#o.jails.start(text(command, 1));
    return null;
  }

  async #stop(command: readonly PyValue[]): Promise<null> {
    const { jails } = this.#o;
    if (command.length === 1) await this.#o.quit();
    else if (command[1] === ALL) await jails.stopAll();
    else await jails.stop(text(command, 1));
    return null;
  }

  #get(command: readonly PyValue[]): PyValue {
    const { settings, jails } = this.#o;
    const name = text(command, 1);
    if (settings.isReadable(name)) return settings.get(name);
    const option = text(command, 2);
    const jail = (): Jail => jails.get(name);
    const words = command.slice(3);
    if (isReadable(option)) return getOption(jail(), option);
    if (isBanQuery(option)) return banQuery(jail(), option, words);
    if (isActionQuery(option)) return actionQuery(jail, option, words);
    throw failure("Invalid command (no get action or not yet implemented)");
  }

  async #set(command: readonly PyValue[], several: boolean, quiet = false): Promise<PyValue> {
    const { settings, jails } = this.#o;
    const name = text(command, 1);
    if (settings.isWritable(name)) {
      await settings.set(name, word(command, 2), quiet);
      return quiet ? null : settings.get(name);
    }
    const option = text(command, 2);
    const words = command.slice(3);
    const jail = (): Jail => jails.get(name);
    if (several && (option === "addfailregex" || option === "addignoreregex")) {
      return setSeveral(jail, option, words);
    }
    if (isWritable(option)) return setOption(jail, option, words, quiet);
    if (isBanCommand(option)) return banCommand(jail, option, words);
    if (isActionCommand(option)) return actionCommand(jail(), option, words, { several, quiet });
    throw failure(`Invalid command ${repr(option)} (no set action or not yet implemented)`);
  }
}

/** Errors of the rooms below as the exceptions that clients know. */
function asPyError(error: Error): PyError {
  if (error instanceof PyError) return error;
  if (error instanceof RegexError) return regexError(error.message);
  if (error instanceof RangeError) return valueError(error.message);
  return failure(error.message);
}

/** Whether a command bans, lifts bans or counts failures. */
function isAboutBans([name, , option]: readonly PyValue[]): boolean {
  if (name === "set") return typeof option === "string" && isBanCommand(option);
  return name === "ban" || name === "unban";
}

/** A command as a list of words; anything that is none fails as it does in the reference. */
function asWords(command: PyValue): PyValue[] {
  if (!Array.isArray(command)) throw failure("Invalid command");
  if (command.length === 0) throw indexError();
  return command;
}
