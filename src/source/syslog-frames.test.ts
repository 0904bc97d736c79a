import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SyslogFrames } from "./syslog-frames.ts";

function messagesOf(pieces: readonly Buffer[], longestMessage?: number) {
  const messages: string[] = [];
  const skipped: number[] = [];
  const frames = new SyslogFrames({
    onMessage: (message) => messages.push(message.toString("latin1")),
    onSkipped: (bytes) => skipped.push(bytes),
    ...(longestMessage === undefined ? {} : { longestMessage }),
  });
  for (const piece of pieces) frames.push(piece);
  frames.end();
  return { messages, skipped };
}

function cut(text: string, size: number): Buffer[] {
  const bytes = Buffer.from(text, "latin1");
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

test("counted and newline-framed messages may be mixed, wherever the stream is cut", () => {
  const stream = "5 <1>a\n<2>b\n<3>c\0\n4 <4>d3 <5>";
  for (let size = 1; size <= stream.length; size++) {
    assert.deepEqual(messagesOf(cut(stream, size)).messages, ["<1>a\n", "<2>b", "<3>c", "<4>d", "<5>"]);
  }
});

test("a counted message that is cut off by the end is dropped, a line is not", () => {
  assert.deepEqual(messagesOf(cut("10 <1>abc", 3)).messages, []);
  assert.deepEqual(messagesOf(cut("<1>abc", 3)).messages, ["<1>abc"]);
});

test("messages that are too long are passed over, the next ones are not", () => {
  const long = "x".repeat(100);
  for (const size of [1, 7, 60, 1000]) {
    const { messages } = messagesOf(cut(`104 <1>a${long}<2>b\n<3>${long}\n<4>d\n`, size), 50);
    assert.deepEqual(messages, ["<2>b", "<4>d"], `pieces of ${size}`);
  }
});

test("any bytes at all are taken, and any lines come through", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 20 }), (pieces) => {
      for (const message of messagesOf(
        pieces.map((p) => Buffer.from(p)),
        40,
      ).messages) {
        assert.ok(message.length <= 40);
      }
    }),
    { numRuns: 300 },
  );
  const message = fc.stringMatching(/^<[0-9]{1,3}>[ -~]{1,30}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(message, fc.boolean())), fc.integer({ min: 1, max: 50 }), (sent, size) => {
      const stream = sent
        .map(([text, counted]) => (counted ? `${text.length} ${text}` : `${text}\n`))
        .join("");
      assert.deepEqual(
        messagesOf(cut(stream, size)).messages,
        sent.map(([text]) => text),
      );
    }),
  );
});
