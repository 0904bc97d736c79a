import assert from "node:assert/strict";
import { test } from "node:test";
import { PyTuple, type PyValue } from "../pyvalue/value.ts";
import { formatLocalTime } from "../time/format.ts";
import { drawTop, snapshotOf } from "./top-view.ts";

const NOW = 1_800_000_000;
const SCREEN = { columns: 80, rows: 24 };
const bare = (line: string) => line.replace(/\x1b\[[\d;]*m/g, "").trimEnd();

function stats(jails: Record<string, [number, number, number, number]>): PyValue {
  const rows = Object.entries(jails).map(([name, [a, b, c, d]]): [PyValue, PyValue] => [
    name,
    ["polling", new PyTuple(a, b), new PyTuple(c, d)],
  ]);
  return new Map(rows);
}

const ban = (time: number, id: string): PyValue =>
  new Map<PyValue, PyValue>([
    ["time", time],
    ["jail", "sshd"],
    ["id", id],
  ]);

test("jails with their counts and rates, the busiest first, and the newest bans", () => {
  const before = snapshotOf(NOW - 30, stats({ sshd: [1, 10, 1, 2], web: [0, 5, 0, 1] }), null);
  const bans = [ban(NOW - 10, "203.0.113.1"), ban(NOW, "203.0.113.2")];
  const now = snapshotOf(NOW, stats({ web: [0, 5, 0, 1], sshd: [3, 40, 4, 7] }), bans);
  assert.deepEqual(drawTop(now, before, SCREEN).map(bare), [
    `${formatLocalTime(NOW)}  2 jails, 4 banned; since start 45 failures, 8 bans`,
    "",
    "JAIL                BACKEND FAILING FAILURES  /MIN BANNED    BANS  /MIN",
    "sshd                polling       3       40    60      4       7    10",
    "web                 polling       0        5     0      0       1     0",
    "",
    "Newest bans",
    `${formatLocalTime(NOW)}  sshd               203.0.113.2`,
    `${formatLocalTime(NOW - 10)}  sshd               203.0.113.1`,
    "q: quit",
  ]);
});

test("whatever there is fits the screen", () => {
  const jails = Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => [`jail-with-a-long-name-${i}`, [1, 2, 3, 4]]),
  );
  const bans = Array.from({ length: 40 }, (_, i) => ban(NOW - i, `2001:db8::${i}`));
  const now = snapshotOf(NOW, stats(jails as Record<string, [number, number, number, number]>), bans);
  for (const screen of [SCREEN, { columns: 40, rows: 10 }, { columns: 200, rows: 60 }]) {
    const lines = drawTop(now, null, screen).map(bare);
    assert.ok(lines.length <= screen.rows, `${lines.length} lines`);
    for (const line of lines) assert.ok(line.length <= screen.columns, line);
  }
});
