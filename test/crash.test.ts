import assert from "node:assert/strict";
import { appendFileSync, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { sendOnce } from "../src/control/testing.ts";
import { systemClock } from "../src/time/clock.ts";
import { Instance, ROOT, until } from "./instance.ts";
import { Namespace, skipWithoutNamespace } from "./namespace.ts";

/**
 * A server under load is killed at random moments, again and again, also while it starts. After each restart every
 * ban that was in the firewall is known, and in the end all counts are what a simple model says of the same lines
 * read once, without any crash.
 *
 * `FAIL2BAN_KILLS` is the number of kills (12 by default, `npm run test:crash` does 200), `FAIL2BAN_SEED` the seed.
 */

const KILLS = Number(process.env["FAIL2BAN_KILLS"] ?? 12);
const SEED = Number(process.env["FAIL2BAN_SEED"] ?? 20261121);
const MAX_RETRY = 3;
/** Jails: bans that last, bans that end under the load, and failures that a command is asked about. */
const JAILS = ["long", "brief", "asked"] as const;
type JailName = (typeof JAILS)[number];

/** Numbers from 0 to 1 that are the same for the same seed. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Writes numbered failures of many addresses and remembers them by jail and address. */
class Writer {
  readonly #instance: Instance;
  readonly #random: () => number;
  /** Numbers of the lines by jail and address, in their order. */
  readonly written: Record<JailName, Map<string, number[]>> = {
    long: new Map(),
    brief: new Map(),
    asked: new Map(),
  };
  #number = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(instance: Instance, random: () => number) {
    this.#instance = instance;
    this.#random = random;
  }

  start(): void {
    this.#timer = setInterval(() => {
      for (const jail of JAILS) this.#write(jail, Math.floor(this.#random() ** 3 * LINES[jail]));
    }, 4);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  #write(jail: JailName, count: number): void {
    let text = "";
    for (let i = 0; i < count; i++) {
      const ip = `10.${JAILS.indexOf(jail)}.${Math.floor(this.#random() * GROUPS[jail])}.${Math.floor(this.#random() ** 2 * 250) + 1}`;
      const number = ++this.#number;
      const known = this.written[jail].get(ip);
      if (known) known.push(number);
      else this.written[jail].set(ip, [number]);
      text += `${new Date().toISOString()} failure ${number} from ${ip}\n`;
    }
    if (text) appendFileSync(this.#instance.path(`${jail}.log`), text);
  }
}

/** Addresses in the third byte of a jail's attackers: with fewer lines fewer, so that some come to be banned. */
const GROUPS: Readonly<Record<JailName, number>> = { long: 12, brief: 2, asked: 1 };
/** Most lines that are written to a jail's log every 4 ms. */
const LINES: Readonly<Record<JailName, number>> = { long: 24, brief: 6, asked: 1.5 };

const TREE = {
  "filter.d/numbered.conf": "[Definition]\nfailregex = ^ failure <F-LINE>\\d+</F-LINE> from <ADDR>$\n",
  "jail.local":
    `[DEFAULT]\nbackend = auto\nfilter = numbered\nfindtime = 1h\nbantime = 1h\nmaxretry = ${MAX_RETRY}\n` +
    "banaction = nftables-allports\n" +
    JAILS.map((jail) => `[${jail}]\nenabled = true\nlogpath = {DIR}/${jail}.log\n${OPTIONS(jail)}`).join(""),
};

function OPTIONS(jail: JailName): string {
  return { long: "", brief: "bantime = 2\n", asked: "ignorecommand = exit 1\n" }[jail];
}

test(`killed ${KILLS} times under load: no ban is lost or doubled, no line counted twice or skipped`, {
  skip: skipWithoutNamespace("nft"),
  timeout: 300_000 + KILLS * 30_000,
}, async (t) => {
  const random = seededRandom(SEED);
  const namespace = new Namespace();
  const instance = new Instance({ flavor: "ours", tree: join(ROOT, "config"), namespace, files: TREE });
  const writer = new Writer(instance, random);
  t.after(async () => {
    writer.stop();
    await instance.dispose();
    namespace.delete();
  });
  for (const jail of JAILS) instance.write(`${jail}.log`, "");
  const ask = async (...words: string[]): Promise<string[]> =>
    (await sendOnce(instance.path("f2b.sock"), words, { clock: systemClock })) as string[];
  const listed = async (jail: JailName) => new Set(await ask("get", jail, "banip"));
  const start = () => {
    const server = instance.spawn("fail2ban-server", "-c", instance.path("etc"), "-x", "-f", "start");
    const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
    const ready = new Promise<void>((resolve) => server.stdout!.once("data", () => resolve()));
    return { server, ready, ended };
  };
  /** List and firewall agree; of bans that end, once none ends in between. */
  const agree = async (jail: JailName) => {
    let missing: ReadonlySet<string> = new Set();
    let unknown: ReadonlySet<string> = new Set();
    const same = async () => {
      const list = await listed(jail);
      const enforced = elements(namespace, jail);
      missing = list.difference(enforced);
      unknown = enforced.difference(list);
      return missing.size + unknown.size === 0;
    };
    await until(same, `${jail}: list and firewall agree`).catch((error: Error) => {
      const show = (set: ReadonlySet<string>) => [...set].slice(0, 5).join(" ");
      assert.fail(
        `${error.message}: ${missing.size} not in the firewall (${show(missing)}), ${unknown.size} unknown (${show(unknown)})`,
      );
    });
  };

  writer.start();
  let inForce: Set<string> = new Set();
  let heavy = 0;
  for (let kill = 1; kill <= KILLS; kill++) {
    const { server, ready, ended } = start();
    const early = random() < 0.25;
    if (!early) {
      await ready;
      // Whatever was in the firewall when the last server was killed is known to this one: the first two thousand bans at
      // once, others when they have been taken over, too.
      const unknown = async () => inForce.difference(await listed("long"));
      const isKnown = async () => (await unknown()).size === 0;
      if (inForce.size < 2000)
        assert.deepEqual(
          [...(await unknown())],
          [],
          `kill ${kill}: bans that were in the firewall are unknown`,
        );
      else await until(isKnown, `kill ${kill}: all bans that were in the firewall are known`);
      // However slow the machine is, some are killed with bans in force.
      if (kill % 3 === 0)
        await until(async () => elements(namespace, "long").size > 0, "bans are in the firewall");
    }
    await delay(random() ** 2 * 1500);
    server.kill("SIGKILL");
    await ended;
    const left = elements(namespace, "long");
    inForce = inForce.union(left);
    if (left.size > 0) heavy++;
  }
  writer.stop();

  const { ready } = start();
  await ready;
  const settled = async () => {
    // Whatever is written takes along all that waits to be written.
    await ask("set", "long", "unbanip", "192.0.2.1");
    const file = new DatabaseSync(instance.path("f2b.sqlite3"), { readOnly: true });
    try {
      const logs = file.prepare("SELECT path, lastfilepos FROM logs").all();
      const undecided = file.prepare("SELECT 1 FROM fail2ban_ts_pending WHERE key LIKE 'undecided %'").all();
      return (
        undecided.length === 0 &&
        logs.every(({ path, lastfilepos }) => lastfilepos === statSync(String(path)).size)
      );
    } finally {
      file.close();
    }
  };
  // One jail asks a program about each failure, which takes its time where many have gathered.
  await until(settled, "all lines are read and decided, and the database says so", 120 + 5 * KILLS);
  for (const jail of JAILS) await agree(jail);
  const file = new DatabaseSync(instance.path("f2b.sqlite3"), { readOnly: true });
  t.after(() => file.close());
  for (const jail of ["long", "asked"] as const) {
    const want = [...writer.written[jail]].map(([ip, lines]) => expected(ip, lines));
    assert.deepEqual(found(file, jail), new Map(want), `${jail}: seed ${SEED}`);
    const banned = want.filter(([, { ban }]) => ban).map(([ip]) => ip);
    assert.deepEqual(await listed(jail), new Set(banned), jail);
  }
  assert.ok(heavy > 0, "there was something to lose");
  t.diagnostic(`${heavy} of ${KILLS} kills left bans in the firewall; ${inForce.size} bans, seed ${SEED}`);
  assert.ok(existsSync(instance.path("f2b.sqlite3-wal")), "and the database was in use");
});

/** What is to be known of an address: the lines of its ban, and those counted since. */
interface Known {
  readonly ban: string | undefined;
  readonly counted: string | undefined;
}

/** The model: every third failure takes the two before it away; the first such three make the ban. */
function expected(ip: string, lines: readonly number[]): [string, Known] {
  const rest = lines.length % MAX_RETRY;
  const ban = lines.length >= MAX_RETRY ? lines.slice(0, MAX_RETRY).join(" ") : undefined;
  return [ip, { ban, counted: rest > 0 ? lines.slice(-rest).join(" ") : undefined }];
}

/** The same as the database tells it. */
function found(file: DatabaseSync, jail: JailName): Map<string, Known> {
  const known = new Map<string, Known>();
  const numbers = (data: string) => [...data.matchAll(/failure (\d+) from/g)].map(([, n]) => n).join(" ");
  const rows = file
    .prepare("SELECT ip, CAST(data AS TEXT) AS data FROM bans WHERE jail = ? ORDER BY rowid")
    .all(jail);
  for (const row of rows) {
    const ip = String(row["ip"]);
    assert.ok(!known.has(ip), `${jail}: ${ip} is banned once`);
    known.set(ip, { ban: numbers(String(row["data"])), counted: undefined });
  }
  for (const row of file.prepare("SELECT key, data FROM fail2ban_ts_pending WHERE jail = ?").all(jail)) {
    const ip = String(row["key"]).replace("counted ", "");
    known.set(ip, { ban: known.get(ip)?.ban, counted: numbers(String(row["data"])) });
  }
  return known;
}

/** The addresses in a jail's set. */
function elements(namespace: Namespace, jail: JailName): Set<string> {
  const sets = namespace.run("nft", "list", "ruleset").split(/^\tset /m);
  const own = sets.find((set) => set.startsWith(`addr-set-${jail} `)) ?? "";
  return new Set(own.match(/\b10\.\d+\.\d+\.\d+\b/g) ?? []);
}
