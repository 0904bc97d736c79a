import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { ProgressBar } from "./progress-bar.ts";
import { runTester } from "./testing.ts";

/** A terminal on which what was written can be seen. */
class Screen {
  time = 1000;
  written: string[] = [];
  readonly width: number;

  constructor(width: number) {
    this.width = width;
  }

  readonly write = (text: string): void => void this.written.push(text);
  readonly columns = (): number => this.width;
  readonly now = (): number => this.time;

  /** The row as it is now. */
  get row(): string {
    return this.written.join("").split("\r\x1b[K").at(-1)!;
  }
}

test("part, lines, speed and the time left are shown, and gone at the end", () => {
  const screen = new Screen(80);
  const bar = new ProgressBar(screen, 1_000_000);
  screen.time += 499;
  bar.update(100_000, 1000);
  assert.deepEqual(screen.written, []);
  screen.time += 501;
  bar.update(250_000, 2500);
  assert.equal(screen.row, "[########----------------------]  25 %  2,500 lines, 2,500/s  3 s left");
  screen.time += 99;
  bar.update(300_000, 3000);
  assert.equal(screen.written.length, 1);
  bar.done();
  assert.equal(screen.row, "");
});

test("what is left is told in minutes and hours", () => {
  const screen = new Screen(100);
  const bar = new ProgressBar(screen, 10_000);
  screen.time += 60_000;
  bar.update(2000, 1);
  assert.match(screen.row, / {2}4:00 min left$/);
  screen.time += 200;
  bar.update(10, 1);
  assert.match(screen.row, / {2}16:42:20 h left$/);
});

test("a narrow terminal gets no bar, and never a second row", () => {
  for (const width of [5, 30, 44, 60]) {
    const screen = new Screen(width);
    const bar = new ProgressBar(screen, 100);
    screen.time += 1000;
    bar.update(50, 123_456);
    assert.ok(screen.row.length < width, screen.row);
  }
});

test("a log that is read shows its progress on a terminal, compressed or not", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "fail2ban-regex-bar-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const lines = Array.from({ length: 40_000 }, (_, i) => `2024-05-23 21:59:50 bad 192.0.2.${i % 250}\n`).join(
    "",
  );
  writeFileSync(join(folder, "plain"), lines);
  writeFileSync(join(folder, "packed"), gzipSync(lines));
  for (const name of ["plain", "packed"]) {
    const screen = new Screen(80);
    const terminal = { ...screen, now: () => (screen.time += 1000) };
    const { out } = await runTester([join(folder, name), "bad <HOST>"], { terminal });
    assert.match(out, /40000 matched/);
    const parts = screen.written.map((text) => Number(/(\d+) %/.exec(text)?.[1] ?? -1));
    assert.equal(parts.pop(), -1);
    assert.ok(parts.length > 2, parts.join());
    assert.deepEqual(
      parts,
      parts.toSorted((a, b) => a - b),
    );
    assert.equal(parts.at(-1), 100);
    assert.equal(screen.row, "");
  }
});
