import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { seekByTime } from "./seek-by-time.ts";
import { temporaryDirectory } from "./testing.ts";

const timeOf = (line: string) => (/^t\d+/.test(line) ? Number(/^t(\d+)/.exec(line)?.[1]) : null);

function file(t: TestContext): (content: string | Buffer) => { path: string; size: number } {
  const path = join(temporaryDirectory(t), "seek.log");
  return (content) => {
    writeFileSync(path, content);
    return { path, size: Buffer.byteLength(content) };
  };
}

test("finds the first line that is not too old", (t) => {
  const lines = Array.from({ length: 1000 }, (_, i) => `t${i} ${"x".repeat(i % 90)}\n`);
  const { path, size } = file(t)(lines.join(""));
  for (const wanted of [0, 1, 17, 499, 500, 998, 999]) {
    const expected = lines.slice(0, wanted).join("").length;
    assert.equal(seekByTime(path, 0, size, timeOf, wanted, "UTF-8"), expected, `wanted ${wanted}`);
  }
  assert.equal(seekByTime(path, 0, size, timeOf, 5000, "UTF-8"), size);
  const half = lines.slice(0, 500).join("").length;
  assert.equal(seekByTime(path, half, size, timeOf, 3, "UTF-8"), half);
});

test("UTF-16", (t) => {
  const lines = Array.from({ length: 50 }, (_, i) => `t${i} \u0a0aü\n`);
  const bytes = Buffer.from(`\ufeff${lines.join("")}`, "utf16le");
  const { path, size } = file(t)(bytes);
  const expected = Buffer.byteLength(`\ufeff${lines.slice(0, 20).join("")}`, "utf16le");
  assert.equal(seekByTime(path, 0, size, timeOf, 20, "utf-16"), expected);
});

test("never skips a line that is wanted, whatever stands between", (t) => {
  const write = file(t);
  const content = fc.array(
    fc.oneof(
      fc.nat(3).map((step) => ({ step })),
      fc.string({ maxLength: 8 }).map((text) => ({ text: text.replace(/[\r\n]/g, "") })),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(content, fc.nat(40), (parts, wanted) => {
      let time = 0;
      let offset = 0;
      let first: number | null = null;
      let text = "";
      for (const part of parts) {
        if ("step" in part) time += part.step;
        const line = "step" in part ? `t${time}\n` : `_${part.text}\n`;
        if ("step" in part && time >= wanted) first ??= offset;
        text += line;
        offset += Buffer.byteLength(line);
      }
      const { path, size } = write(text);
      const found = seekByTime(path, 0, size, timeOf, wanted, "UTF-8");
      assert.ok(found <= (first ?? size));
      assert.ok(found === 0 || text.length === 0 || Buffer.from(text)[found - 1] === 0x0a);
    }),
    { numRuns: 300 },
  );
});

test("a last line without line end is not looked at", (t) => {
  const { path, size } = file(t)("t1\nt2\nt3");
  assert.equal(seekByTime(path, 0, size, timeOf, 3, "UTF-8"), 6);
  assert.equal(seekByTime(path, 0, size, timeOf, 2, "UTF-8"), 3);
});
