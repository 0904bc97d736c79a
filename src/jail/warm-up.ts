import type { CommandAction } from "../enforce/command-action.ts";
import { type FirewallStatement, transactionText } from "../enforce/firewall-statement.ts";
import type { TransactionRunner } from "../enforce/firewall-transactions.ts";
import { type ShellRunner, SILENT_SUCCESS } from "../enforce/shell.ts";
import { standardFormat } from "../log/format.ts";
import { LogHub } from "../log/logger.ts";
import { BanDatabase } from "../store/database.ts";
import type { Clock } from "../time/clock.ts";
import { chooseBackend } from "./backend.ts";
import { Jail } from "./jail.ts";
import type { JailServices } from "./services.ts";

/**
 * As many attackers, one by one and several at once, as make the engine optimize what each line takes, which it does
 * after 400 calls.
 */
const BURSTS = [1, 1, ...Array.from({ length: 30 }, () => 8), 50];
const FAILURES_FOR_BAN = 3;
const FAILREGEX = String.raw`^ \S+ warm-up<F-MLFID>\[\d+\]</F-MLFID>: Failed password for <F-USER>\S+</F-USER> from <HOST>$`;
const ACTION: Readonly<Record<string, string>> = {
  actionban: "nft add element inet warm-up warm-up \\{ <ip> \\}",
  actionunban: "nft delete element inet warm-up warm-up \\{ <ip> \\}",
};

/**
 * Has attackers banned in a jail that reads nothing, says nothing, writes into memory and blocks nobody. The engine
 * compiles code when it is first used, and optimizes what is used often: without this, the first real attackers would
 * have tens of milliseconds more. To be called when nothing else is to be done.
 */
export async function warmUp(services: JailServices): Promise<void> {
  const begin = performance.now();
  const format = standardFormat({ datetime: true, padding: true });
  const hub = new LogHub((record) => void format(record, new Date()));
  const { clock } = services;
  const database = BanDatabase.open(":memory:", { clock, log: new LogHub(() => {}).logger("database") });
  const aside = { hub, database: () => database, runner: noShell, transactions: noFirewall };
  const jail = new Jail("warm-up", chooseBackend("polling"), { ...services, ...aside });
  database.addJail(jail.name);
  setUp(jail);
  jail.start();
  let attacker = 0;
  try {
    for (const attackers of BURSTS) {
      const ips = Array.from({ length: attackers }, () => addressOf(++attacker));
      jail.feed.process(linesOf(ips, clock), ips, true, true);
      // Actions work in between, and whatever else the server has to do.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    const bans = jail.bans.tickets().length;
    await jail.stop();
    database.close();
    const took = Math.round(performance.now() - begin);
    services.hub.logger("server").debug(`Warmed up: ${bans} of ${attacker} attackers in ${took} ms`);
  }
}

function setUp(jail: Jail): void {
  jail.filter.addFailRegex(FAILREGEX);
  jail.limits.maxRetry = FAILURES_FOR_BAN;
  jail.actionMaker.addCommands("warm-up");
  const action = jail.actions.get("warm-up") as CommandAction;
  for (const [name, value] of Object.entries(ACTION)) action.set(name, value);
}

/** Addresses that are kept for tests, and none of a real host. */
function addressOf(attacker: number): string {
  return `198.18.${attacker >> 8}.${attacker & 255}`;
}

/** Lines of failed logins as syslog writes them. */
function linesOf(ips: readonly string[], clock: Clock): string {
  const date = new Date(clock.now() * 1000);
  const [, month, day, , time] = date.toString().split(" ");
  const line = (ip: string) =>
    `${month} ${day} ${time} host warm-up[${ip.length}]: Failed password for root from ${ip}\n`;
  return ips.map((ip) => line(ip).repeat(FAILURES_FOR_BAN)).join("");
}

const noShell: ShellRunner = { run: () => Promise.resolve(SILENT_SUCCESS) };

const noFirewall: TransactionRunner = {
  apply: (statements: readonly FirewallStatement[]) => Promise.resolve(transactionText(statements) !== ""),
  close() {},
};
