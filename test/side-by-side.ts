import assert from "node:assert/strict";
import { type Flavor, Instance, until } from "./instance.ts";
import type { SmallDisk } from "./mounts.ts";
import { referenceTree } from "./reference.ts";

/** The same events lived through by our server and by the reference. */

const FILES = {
  "filter.d/simple.conf":
    "[Definition]\nfailregex = ^ failure from <HOST>(?: user <F-USER>\\S+</F-USER>)?$\n",
  "action.d/note.conf":
    "[Definition]\nactionban = echo ban <ip> <restored> >> {DIR}/<name>.done\n" +
    "actionunban = echo unban <ip> >> {DIR}/<name>.done\n[Init]\nname = note\n",
  "action.d/note-new.conf":
    "[Definition]\nnorestored = 1\nactionban = echo ban <ip> <restored> >> {DIR}/<name>.done\n" +
    "actionunban = echo unban <ip> >> {DIR}/<name>.done\n[Init]\nname = new\n",
};

/** What both servers are started with. */
export interface Scene {
  /** Files below the configuration tree, beside those of all tests. */
  readonly files: Readonly<Record<string, string>>;
  /** The jails, whose logs are made. */
  readonly jails: readonly string[];
  readonly namespace?: SmallDisk;
}

/** A section of `jail.local` that is switched on. */
export const jail = (name: string, options: string) =>
  `[${name}]\nenabled = true\nlogpath = {DIR}/${name}.log\n${options}\n`;

/** What is common to all jails of a test. */
export const defaults = (options = "") =>
  `[DEFAULT]\nbackend = polling\nfilter = simple\naction =\nbantime = 600\n${options}\n`;

/** Has both servers live through the same, and compares what `live` returns. */
export async function bothSay(scene: Scene, live: (instance: Instance) => Promise<unknown>): Promise<void> {
  const instances = (["ours", "reference"] as const).map((flavor: Flavor) => {
    const instance = new Instance({
      flavor,
      tree: referenceTree()!,
      files: { ...FILES, ...scene.files },
      ...(scene.namespace && { namespace: scene.namespace }),
    });
    for (const name of scene.jails) instance.write(`${name}.log`, "");
    return instance;
  });
  try {
    const [found, expected] = await Promise.all(instances.map(live));
    assert.deepEqual(found, expected);
  } finally {
    await Promise.all(instances.map((instance) => instance.dispose()));
  }
}

const DATE = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g;

/** Lines of one logger without date, sorted: each jail of the reference is a thread of its own. */
export function logged(instance: Instance, logger: string, pattern: RegExp): string[] {
  return instance
    .read("fail2ban.log")
    .split("\n")
    .filter((line) => line.includes(` fail2ban.${logger} `))
    .map((line) => line.replace(/^.*?\]: /, "").replaceAll(DATE, "DATE"))
    .filter((line) => pattern.test(line))
    .sort();
}

/** Waits until the log has so many lines with this text. */
export async function count(instance: Instance, pattern: RegExp, wanted: number): Promise<void> {
  const found = () => instance.read("fail2ban.log").match(new RegExp(pattern, "g"))?.length ?? 0;
  await until(() => found() >= wanted, `${instance.flavor}: ${wanted} lines with ${pattern}`);
}

/** Writes failures of these into the log of a jail. */
export function fail(instance: Instance, name: string, ...whom: string[]): void {
  const date = new Date().toISOString();
  instance.append(`${name}.log`, whom.map((one) => `${date} failure from ${one}\n`).join(""));
}
