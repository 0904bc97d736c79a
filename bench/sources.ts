import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { sendOnce } from "../src/control/testing.ts";
import type { PyValue } from "../src/pyvalue/value.ts";
import { systemClock } from "../src/time/clock.ts";
import { Instance, ROOT, until } from "../test/instance.ts";
import { cpuSecondsOf } from "./process.ts";
import { printTable } from "./table.ts";

/** What files cost that grow fast, and many files. */

const JAIL = "[sshd]\nenabled = true\nbackend = auto\nmaxretry = 1000000\naction =\nlogpath = ";
const GROWTH_SECONDS = 5;
const RATES = [50, 100, 200] as const;
const MEGABYTE = 1e6;

/** How far a server is behind a log that grows by so many megabytes a second, and how soon it has caught up. */
export async function benchGrowth(): Promise<void> {
  const rows: string[][] = [];
  for (const rate of RATES) {
    const instance = new Instance({
      flavor: "ours",
      tree: join(ROOT, "config"),
      files: { "jail.local": `${JAIL}{DIR}/auth.log\n` },
    });
    instance.write("auth.log", "");
    try {
      instance.start();
      rows.push(await grow(instance, rate));
    } finally {
      await instance.dispose();
    }
  }
  printTable(
    `A log that grows for ${GROWTH_SECONDS} s, shipped sshd filter`,
    [
      "MB/s wanted",
      "MB/s written",
      "most MB behind",
      "MB behind at the end",
      "s to catch up",
      "server CPU s",
    ],
    rows,
  );
}

async function grow(instance: Instance, rate: number): Promise<string[]> {
  const writer = spawn(process.execPath, [
    "--disable-warning=ExperimentalWarning",
    join(import.meta.dirname, "growth-writer.ts"),
    instance.path("auth.log"),
    String(rate),
    String(GROWTH_SECONDS),
  ]);
  let said = "";
  writer.stdout.on("data", (text) => {
    said += text;
  });
  let isOver = false;
  writer.on("exit", () => {
    isOver = true;
  });
  let most = 0;
  let behind = 0;
  while (!isOver) {
    await delay(100);
    behind = await bytesBehind(instance);
    most = Math.max(most, behind);
  }
  const ended = performance.now();
  const last = await bytesBehind(instance);
  await until(async () => (await bytesBehind(instance)) === 0, "the server has caught up");
  const caughtUp = (performance.now() - ended) / 1000;
  const cpu = cpuSecondsOf(Number(instance.read("f2b.pid")));
  const written = Number(said) / MEGABYTE / GROWTH_SECONDS;
  return [
    String(rate),
    written.toFixed(0),
    ...[most, last].map((bytes) => (bytes / MEGABYTE).toFixed(1)),
    ...[caughtUp, cpu].map((s) => s.toFixed(2)),
  ];
}

async function bytesBehind(instance: Instance): Promise<number> {
  const answer = await sendOnce(instance.path("f2b.sock"), ["status", "sshd", "sources"], {
    clock: systemClock,
  });
  const [source] = answer as Map<string, Map<string, PyValue>>[];
  return Number(source!.get("behind")!.get("bytes"));
}

const FILES = 500;
const IDLE_SECONDS = 20;
const SETTLE_SECONDS = 45;

/** Start, descriptors and idle cost of a jail with so many files in one pattern. */
export async function benchManyFiles(): Promise<void> {
  const rows: string[][] = [];
  for (const files of [1, FILES]) {
    const instance = new Instance({
      flavor: "ours",
      tree: join(ROOT, "config"),
      files: { "jail.local": `${JAIL}{DIR}/logs/*.log\n` },
    });
    for (let i = 0; i < files; i++) instance.write(`logs/${i}.log`, `first line of ${i}\n`);
    try {
      const began = performance.now();
      instance.start();
      const started = (performance.now() - began) / 1000;
      const pid = Number(instance.read("f2b.pid"));
      await delay(SETTLE_SECONDS * 1000);
      const before = cpuSecondsOf(pid);
      await delay(IDLE_SECONDS * 1000);
      const share = ((cpuSecondsOf(pid) - before) / IDLE_SECONDS) * 100;
      const descriptors = readdirSync(`/proc/${pid}/fd`).length;
      rows.push([String(files), started.toFixed(2), String(descriptors), share.toFixed(2)]);
    } finally {
      await instance.dispose();
    }
  }
  printTable(
    "One jail, files that match one pattern",
    ["files", "start, s", "descriptors", "idle, % of a core"],
    rows,
  );
}
