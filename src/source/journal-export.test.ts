import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type JournalEntry, JournalExportReader } from "./journal-export.ts";

type Field = [name: string, value: Buffer];

function textField(name: string, value: string): Buffer {
  return Buffer.from(`${name}=${value}\n`);
}

function binaryField(name: string, value: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(value.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, value, Buffer.from("\n")]);
}

function readAll(pieces: Buffer[], longestField?: number): { entries: Field[][]; oversized: string[] } {
  const entries: Field[][] = [];
  const oversized: string[] = [];
  const reader = new JournalExportReader({
    onEntry: (entry: JournalEntry) =>
      entries.push([...entry].flatMap(([name, values]) => values.map((v): Field => [name, Buffer.from(v)]))),
    onOversized: (name) => oversized.push(name),
    ...(longestField === undefined ? {} : { longestField }),
  });
  for (const piece of pieces) reader.push(piece);
  return { entries, oversized };
}

test("text and binary fields, repeated fields, several entries", () => {
  const stream = Buffer.concat([
    textField("_HOSTNAME", "host"),
    textField("MESSAGE", "a=b"),
    textField("MESSAGE", ""),
    Buffer.from("\n"),
    binaryField("MESSAGE", Buffer.from("two\n\nlines=\xff", "latin1")),
    Buffer.from("\n\n"),
  ]);
  const { entries } = readAll([stream]);
  assert.deepEqual(entries, [
    [
      ["_HOSTNAME", Buffer.from("host")],
      ["MESSAGE", Buffer.from("a=b")],
      ["MESSAGE", Buffer.from("")],
    ],
    [["MESSAGE", Buffer.from("two\n\nlines=\xff", "latin1")]],
  ]);
});

test("a field that is too long is left out, the entry and those behind it are whole", () => {
  const long = "x".repeat(500);
  const stream = Buffer.concat([
    textField("A", "1"),
    textField("LONG", long),
    binaryField("BIN", Buffer.from(long)),
    textField("B", "2"),
    Buffer.from("\n"),
    textField("C", "3"),
    Buffer.from("\n"),
  ]);
  const expected = [
    [
      ["A", Buffer.from("1")],
      ["B", Buffer.from("2")],
    ],
    [["C", Buffer.from("3")]],
  ];
  for (const size of [1, 7, 64, 300, 5000]) {
    const pieces: Buffer[] = [];
    for (let at = 0; at < stream.length; at += size) pieces.push(stream.subarray(at, at + size));
    const { entries, oversized } = readAll(pieces, 100);
    assert.deepEqual(entries, expected, `pieces of ${size}`);
    assert.deepEqual(oversized, ["LONG", "BIN"]);
  }
});

test("the result does not depend on where the stream is cut", () => {
  const value = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
  const name = fc.stringMatching(/^[A-Z_]{1,8}$/);
  const entry = fc.uniqueArray(fc.tuple(name, value), { minLength: 1, maxLength: 5, selector: ([n]) => n });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 5 }), fc.infiniteStream(fc.nat(20)), (written, sizes) => {
      const stream = Buffer.concat(
        written.flatMap((fields) => [...fields.map(([n, v]) => binaryField(n, v)), Buffer.from("\n")]),
      );
      const pieces: Buffer[] = [];
      for (let at = 0; at < stream.length; ) {
        const size = sizes.next().value + 1;
        pieces.push(stream.subarray(at, at + size));
        at += size;
      }
      assert.deepEqual(readAll(pieces).entries, written);
    }),
    { numRuns: 200 },
  );
});

test("any bytes at all are taken in bounded memory and without an exception", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 30 }), (pieces) => {
      readAll(
        pieces.map((piece) => Buffer.from(piece)),
        50,
      );
    }),
    { numRuns: 300 },
  );
});
