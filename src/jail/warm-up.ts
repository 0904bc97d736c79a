import type { CommandAction } from "../enforce/command-action.ts";
import { type FirewallStatement, transactionText } from "../enforce/firewall-statement.ts";
import type { TransactionRunner } from "../enforce/firewall-transactions.ts";
import { type ShellRunner, SILENT_SUCCESS } from "../enforce/shell.ts";
import { FileTarget } from "../log/file-target.ts";
import { standardFormat } from "../log/format.ts";
import { LogHub } from "../log/logger.ts";
import { BanDatabase } from "../store/database.ts";
import { chooseBackend } from "./backend.ts";
import { Jail } from "./jail.ts";
import type { JailServices } from "./services.ts";

interface PractisedFilter {
  readonly prefRegex: string;
  readonly failRegexes: readonly string[];
}

/**
 * Filters as most are. There is more than one, as the engine takes what it has only seen once for what will always be,
 * and gives up what it has made of it with the first jail that is another.
 */
const FILTERS: readonly PractisedFilter[] = [
  {
    prefRegex: "",
    failRegexes: [
      String.raw`^ \S+ warm-up<F-MLFID>\[\d+\]</F-MLFID>: Failed password for <F-USER>\S+</F-USER> from <HOST>$`,
    ],
  },
  {
    prefRegex: String.raw`^<F-MLFID> \S+ warm-up\[\d+\]</F-MLFID>: <F-CONTENT>.+</F-CONTENT>$`,
    failRegexes: [
      String.raw`^Invalid user <F-USER>\S+</F-USER> from <HOST>$`,
      String.raw`^Failed password for <F-USER>\S+</F-USER> from <HOST>$`,
    ],
  },
];
/**
 * As many attackers, one by one and several at once, as make the engine optimize what each line and each ban takes, which
 * it does after some 400 calls. With fewer its threads would do so when the first real attackers are at the door.
 */
const BURSTS = [1, 1, ...Array.from({ length: 60 }, () => 8), 50];
const FAILURES_FOR_BAN = 3;
const ACTION: Readonly<Record<string, string>> = {
  actionban: "nft add element inet warm-up warm-up \\{ <ip> \\}",
  actionunban: "nft delete element inet warm-up warm-up \\{ <ip> \\}",
};

/**
 * Has attackers banned in jails that read nothing, say nothing, write into memory and block nobody. The engine
 * compiles code when it is first used, and optimizes what is used often: without this, the first real attackers would
 * have tens of milliseconds more. To be called when nothing else is to be done.
 */
export async function warmUp(services: JailServices): Promise<void> {
  const begin = performance.now();
  const hub = unheardLog();
  const { clock } = services;
  const database = BanDatabase.open(":memory:", { clock, log: new LogHub(() => {}).logger("database") });
  const aside = { hub, database: () => database, runner: noShell, transactions: noFirewall };
  const jails = FILTERS.map((filter, index) =>
    makeJail(`warm-up-${index}`, filter, { ...services, ...aside }),
  );
  for (const jail of jails) {
    database.addJail(jail.name);
    jail.start();
  }
  let attacker = 0;
  try {
    for (const [index, attackers] of BURSTS.entries()) {
      const ips = Array.from({ length: attackers }, () => addressOf(++attacker));
      // Each a second later, as the date of a line is only worked out when it is not that of the line before.
      const time = clock.now() - BURSTS.length + index;
      jails[index % jails.length]!.feed.process(linesOf(ips, time), ips, true, true);
      // Actions work in between, and whatever else the server has to do.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    const bans = jails.flatMap((jail) => jail.bans.tickets()).length;
    for (const jail of jails) await jail.stop();
    database.close();
    const took = Math.round(performance.now() - begin);
    services.hub.logger("server").debug(`Warmed up: ${bans} of ${attacker} attackers in ${took} ms`);
  }
}

function makeJail(name: string, { prefRegex, failRegexes }: PractisedFilter, services: JailServices): Jail {
  const jail = new Jail(name, chooseBackend("polling"), services);
  jail.filter.prefRegex = prefRegex;
  for (const expression of failRegexes) jail.filter.addFailRegex(expression);
  jail.limits.maxRetry = FAILURES_FOR_BAN;
  jail.actionMaker.addCommands("warm-up");
  const action = jail.actions.get("warm-up") as CommandAction;
  for (const [option, value] of Object.entries(ACTION)) action.set(option, value);
  return jail;
}

/** Does what logging to a file takes, but for writing. */
function unheardLog(): LogHub {
  const format = standardFormat({ datetime: true, padding: true });
  const nowhere = { open: () => -1, write: (_: number, bytes: Uint8Array) => bytes.length, close() {} };
  const target = new FileTarget("warm-up", format, nowhere);
  const hub = new LogHub((record) => target.write(record));
  hub.together = (work) => target.together(work);
  return hub;
}

/** Addresses that are kept for tests, and none of a real host. */
function addressOf(attacker: number): string {
  return `198.18.${attacker >> 8}.${attacker & 255}`;
}

/** Lines of failed logins as syslog writes them, each attacker's by a process of its own. */
function linesOf(ips: readonly string[], time: number): string {
  const [, month, day, , clock] = new Date(time * 1000).toString().split(" ");
  const line = (ip: string) =>
    `${month} ${day} ${clock} host warm-up[${ip.replace(/\D/g, "")}]: Failed password for root from ${ip}\n`;
  return ips.map((ip) => line(ip).repeat(FAILURES_FOR_BAN)).join("");
}

const noShell: ShellRunner = { run: () => Promise.resolve(SILENT_SUCCESS) };

const noFirewall: TransactionRunner = {
  apply: (statements: readonly FirewallStatement[]) => Promise.resolve(transactionText(statements) !== ""),
  close() {},
};
