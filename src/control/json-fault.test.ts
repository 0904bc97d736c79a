import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import { findJsonFault } from "./json-fault.ts";

const FAULTS: readonly [text: string, message: string, position: number][] = [
  ["", "Expecting value", 0],
  ["x", "Expecting value", 0],
  ["{oops", "Expecting property name enclosed in double quotes", 1],
  ['{"a" 1}', "Expecting ':' delimiter", 5],
  ['{"a": }', "Expecting value", 6],
  ['{"a": 1 "b"}', "Expecting ',' delimiter", 8],
  ["[1, ", "Expecting value", 4],
  ['"a', "Unterminated string starting at", 0],
  ['"\\x"', "Invalid \\escape", 1],
  ["{} x", "Extra data", 3],
];

test("the fault is told as Python tells it", () => {
  for (const [text, message, position] of FAULTS) {
    const fault = findJsonFault(text);
    assert.deepEqual([fault.message, fault.position], [message, position], text);
  }
});

test("random faults are found where Python finds them", { skip: withoutPython() }, () => {
  const piece = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"a"',
    '"',
    "1",
    "-",
    "true",
    "x",
    " ",
    "\\",
    "\n",
    "e5",
  );
  const texts = fc
    .sample(fc.array(piece, { maxLength: 8 }), { numRuns: 500, seed: 1 })
    .map((pieces) => pieces.join(""))
    .filter((text) => !isJson(text) && /^[^\n]*$/.test(text));
  const script =
    "import json,sys\nfor t in json.load(sys.stdin):\n try: json.loads(t); print('fine')\n except json.JSONDecodeError as e: print(e.msg, e.pos)";
  const python = spawnSync("python3", ["-c", script], { input: JSON.stringify(texts), encoding: "utf8" });
  const ours = texts
    .map((text) => findJsonFault(text))
    .map(({ message, position }) => `${message} ${position}`);
  const theirs = python.stdout.trim().split("\n");
  assert.equal(theirs.length, texts.length, python.stderr);
  for (const [i, text] of texts.entries()) {
    // Python words this one differently from release to release.
    if (/Illegal trailing comma/.test(theirs[i] ?? "")) continue;
    assert.equal(ours[i], theirs[i], JSON.stringify(text));
  }
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function withoutPython(): string | false {
  return spawnSync("python3", ["--version"]).status === 0 ? false : "python3 is not installed";
}
