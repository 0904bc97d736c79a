import { CommandTable } from "../control/commands.ts";
import { ControlSockets } from "../control/control-sockets.ts";
import { findGroup } from "../control/group-database.ts";
import type { Role } from "../control/role.ts";
import { ServerSettings } from "../control/server-settings.ts";
import { FirewallTransactions } from "../enforce/firewall-transactions.ts";
import { GroupLock } from "../enforce/group-lock.ts";
import { SystemShell } from "../enforce/shell.ts";
import { Jails } from "../jail/jails.ts";
import { LogOutput } from "../log/log-output.ts";
import type { Logger, LogHub } from "../log/logger.ts";
import { HostName } from "../net/host-name.ts";
import { IPv6Setting } from "../net/ipv6.ts";
import { OwnAddresses } from "../net/own-addresses.ts";
import { Resolver } from "../net/resolver.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { FileHub } from "../source/file-hub.ts";
import { runJournalctl } from "../source/journal-process.ts";
import { StandardInput } from "../source/standard-input.ts";
import { SyslogReceivers } from "../source/syslog-receiver.ts";
import { DatabaseSlot } from "../store/database-slot.ts";
import type { Clock } from "../time/clock.ts";
import { ClockWatch } from "../time/clock-watch.ts";
import { formatDuration } from "../time/format-duration.ts";
import { FAIL2BAN_VERSION } from "../version.ts";
import { PidFile } from "./pid-file.ts";
import { releaseMemory } from "./release-memory.ts";
import { WhenAtRest } from "./when-at-rest.ts";

/** From a configuration to the work that the first line of each jail would wait for. */
const PREPARE_SECONDS = 0.1;
/** For so long a server must have had little to do before it practises for attackers. */
const PRACTICE_SECONDS = 0.2;
/** From a start, a reload or the return of many bans to the release of the memory that it took. */
const RELEASE_SECONDS = 5;

/** How a server is to run. */
export interface ServerOptions {
  readonly hub: LogHub;
  readonly clock: Clock;
  readonly socketPath: string;
  readonly pidFile: string;
  /** Remove what stands at the socket's path. */
  readonly force: boolean;
  /** Descriptor of a listening socket handed over by the service manager. */
  readonly inheritedFd?: number | null;
  /** Whether the process has detached itself from its terminal. */
  readonly background: boolean;
  readonly logLevel: string;
  readonly logTarget: string;
  readonly syslogSocket: string;
}

/** The server: it joins socket, commands, jails, log and database, and knows the order of starting and stopping. */
export class Server {
  readonly #o: ServerOptions;
  readonly #log: Logger;
  readonly #output: LogOutput;
  readonly #database: DatabaseSlot;
  readonly #files: FileHub;
  readonly #transactions: FirewallTransactions;
  readonly #jails: Jails;
  readonly #commands: CommandTable;
  readonly #sockets: ControlSockets;
  readonly #pidFile: PidFile;
  readonly #clockWatch: ClockWatch;
  readonly #leaving = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  readonly #practice: WhenAtRest;
  readonly #release: WhenAtRest;
  #hasPractised = false;
  #quitting: Promise<void> | null = null;

  constructor(options: ServerOptions) {
    const { hub, clock } = options;
    this.#o = options;
    this.#log = hub.logger("server");
    this.#practice = new WhenAtRest({
      clock,
      delaySeconds: PRACTICE_SECONDS,
      work: () => void this.#practise(),
    });
    this.#release = new WhenAtRest({ clock, delaySeconds: RELEASE_SECONDS, work: releaseMemory });
    this.#output = new LogOutput({ hub, clock });
    this.#pidFile = new PidFile(options.pidFile, this.#log);
    this.#database = new DatabaseSlot({
      clock,
      log: hub.logger("database"),
      inUse: () => this.#jails.names().length > 0,
      onRecovery: () => {
        for (const jail of this.#jails.all()) jail.restoreBans();
      },
    });
    this.#files = new FileHub({ clock, log: hub.logger("filterpyinotify") });
    const ipv6 = new IPv6Setting();
    const beforehand = () => this.#database.current?.commit();
    const shell = new SystemShell(clock, beforehand);
    this.#transactions = new FirewallTransactions({ shell, clock, log: hub.logger("action"), beforehand });
    this.#jails = this.#makeJails(ipv6, shell);
    this.#sockets = new ControlSockets({
      path: options.socketPath,
      handler: (command, { role }) => this.execute(command, role),
      clock,
      log: hub.logger("asyncserver"),
      force: options.force,
      inheritedFd: options.inheritedFd ?? null,
      findGroup,
    });
    this.#clockWatch = new ClockWatch(clock, (seconds) => this.#clockSet(seconds));
    const settings = new ServerSettings({
      output: this.#output,
      database: this.#database,
      ipv6,
      sockets: this.#sockets,
      log: this.#log,
    });
    this.#commands = new CommandTable({
      jails: this.#jails,
      settings,
      log: hub.logger("transmitter"),
      serverLog: this.#log,
      clock,
      quit: () => this.quit(),
    });
  }

  /** Fulfilled when the server has ended. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Fulfilled when the server begins to go down. */
  get quitting(): Promise<void> {
    return this.#leaving.promise;
  }

  /** Number of jails. */
  get jailCount(): number {
    return this.#jails.names().length;
  }

  /**
   * Opens log and socket; from then on clients are answered. Jails come with the first stream of commands.
   *
   * @throws {ControlSocketError} when the socket cannot be used
   * @throws {LogTargetError} when the log target cannot be used
   */
  async start(): Promise<void> {
    this.#output.setLevel(this.#o.logLevel);
    this.#output.setSyslogSocket(this.#o.syslogSocket);
    this.#output.setTarget(this.#o.logTarget);
    this.#log.info("-".repeat(50));
    this.#log.info(`Starting Fail2ban v${FAIL2BAN_VERSION}`);
    if (this.#o.background) this.#log.info("Daemon started");
    this.#pidFile.write();
    this.#o.hub.logger("observer").info("Observer start...");
    this.#clockWatch.start();
    try {
      await this.#sockets.listen();
    } catch (error) {
      this.#log.error(`Could not start server: ${(error as Error).message}`);
      this.#pidFile.remove();
      throw error;
    }
  }

  /**
   * Executes one command as if a client had sent it.
   *
   * @param role what the client may do
   * @throws {PyError} when it fails
   */
  execute(command: PyValue, role: Role = "admin"): Promise<PyValue> {
    const answer = this.#commands.execute(command, role);
    const name = Array.isArray(command) ? command[0] : null;
    if (name === "server-stream") this.#release.soon();
    if (name === "server-stream" || name === "reload") void answer.then(this.#prepareSoon, this.#prepareSoon);
    return answer;
  }

  /** Lines may come now, but whoever configured the server waits for a last answer. */
  readonly #prepareSoon = (): void => {
    this.#o.clock.after(PREPARE_SECONDS, () => void this.#prepare(), { background: true });
  };

  async #prepare(): Promise<void> {
    await this.#jails.prepare();
    if (this.#hasPractised) return;
    // While a firewall takes many bans the server has little to do itself, but no time to lose.
    await this.#jails.restored;
    if (!this.#quitting) this.#practice.soon();
  }

  /** Stops all jails and ends the server; fulfilled when the jails have stopped. */
  quit(): Promise<void> {
    this.#quitting ??= this.#quit();
    return this.#quitting;
  }

  async #quit(): Promise<void> {
    const observer = this.#o.hub.logger("observer");
    this.#log.info("Shutdown in progress...");
    this.#leaving.resolve();
    this.#sockets.refuseRequests();
    observer.info("Observer stop ... try to end queue 5 seconds");
    observer.info("Observer stopped, 0 events remaining.");
    this.#clockWatch.stop();
    this.#practice.cancel();
    this.#release.cancel();
    this.#log.info("Stopping all jails");
    await this.#jails.stopAll();
    this.#transactions.close();
    this.#files.close();
    this.#database.close();
    // Whoever asked for the end still gets its answer, so nobody waits here for the last connection.
    void this.#sockets.close().then(() => this.#finish());
  }

  #finish(): void {
    this.#log.info("Exiting Fail2ban");
    this.#pidFile.remove();
    this.#output.close();
    this.#closed.resolve();
  }

  async #practise(): Promise<void> {
    this.#hasPractised = true;
    try {
      await this.#jails.warmUp();
    } catch (error) {
      this.#log.debug(`Warming up failed: ${(error as Error).message}`);
    }
  }

  #clockSet(seconds: number): void {
    const by = formatDuration(Math.round(Math.abs(seconds)));
    const effect =
      seconds > 0
        ? "bans that have ended by the new time are lifted"
        : "no ban lasts longer than if it began now";
    this.#log.warning(`The system clock went ${seconds > 0 ? "ahead" : "back"} by ${by}: ${effect}`);
    for (const jail of this.#jails.all()) jail.clockSet();
  }

  #makeJails(ipv6: IPv6Setting, shell: SystemShell): Jails {
    const { hub, clock } = this.#o;
    const resolver = new Resolver({ clock, log: hub.logger("ipdns") });
    resolver.ipv6Allowed = () => ipv6.allowed;
    const host = new HostName();
    return new Jails({
      clock,
      hub,
      resolver,
      own: new OwnAddresses({ clock, resolver }),
      files: this.#files,
      journalctl: runJournalctl,
      stdin: new StandardInput(),
      syslog: new SyslogReceivers(clock),
      runner: shell,
      lock: new GroupLock(),
      transactions: this.#transactions,
      releaseMemory: () => this.#release.soon(),
      database: () => this.#database.current,
      ipv6Allowed: () => ipv6.allowed,
      hostName: (kind) => host[kind],
    });
  }
}
