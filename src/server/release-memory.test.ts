import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { releaseMemory } from "./release-memory.ts";

const BUFFERS = 20_000;
/** Small enough to be taken from the C library's own store. */
const BYTES = 4000;
const FILLED_MB = (BUFFERS * BYTES) / 2 ** 20;

const { glibcVersionRuntime } = (process.report.getReport() as { header: Record<string, string> }).header;
const skip =
  glibcVersionRuntime && process.getBuiltinModule("node:ffi")
    ? false
    : "needs the GNU C library and node:ffi";

test("memory goes back to the system, also what lies between pieces that are in use", { skip }, () => {
  releaseMemory();
  const before = anonymousMegabytes();
  let all: Uint8Array[] = Array.from({ length: BUFFERS }, () => new Uint8Array(BYTES).fill(1));
  assert.ok(anonymousMegabytes() > before + 0.9 * FILLED_MB);
  // A piece of each dozen stays in use.
  all = all.filter((_, index) => index % 12 === 0);
  releaseMemory();
  assert.ok(anonymousMegabytes() < before + 0.3 * FILLED_MB);
  assert.equal(all.length, Math.ceil(BUFFERS / 12));
});

function anonymousMegabytes(): number {
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1]) / 1024;
}
