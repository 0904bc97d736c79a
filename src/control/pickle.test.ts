import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { fromGolden, type GoldenValue } from "../../test/golden-value.ts";
import { shared, skipWithout } from "../../test/shared.ts";
import { PyBytes, PyError, PyFloat, PyTuple, type PyValue } from "../pyvalue/value.ts";
import { CLOSE, TERMINATOR } from "./frame.ts";
import { decodePickle, PickleError } from "./pickle-decode.ts";
import { encodePickle } from "./pickle-encode.ts";

interface Exchange {
  name: string;
  request_hex: string;
  response_hex: string;
  request?: GoldenValue;
  response?: GoldenValue;
}

function exchanges(): Exchange[] {
  return JSON.parse(readFileSync(shared("golden", "wire.json"), "utf8")).exchanges;
}

function messages(hex: string): Buffer[] {
  const all = Buffer.from(hex, "hex");
  const found: Buffer[] = [];
  for (let start = 0; ; ) {
    const end = all.indexOf(TERMINATOR, start);
    if (end < 0) return found;
    found.push(all.subarray(start, end));
    start = end + TERMINATOR.length;
  }
}

const skip = skipWithout("golden", "wire.json");

test("recorded requests are read as what they say", { skip }, () => {
  let checked = 0;
  for (const exchange of exchanges()) {
    const [message] = messages(exchange.request_hex);
    if (message === undefined || message.equals(CLOSE) || exchange.request === undefined) continue;
    assert.deepEqual(decodePickle(message), fromGolden(exchange.request), exchange.name);
    checked++;
  }
  assert.ok(checked > 85, `${checked} requests`);
});

test("recorded requests that are none are refused with the recorded reason", { skip }, () => {
  for (const name of ["garbage", "empty", "truncated-pickle", "json-request", "unknown-global"]) {
    const exchange = exchanges().find((e) => e.name === name);
    assert.ok(exchange);
    const [message] = messages(exchange.request_hex);
    assert.ok(message);
    assert.throws(
      () => decodePickle(message),
      (error) => error instanceof PickleError && `ERROR: ${error.message}` === exchange.response,
      name,
    );
  }
});

/** Answers whose bytes may differ: addresses are objects there, plain strings here (both mean the same). */
const ADDRESS_OBJECTS = new Set(["get-banip-addresses", "banned", "status-sshd-with-bans", "ignoreip-list"]);
/** Answers with attributes of an exception beyond its arguments, or with a class that takes others. */
const OTHER_CONSTRUCTOR = new Set(["error-json", "error-oserror"]);

test("answers are written byte for byte as recorded", { skip }, () => {
  let same = 0;
  for (const exchange of exchanges()) {
    if (exchange.response === undefined || exchange.response === null) continue;
    if (ADDRESS_OBJECTS.has(exchange.name) || OTHER_CONSTRUCTOR.has(exchange.name)) continue;
    const [recorded] = messages(exchange.response_hex);
    assert.equal(
      encodePickle(fromGolden(exchange.response)).toString("hex"),
      recorded?.toString("hex"),
      exchange.name,
    );
    same++;
  }
  assert.ok(same > 85, `${same} answers`);
});

test("recorded answers are read", { skip }, () => {
  for (const exchange of exchanges()) {
    const [recorded] = messages(exchange.response_hex);
    if (recorded === undefined || exchange.response === undefined || OTHER_CONSTRUCTOR.has(exchange.name))
      continue;
    assert.deepEqual(
      decodePickle(recorded, { objects: "errors" }),
      fromGolden(exchange.response),
      exchange.name,
    );
  }
});

test("objects are never made from requests", () => {
  for (const text of ["cos\nsystem\n(S'id'\ntR.", "(S'id'\nios\nsystem\n.", "\x80\x02\x82\x01.", "Pid\n."]) {
    assert.throws(() => decodePickle(Buffer.from(text, "latin1")), PickleError);
    assert.throws(() => decodePickle(Buffer.from(text.replace(/R\.$/, "Rb."), "latin1")), PickleError);
  }
  const call = Buffer.from("cos\nsystem\n(S'id'\ntR.", "latin1");
  assert.deepEqual(decodePickle(call, { objects: "errors" }), new PyError("os", "system", ["id"]));
});

test("old text protocols", () => {
  const read = (text: string) => decodePickle(Buffer.from(text, "latin1"));
  assert.deepEqual(read("(lp0\nI01\naI00\naI-5\naL123456789012345678901L\naF1.5\naNa."), [
    true,
    false,
    -5,
    123456789012345678901n,
    new PyFloat(1.5),
    null,
  ]);
  assert.deepEqual(
    read("(S'a\\'\\n\\x41'\nV\\u20ac\\U0001f600\xe9\nt."),
    new PyTuple("a'\nA", "€\u{1f600}é"),
  );
  assert.deepEqual(read("(dS'k'\nI1\ns."), new Map([["k", 1]]));
  assert.deepEqual(read("(S'k'\nI1\nd."), new Map([["k", 1]]));
});

test("a list that contains itself and shared parts that multiply are refused", () => {
  assert.throws(() => decodePickle(Buffer.from("]q\x00h\x00a.", "latin1")), /nested too deeply/);
  const doubling = `]q\x00${"h\x00h\x00\x86q\x00".repeat(60)}.`;
  assert.throws(() => decodePickle(Buffer.from(doubling, "latin1")), /too many values/);
  const deep = `${"(".repeat(5000)}${"l".repeat(5000)}.`;
  assert.throws(() => decodePickle(Buffer.from(deep, "latin1")), /nested too deeply/);
});

test("lengths beyond the data cost nothing", () => {
  for (const header of [
    "X\xff\xff\xff\xff",
    "\x8d\xff\xff\xff\xff\xff\xff\xff\x7f",
    "B\xff\xff\xff\xff",
    "T\xff\xff\xff\x7f",
  ]) {
    assert.throws(() => decodePickle(Buffer.from(header, "latin1")), /truncated/);
  }
  assert.throws(() => decodePickle(Buffer.from("T\xff\xff\xff\xff", "latin1")), /negative length/);
});

test("integers of every size keep their value", () => {
  for (const value of [
    0,
    255,
    256,
    65535,
    65536,
    -1,
    -129,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    -(2 ** 31) - 1,
    2 ** 53 - 1,
  ]) {
    assert.equal(decodePickle(encodePickle(value)), value);
  }
  for (const value of [2n ** 64n, -(2n ** 64n), 2n ** 3000n]) {
    assert.equal(decodePickle(encodePickle(value)), value);
  }
});

test("texts with the terminator survive, and the terminator does not stand in the message", () => {
  const text = "log \\ line\n\r\0\x1a\x80 <F2B_END_COMMAND> \u{1f600} \udcff €";
  const bytes = encodePickle([text, text]);
  assert.equal(bytes.indexOf(TERMINATOR), -1);
  assert.deepEqual(decodePickle(bytes), [text, text]);
});

test("large values: many frames, many items, long strings", () => {
  const list = Array.from({ length: 30_000 }, (_, i) => `192.0.2.${i}`);
  assert.deepEqual(decodePickle(encodePickle(list)), list);
  const long = ["a", "x".repeat(70_000), "b", new PyTuple("y".repeat(65_536))];
  assert.deepEqual(decodePickle(encodePickle(long)), long);
});

const python = spawnSync("python3", ["-c", ""]).status === 0;

test("large values are framed as Python frames them", { skip: python ? false : "needs python3" }, () => {
  const list = Array.from({ length: 20_000 }, (_, i) => `item ${i}`);
  const value = [
    list,
    "x".repeat(70_000),
    new PyTuple("y".repeat(65_536), "x".repeat(70_000)),
    new PyFloat(0.5),
  ];
  const script = `import pickle, sys
x = "x" * 70000
v = [["item %d" % i for i in range(20000)], x, ("y" * 65536, x), 0.5]
sys.stdout.buffer.write(pickle.dumps(v, 5))`;
  const { stdout } = spawnSync("python3", ["-c", script], { maxBuffer: 1e7 });
  assert.ok(encodePickle(value).equals(stdout));
});

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: 2n ** 54n }),
  fc.double().map((x) => new PyFloat(x)),
  fc.string({ unit: "binary" }),
  fc.uint8Array().map((x) => new PyBytes(Buffer.from(x))),
);
const { value: anyValue } = fc.letrec<{ value: PyValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie("value"), { maxLength: 6 }),
    fc.array(tie("value"), { maxLength: 5 }).map((items) => new PyTuple(...items)),
    fc.array(fc.tuple(fc.string(), tie("value")), { maxLength: 4 }).map((pairs) => new Map(pairs)),
  ),
}));

test("what is written is read back", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      assert.deepEqual(decodePickle(encodePickle(value)), value);
    }),
    { numRuns: 300 },
  );
});

test("hostile bytes only ever lead to a value or a PickleError", () => {
  const opcode = fc.constantFrom(
    ..."(.02BCFGIJKLMNRSTUVX])abcdeghijloqrstu}\x80\x85\x86\x87\x88\x8a\x8c\x8f\x90\x93\x94\x95",
  );
  const noise = fc.array(fc.oneof(opcode, fc.constantFrom("\x00", "\x01", "\n", "1", "'", "\xff")), {
    maxLength: 80,
  });
  fc.assert(
    fc.property(noise, fc.boolean(), (parts, errors) => {
      try {
        decodePickle(Buffer.from(parts.join(""), "latin1"), { objects: errors ? "errors" : "refuse" });
      } catch (error) {
        assert.ok(error instanceof PickleError, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});

test("damaged requests only ever lead to a value or a PickleError", () => {
  const bytes = encodePickle(["set", "sshd", 7, new PyFloat(1.5), new Map([["a", [null, "é", -70_000]]])]);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), (at, byte, length) => {
      const damaged = Buffer.from(bytes.subarray(0, length));
      if (at < damaged.length) damaged[at] = byte;
      try {
        decodePickle(damaged);
      } catch (error) {
        assert.ok(error instanceof PickleError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
