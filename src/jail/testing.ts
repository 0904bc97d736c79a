import type { CommandAction } from "../enforce/command-action.ts";
import type { ShellCommand } from "../enforce/dynamic-tags.ts";
import type { ShellResult, ShellRunner } from "../enforce/shell.ts";
import { LogHub, type LogRecord } from "../log/logger.ts";
import { OwnAddresses } from "../net/own-addresses.ts";
import { Resolver } from "../net/resolver.ts";
import { FileHub } from "../source/file-hub.ts";
import { SyslogReceivers } from "../source/syslog-receiver.ts";
import { BanDatabase } from "../store/database.ts";
import { ManualClock } from "../time/clock.ts";
import { chooseBackend } from "./backend.ts";
import { Jail } from "./jail.ts";
import type { JailServices } from "./services.ts";

/** Services for tests: a clock that the test drives, a shell that only writes down, a database in memory. */

/** Runs nothing: remembers each command and answers as told. */
export class RecordingRunner implements ShellRunner {
  /** Commands in the order in which they would have run. */
  readonly commands: string[] = [];
  /** Exit code for a command; 0 unless the test says otherwise. */
  exitCode: (script: string) => number = () => 0;
  /** Standard output of a command; empty unless the test says otherwise. */
  stdout: (script: string) => string = () => "";

  async run(command: ShellCommand): Promise<ShellResult> {
    this.commands.push([command.script, ...command.values].join(" | "));
    const code = this.exitCode(command.script);
    return {
      code,
      timedOut: false,
      error: null,
      stdout: this.stdout(command.script),
      stderr: "",
      droppedBytes: 0,
    };
  }
}

/** Everything a jail needs, and what a test wants to look at. */
export interface TestServices extends JailServices {
  readonly clock: ManualClock;
  readonly runner: RecordingRunner;
  readonly records: LogRecord[];
  /** Messages of level INFO and above as `logger: text`, and forgets them. */
  takeLog(): string[];
}

/** @param now first reading of the clock, seconds since 1970 UTC */
export function makeTestServices(now = 1_800_000_000): TestServices {
  const records: LogRecord[] = [];
  const hub = new LogHub((record) => records.push(record));
  const silent = new LogHub(() => {});
  const clock = new ManualClock(now);
  const nobody = () => Promise.reject(new Error("no names in tests"));
  const resolver = new Resolver({
    clock,
    log: hub.logger("ipdns"),
    names: { addressesOf: nobody, nameOf: nobody },
  });
  const database = BanDatabase.open(":memory:", { clock, log: silent.logger("database") });
  return {
    clock,
    hub,
    resolver,
    own: new OwnAddresses({
      clock,
      resolver: new Resolver({ clock, log: silent.logger("ipdns") }),
      interfaces: () => ({}),
    }),
    files: new FileHub({ clock, log: hub.logger("filter") }),
    journalctl: () => () => {},
    stdin: { fault: null, listen: () => () => {} },
    syslog: new SyslogReceivers(clock),
    runner: new RecordingRunner(),
    database: () => database,
    ipv6Allowed: () => true,
    hostName: () => "host.example",
    records,
    takeLog: () => {
      const lines = records.map(({ logger, message }) => `${logger.replace("fail2ban.", "")}: ${message}`);
      records.length = 0;
      return lines;
    },
  };
}

/** Lets everything that waits only for promises go on. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** What an action of a firewall has, as words that {@link RecordingRunner} writes down. */
export const FIREWALL_COMMANDS: Readonly<Record<string, string>> = {
  actionstart: "start",
  actionstop: "stop",
  actioncheck: "check",
  actionban: "ban <ip>",
  actionunban: "unban <ip>",
};

/** A jail `sshd` that is not started, with one action `fw`. */
export function makeTestJail(
  properties: Readonly<Record<string, string>> = FIREWALL_COMMANDS,
  services: TestServices = makeTestServices(),
) {
  const jail = new Jail("sshd", chooseBackend("polling"), services);
  jail.actionMaker.addCommands("fw");
  const action = jail.actions.get("fw") as CommandAction;
  for (const [name, value] of Object.entries(properties)) action.set(name, value);
  const banned = () => jail.bans.tickets().map(({ id }) => id.text);
  /** Commands that ran since the last call. */
  const takeCommands = () => services.runner.commands.splice(0);
  return { ...services, services, jail, action, banned, takeCommands };
}
