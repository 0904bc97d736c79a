import { mkdtempSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { memoryOf } from "../bench/process.ts";
import { sendOnce } from "../src/control/testing.ts";
import type { PyValue } from "../src/pyvalue/value.ts";
import { systemClock } from "../src/time/clock.ts";
import { Instance, ROOT, until } from "./instance.ts";
import { SeededRandom } from "./random.ts";
import { LOG_KINDS, type LogKind, SOAK_FILTER, SoakLog } from "./soak-log.ts";
import { SimpleRules } from "./soak-model.ts";

/**
 * `npm run soak [-- --seconds N --rate N --seed N]`: twenty jails under load for twenty minutes, with rotations,
 * reloads, random commands and failing actions. In the end the bans are those of a simple model of the rules, and
 * memory and descriptors are where they were.
 */

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "1200" },
    /** Lines a second in all. */
    rate: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
  },
});
const SECONDS = Number(values.seconds);
const RATE = Number(values.rate);
const JAILS = 20;
const TICK_SECONDS = 0.05;
const RULES = { maxRetry: 4, findTime: 20, banTime: 60 } as const;
/** Each jail's attackers come in turns, one burst a second: when one comes again, its ban is over for long. */
const ATTACKERS = 150;
/** Who fails so seldom is never banned. */
const SLOW_SECONDS = RULES.findTime + 5;
/** What the clocks of model and server may differ, and a line may wait. */
const TOLERANCE_SECONDS = 5;
/** A renamed log is kept open for so long. */
const LINGER_SECONDS = 60;
/** Runs of at least so many seconds are judged by their memory, too; shorter ones are all warming up. */
const JUDGED_SECONDS = 600;
/** The least memory within a third of the run may be so much more than within the third before. */
const MOST_GROWTH_MB = 30;
const ACTIONS = ["soak-good", "soak-failing", "soak-slow", ""] as const;

/** One jail with its log and its model. */
class SoakJail {
  readonly name: string;
  readonly log: SoakLog;
  readonly kind: LogKind;
  readonly model = new SimpleRules(RULES);
  readonly #number: number;
  #lines = 0;
  #bursts = 0;
  #lastBurst = 0;
  #lastSlow = 0;

  constructor(number: number, folder: string, random: SeededRandom) {
    this.#number = number;
    this.name = `soak${number}`;
    this.kind = LOG_KINDS[number % LOG_KINDS.length]!;
    this.log = new SoakLog(join(folder, `${this.name}.log`), number % 3 === 0, random);
  }

  get configuration(): string {
    const action = ACTIONS[this.#number % 5] ?? "";
    return (
      `[${this.name}]\nenabled = true\n${this.kind.options}\nlogpath = {DIR}/${this.name}.log\n` +
      `backend = ${this.#number % 4 === 3 ? "polling" : "auto"}\naction = ${action}\n`
    );
  }

  /** Writes some lines, failures among them when it is time for some. */
  write(count: number): void {
    // Of this moment, as the machine may be slow: a line that is written late must not be dated early.
    const at = new Date();
    const now = at.getTime() / 1000;
    // Some formats have whole seconds.
    const time = this.#number % LOG_KINDS.length < 2 ? Math.floor(now) : now;
    const lines = Array.from({ length: count }, () => this.kind.noise(++this.#lines, at));
    if (now - this.#lastBurst >= 1) {
      this.#lastBurst = now;
      const address = `10.${this.#number}.1.${1 + (this.#bursts++ % ATTACKERS)}`;
      for (let i = 0; i < RULES.maxRetry; i++) {
        this.model.failure(address, time);
        lines.splice(Math.min(lines.length, 3 * i), 0, this.kind.failure(address, at));
      }
      for (let i = 0; i < RULES.maxRetry; i++)
        lines.push(this.kind.failure(`192.0.2.${1 + this.#number}`, at));
    }
    if (now - this.#lastSlow >= SLOW_SECONDS) {
      this.#lastSlow = now;
      const address = `10.${this.#number}.2.1`;
      this.model.failure(address, time);
      lines.push(this.kind.failure(address, at));
    }
    this.log.write(`${lines.join("\n")}\n`);
  }
}

/** Memory and descriptors of the server over time. */
class Vitals {
  readonly #pid: number;
  readonly #samples: { seconds: number; megabytes: number; descriptors: number }[] = [];

  constructor(pid: number) {
    this.#pid = pid;
  }

  sample(seconds: number): void {
    const megabytes = memoryOf(this.#pid).resident / 1024;
    const descriptors = readdirSync(`/proc/${this.#pid}/fd`).length;
    this.#samples.push({ seconds, megabytes, descriptors });
  }

  /** Megabytes at the ends of the tenths of the run. */
  get course(): string {
    const tenths = Array.from({ length: 10 }, (_, i) => Math.ceil(((i + 1) * this.#samples.length) / 10) - 1);
    return tenths.map((i) => this.#samples[i]?.megabytes.toFixed(0)).join(" ");
  }

  /** Megabytes an hour after warm-up (the first third), by least squares. */
  slope(): number {
    const warm = this.#samples.slice(Math.floor(this.#samples.length / 3));
    const mean = (pick: (sample: (typeof warm)[number]) => number) =>
      warm.reduce((sum, sample) => sum + pick(sample), 0) / warm.length;
    const x = mean(({ seconds }) => seconds);
    const y = mean(({ megabytes }) => megabytes);
    const covariance = mean(({ seconds, megabytes }) => (seconds - x) * (megabytes - y));
    return (covariance / mean(({ seconds }) => (seconds - x) ** 2)) * 3600;
  }

  /** Megabytes by which the least memory of the last third exceeds that of the third before. */
  growth(): number {
    const third = Math.floor(this.#samples.length / 3);
    const least = (from: number, to: number) =>
      Math.min(...this.#samples.slice(from, to).map(({ megabytes }) => megabytes));
    return least(2 * third, this.#samples.length) - least(third, 2 * third);
  }

  /** Most descriptors in the second and in the last third. */
  descriptors(): { before: number; after: number } {
    const third = Math.floor(this.#samples.length / 3);
    const most = (from: number, to: number) =>
      Math.max(...this.#samples.slice(from, to).map(({ descriptors }) => descriptors));
    return { before: most(third, 2 * third), after: most(2 * third, this.#samples.length) };
  }
}

class Soak {
  readonly #random = new SeededRandom(Number(values.seed));
  readonly #instance: Instance;
  readonly #jails: readonly SoakJail[];
  readonly #began = performance.now();
  readonly #faults: string[] = [];
  readonly #counts = { lines: 0, rotations: 0, truncations: 0, reloads: 0, commands: 0, refused: 0 };
  #over = false;
  #log = "";

  constructor() {
    this.#instance = new Instance({
      flavor: "ours",
      tree: join(ROOT, "config"),
      files: {
        "filter.d/soak.conf": SOAK_FILTER,
        "action.d/soak-good.conf": "[Definition]\nactionban = true\nactionunban = true\n",
        "action.d/soak-failing.conf": "[Definition]\nactionban = exit 7\nactionunban = kill -9 $$\n",
        "action.d/soak-slow.conf": "[Definition]\nactionban = sleep 0.2\nactionunban = sleep 0.1\n",
      },
    });
    this.#jails = Array.from({ length: JAILS }, (_, i) => new SoakJail(i, this.#instance.dir, this.#random));
    const { maxRetry, findTime, banTime } = RULES;
    this.#instance.write(
      "etc/jail.local",
      `[DEFAULT]\nmaxretry = ${maxRetry}\nfindtime = ${findTime}\nbantime = ${banTime}\nignoreip = 192.0.2.0/24\n` +
        this.#jails.map((jail) => jail.configuration).join(""),
    );
  }

  async run(): Promise<void> {
    try {
      this.#instance.start();
      const vitals = new Vitals(Number(this.#instance.read("f2b.pid")));
      const traffic = [this.#send(), this.#reload(), this.#rotate()];
      await this.#write(vitals);
      this.#over = true;
      await Promise.all(traffic);
      await this.#judge();
      this.#judgeVitals(vitals);
      this.#judgeLog();
    } finally {
      this.#log = this.#instance.read("fail2ban.log");
      for (const jail of this.#jails) jail.log.close();
      await this.#instance.dispose();
    }
    if (this.#faults.length > 0) console.log(`the server's log: ${this.#keepLog()}`);
    for (const fault of this.#faults) console.log(`BAD: ${fault}`);
    console.log(this.#faults.length === 0 ? "good" : `${this.#faults.length} faults`);
    process.exitCode = this.#faults.length === 0 ? 0 : 1;
  }

  get #seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  async #write(vitals: Vitals): Promise<void> {
    const began = this.#seconds;
    let sampled = began;
    let ticked = began;
    let longest = 0;
    while (this.#seconds - began < SECONDS) {
      const due = Math.floor((this.#seconds - began) * RATE) - this.#counts.lines;
      const each = Math.ceil(Math.max(0, due) / JAILS);
      longest = Math.max(longest, this.#seconds - ticked);
      ticked = this.#seconds;
      for (const jail of this.#jails) jail.write(each);
      this.#counts.lines += each * JAILS;
      if (this.#seconds - sampled >= 1) {
        sampled = this.#seconds;
        vitals.sample(sampled);
      }
      await delay(TICK_SECONDS * 1000);
    }
    console.log(`longest pause of the load itself: ${longest.toFixed(1)} s`);
  }

  /** Random commands, valid and not. Addresses that are banned by hand are attackers of no log. */
  async #send(): Promise<void> {
    while (!this.#over) {
      const jail = this.#jails[this.#random.below(JAILS)]!;
      const byHand = `10.${this.#random.below(JAILS)}.3.${1 + this.#random.below(50)}`;
      const commands: (() => Promise<unknown>)[] = [
        () => this.#command("status"),
        () => this.#command("status", jail.name, "sources"),
        () => this.#command("status", "--all", "stats"),
        () => this.#command("get", jail.name, "banip", "--with-time"),
        () => this.#command("search", byHand),
        () => this.#command("set", jail.name, "loglevel"),
        () => this.#command("set", jail.name, "addfailregex", "^(unbalanced <HOST>"),
        () => this.#command("set", "nosuchjail", "banip", byHand),
        () => this.#command("flushlogs"),
        () => this.#pause(jail),
        () => this.#byHand(jail, byHand),
      ];
      await commands[this.#random.below(commands.length)]!();
      await delay(this.#random.below(60));
    }
  }

  async #command(...words: string[]): Promise<PyValue> {
    this.#counts.commands++;
    try {
      return await sendOnce(this.#instance.path("f2b.sock"), words, { clock: systemClock });
    } catch (error) {
      this.#counts.refused++;
      return String(error);
    }
  }

  async #pause(jail: SoakJail): Promise<void> {
    await this.#command("set", jail.name, "idle", "on");
    await delay(this.#random.below(300));
    await this.#command("set", jail.name, "idle", "off");
  }

  async #byHand(jail: SoakJail, address: string): Promise<void> {
    const now = systemClock.now();
    if (jail.model.bannedUntil(now - TOLERANCE_SECONDS).has(address)) {
      await this.#command("set", jail.name, "unbanip", address);
      jail.model.unban(address);
    } else {
      await this.#command("set", jail.name, "banip", address);
      jail.model.ban(address, now);
    }
  }

  async #reload(): Promise<void> {
    while (!this.#over) {
      await delay(5000 + this.#random.below(10_000));
      if (this.#over) return;
      const jail = this.#random.once(2) ? [] : [this.#jails[this.#random.below(JAILS)]!.name];
      const client = this.#instance.spawn(
        "fail2ban-client",
        "-c",
        this.#instance.path("etc"),
        "reload",
        ...jail,
      );
      const code = await new Promise((resolve) => client.once("exit", resolve));
      if (code !== 0) this.#faults.push(`a reload ended with code ${code}`);
      this.#counts.reloads++;
    }
  }

  async #rotate(): Promise<void> {
    while (!this.#over) {
      await delay(500 + this.#random.below(2500));
      const jail = this.#jails[this.#random.below(JAILS)]!;
      const isRead = this.#random.once(3) && (await this.#isRead(jail));
      if (isRead) this.#counts.truncations++;
      else this.#counts.rotations++;
      if (isRead) jail.log.truncate();
      else jail.log.rotate();
    }
  }

  /** Whether nothing of the log waits; nothing is written before whoever asked has gone on. */
  async #isRead(jail: SoakJail): Promise<boolean> {
    const [source] = (await this.#command("status", jail.name, "sources")) as Map<string, PyValue>[];
    return source?.get("position") === statSync(jail.log.path).size;
  }

  async #judge(): Promise<void> {
    const waiting = async () => {
      const all = (await this.#command("status", "--all", "sources")) as Map<string, Map<string, PyValue>[]>;
      return [...all.values()]
        .flat()
        .some((source) => (source.get("behind") as Map<string, PyValue>).get("bytes") !== 0);
    };
    await until(async () => !(await waiting()), "everything is read", 60);
    await delay(1000);
    let bans = 0;
    for (const jail of this.#jails) {
      const now = systemClock.now();
      const banned = new Set((await this.#command("get", jail.name, "banip")) as string[]);
      bans += banned.size;
      const must = jail.model.bannedUntil(now + TOLERANCE_SECONDS);
      const may = jail.model.bannedUntil(now - TOLERANCE_SECONDS);
      for (const address of must)
        if (!banned.has(address)) this.#faults.push(`${jail.name}: ${address} is not banned`);
      for (const address of banned)
        if (!may.has(address)) this.#faults.push(`${jail.name}: ${address} is banned`);
      const [, , totals] = (await this.#command("status", jail.name, "stats")) as [
        string,
        unknown,
        { items: number[] },
      ];
      const total = totals.items[1];
      const { bans: expected } = jail.model;
      if (total !== expected.length) {
        const missing = await this.#missing(jail);
        this.#faults.push(`${jail.name}: ${total} bans in all, ${expected.length} by the model; ${missing}`);
      }
    }
    const total = this.#jails.reduce((sum, jail) => sum + jail.model.bans.length, 0);
    const counts = Object.entries(this.#counts).map(([what, count]) => `${count} ${what}`);
    console.log(`${Math.round(this.#seconds)} s: ${counts.join(", ")}; ${bans} bans now, ${total} in all`);
  }

  /** Which bans of the model the server's database does not have. */
  async #missing({ name, model }: SoakJail): Promise<string> {
    const recorded = (await this.#command("history", name)) as Map<string, PyValue>[];
    const has = (address: string, time: number) =>
      recorded.some(
        (ban) => ban.get("id") === address && Math.abs(Number(ban.get("time")) - time) < RULES.banTime / 2,
      );
    const missing = model.bans.filter(({ address, time }) => !has(address, time));
    const shown = missing.map(({ address, time }) => `${address} at ${new Date(time * 1000).toISOString()}`);
    return `not recorded: ${shown.join(", ")}`;
  }

  #judgeVitals(vitals: Vitals): void {
    const slope = vitals.slope();
    const { before, after } = vitals.descriptors();
    console.log(
      `memory ${vitals.course} MB, slope ${slope.toFixed(1)} MB/h; descriptors at most ${before}, then ${after}`,
    );
    const growth = vitals.growth();
    if (SECONDS >= JUDGED_SECONDS && growth > MOST_GROWTH_MB)
      this.#faults.push(`memory has grown by ${growth.toFixed(0)} MB in a third of the run`);
    // What chance may add: logs rotated within the last minute are still open.
    const lingering = Math.ceil(LINGER_SECONDS / 1.25);
    if (after > before + (SECONDS >= 3 * LINGER_SECONDS ? 15 : lingering))
      this.#faults.push("descriptors are lost");
  }

  #keepLog(): string {
    const file = join(mkdtempSync(join(tmpdir(), "f2b-soak-")), "fail2ban.log");
    writeFileSync(file, this.#log);
    return file;
  }

  #judgeLog(): void {
    const log = this.#instance.read("fail2ban.log");
    const bad = log.split("\n").filter((line) => / CRITICAL |Unexpected error|cannot be used/.test(line));
    for (const line of bad.slice(0, 5)) this.#faults.push(line.slice(0, 300));
  }
}

await new Soak().run();
