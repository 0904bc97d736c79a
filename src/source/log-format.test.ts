import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { logFormat } from "./log-format.ts";

const T = 1_763_695_173;
const ISO = "2025-11-21T03:19:33";

function unwrapAll(name: string, options: Record<string, string>, lines: readonly string[]) {
  const unwrapper = logFormat(name, new Map(Object.entries(options))).newUnwrapper();
  return lines.map((line) => {
    const unwrapped = unwrapper.unwrap(line);
    return unwrapped && [unwrapped.text, unwrapped.time];
  });
}

test("docker-json: one object a line, long lines in parts, two streams", () => {
  const wrap = (log: string, stream = "stdout", time = `${ISO}.5Z`) => JSON.stringify({ log, stream, time });
  assert.deepEqual(
    unwrapAll("docker-json", {}, [
      wrap("Failed password\n"),
      wrap("one "),
      wrap("error\n", "stderr", `${ISO}Z`),
      wrap("two\r\n", "stdout", "2025-11-21T03:19:40Z"),
      "no json",
      "{}",
      wrap("x\n", "stdout", "never"),
    ]),
    [["Failed password", T + 0.5], null, ["error", T], ["one two", T + 0.5], null, null, ["x", null]],
  );
});

test("cri: time, stream, whole or part", () => {
  assert.deepEqual(
    unwrapAll("cri", {}, [
      `${ISO}.106367123Z stdout F Failed password`,
      `${ISO}+01:00 stderr P one `,
      `${ISO}Z stdout F between`,
      `${ISO}Z stderr F two`,
      `${ISO}Z stdout F:tag `,
      "something else",
    ]),
    [["Failed password", T + 0.106367123], null, ["between", T], ["one two", T - 3600], ["", T], null],
  );
});

test("json: named fields, paths, the usual fields; times as numbers and texts", () => {
  const caddy = { level: "error", ts: T + 0.25, msg: "login failed", request: { remote_ip: "192.0.2.1" } };
  assert.deepEqual(unwrapAll("json", {}, [JSON.stringify(caddy)]), [["login failed", T + 0.25]]);
  const options = { field: "request.remote_ip", time: "ts" };
  assert.deepEqual(unwrapAll("json", options, [JSON.stringify(caddy), '{"ts":1}']), [
    ["192.0.2.1", T + 0.25],
    null,
  ]);
  assert.deepEqual(unwrapAll("json", { field: "request" }, [JSON.stringify(caddy)]), [
    ['{"remote_ip":"192.0.2.1"}', T + 0.25],
  ]);
  for (const ts of [
    T,
    T * 1000,
    T * 1e6,
    T * 1e9,
    String(T),
    `${T}000`,
    `${ISO}Z`,
    `${ISO}.000000Z`,
    `${ISO}-0000`,
  ]) {
    assert.deepEqual(unwrapAll("json", {}, [JSON.stringify({ message: "m", ts })]), [["m", T]], String(ts));
  }
  for (const ts of [null, -1, "yesterday", {}, true, "2025-13-41T99:00:00Z"]) {
    assert.deepEqual(unwrapAll("json", {}, [JSON.stringify({ message: "m", ts })]), [["m", null]]);
  }
});

test("a line end within a message does not begin a second line", () => {
  assert.deepEqual(unwrapAll("json", {}, [JSON.stringify({ msg: "a\nforged\r\n" })]), [
    ["a\\nforged\\r\\n", null],
  ]);
});

test("names of a prototype are no fields", () => {
  assert.deepEqual(
    unwrapAll("json", { field: "constructor.name" }, ['{"a":1}', '{"__proto__":{"msg":"x"}}']),
    [null, null],
  );
});

test("any line at all is taken, and gives one line", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '{"log":"',
      '\\n","stream":"stdout","time":"',
      `${ISO}Z`,
      '"}',
      " stdout P ",
      " stderr F ",
      "\\n",
    ),
    fc.string({ maxLength: 8 }),
  );
  for (const name of ["docker-json", "cri", "json"]) {
    const format = logFormat(name, new Map());
    fc.assert(
      fc.property(fc.array(fc.array(piece, { maxLength: 8 })), (lines) => {
        const unwrapper = format.newUnwrapper();
        for (const parts of lines) {
          const unwrapped = unwrapper.unwrap(parts.join(""));
          if (unwrapped) assert.doesNotMatch(unwrapped.text, /[\r\n]/);
        }
      }),
      { numRuns: 200 },
    );
  }
});

test("parts that never end take no more memory than a line may", () => {
  const unwrapper = logFormat("cri", new Map()).newUnwrapper();
  const part = `${ISO}Z stdout P ${"x".repeat(100_000)}`;
  for (let i = 0; i < 100; i++) assert.equal(unwrapper.unwrap(part), null);
  assert.equal(unwrapper.unwrap(`${ISO}Z stdout F end`)!.text.length, 1024 * 1024);
});

test("formats that are not known are refused with what there is", () => {
  assert.throws(() => logFormat("xml", new Map()), /logformat must be docker-json, cri or json/);
  assert.throws(() => logFormat("cri", new Map([["field", "x"]])), /logformat cri takes no option 'field'/);
});
