import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { MovableTime, skipWithoutFakeTime } from "./fake-time.ts";
import { Instance, until } from "./instance.ts";
import { SHIPPED } from "./shipped-tree.ts";

/** A server that lives through the hours in which clocks are changed, in a zone that does so. */

const ZONE = "Europe/Berlin";
const skip =
  skipWithoutFakeTime() || (existsSync(`/usr/share/zoneinfo/${ZONE}`) ? false : "not installed: tzdata");

/** The time before and after clocks are changed; it comes to that when the test wants it to. */
class Change {
  readonly #time: MovableTime;
  readonly #change: number;

  /** @param secondsBefore from the beginning to the change */
  constructor(change: string, secondsBefore: number) {
    this.#change = Date.parse(change) / 1000;
    this.#time = new MovableTime(Math.round(this.#change - secondsBefore - Date.now() / 1000));
  }

  /** Runs a program in this time and in the zone. */
  command(program: string, ...args: string[]): [program: string, ...args: string[]] {
    return this.#time.command("env", `TZ=${ZONE}`, program, ...args);
  }

  /** Passes over what is left until so many seconds after the change: too few for a server to notice. */
  forwardTo(secondsAfter: number): void {
    this.#time.forward(Math.max(0, Math.ceil(this.#change + secondsAfter - this.#time.now)));
  }

  get isOver(): boolean {
    return this.#time.now > this.#change;
  }

  /** Local time as programs write it. */
  get localTime(): string {
    return new Date(this.#time.now * 1000).toLocaleString("sv-SE", { timeZone: ZONE });
  }

  dispose(): void {
    this.#time.dispose();
  }
}

for (const [season, change] of [
  ["autumn", "2026-10-25T01:00:00Z"],
  ["spring", "2026-03-29T01:00:00Z"],
] as const) {
  test(`clocks are changed in ${season}: nobody is lost, banned twice or for an hour more or less`, {
    skip,
  }, async (t) => {
    const time = new Change(change, 50);
    const instance = new Instance({
      flavor: "ours",
      tree: SHIPPED,
      namespace: time,
      files: {
        "filter.d/simple.conf": "[Definition]\nfailregex = ^ failure from <ADDR>$\n",
        "action.d/note.conf":
          "[Definition]\nactionban = echo ban <ip> >> {DIR}/done\nactionunban = echo unban <ip> >> {DIR}/done\n",
        "jail.local":
          "[DEFAULT]\nbackend = polling\nmaxretry = 3\nfindtime = 10m\nbantime = 10m\n" +
          "[j]\nenabled = true\nfilter = simple\nlogpath = {DIR}/j.log\naction = note\n",
      },
    });
    t.after(async () => {
      await instance.dispose();
      time.dispose();
    });
    const fail = (ip: string, times: number) =>
      instance.append("j.log", `${time.localTime} failure from ${ip}\n`.repeat(times));
    const log = () => instance.read("fail2ban.log");
    const banned = (ip: string) => until(() => log().includes(`[j] Ban ${ip}\n`), `${ip} is banned`);
    instance.write("j.log", "");
    instance.start();
    fail("198.18.0.1", 3);
    fail("198.18.0.2", 1);
    instance.client("set", "j", "banip", "--bantime", "75", "198.18.0.4");
    await banned("198.18.0.1");
    await banned("198.18.0.4");
    assert.ok(!time.isOver, "the server was quick enough");
    // The last seconds before the change pass as all seconds do.
    time.forwardTo(-2);
    await until(() => time.isOver, "clocks are changed");

    fail("198.18.0.2", 2);
    fail("198.18.0.3", 3);
    await banned("198.18.0.2");
    await banned("198.18.0.3");
    assert.doesNotMatch(log(), /Unban/);
    time.forwardTo(35);
    await until(() => log().includes("[j] Unban 198.18.0.4\n"), "the short ban ends");
    assert.doesNotMatch(log(), /Unban 198\.18\.0\.[1235]/);

    await instance.stop();
    fail("198.18.0.5", 3);
    instance.start();
    await banned("198.18.0.5");
    const current = () => instance.client("get", "j", "banip").trim().split(/\s+/).sort();
    assert.deepEqual(current(), ["198.18.0.1", "198.18.0.2", "198.18.0.3", "198.18.0.5"]);
    const bans = log()
      .match(/\[j\] Ban \S+/g)
      ?.sort();
    assert.deepEqual(
      bans,
      [1, 2, 3, 4, 5].map((last) => `[j] Ban 198.18.0.${last}`),
    );
    assert.doesNotMatch(log(), /timezone problem|odd timestamp|clock/);
  });
}
