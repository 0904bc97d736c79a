import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { failuresOf, failuresOfBlock, testFilter } from "./testing.ts";

const piece = fc.constantFrom(
  "sshd[12]: ",
  "sshd[13]: ",
  "Failed password for ",
  "invalid user ",
  "bob",
  " from ",
  "192.0.2.7",
  "2001:db8::7",
  "host.example",
  "255.255.255.255",
  "192.0.2.007",
  "closed ",
  "jürgen ",
  "Ċ中😀",
  " port 22",
  " ",
  "\r",
);
const date = fc.constantFrom(
  "Nov 14 10:59:58 web1 ",
  "Nov 14 10:59:58 web1 ",
  "Nov 14 10:59:59 web1 ",
  "Nov 14 10:59:59 web1 ",
  "<5>Nov 14 10:59:59 web1 ",
  "2023-11-14T10:59:59 web1 ",
  "web1 ",
);
const usual = fc
  .record({ date, pid: fc.constantFrom("12", "13"), user: fc.constantFrom("bob", "eve from x"), rest: piece })
  .map((of) => `${of.date}sshd[${of.pid}]: Failed password for ${of.user} from 192.0.2.7${of.rest}`);
const odd = fc.tuple(date, fc.array(piece, { maxLength: 7 })).map(([begin, parts]) => begin + parts.join(""));
const log = fc.array(fc.oneof(usual, odd), { maxLength: 40 });

const PREFIX = "^<F-MLFID>\\s*\\S+ sshd\\[\\d+\\]</F-MLFID>: <F-CONTENT>.+</F-CONTENT>$";
const FAIL = [
  "^Failed \\S+ for (?P<inv>invalid user )?<F-USER>.*?</F-USER> from <HOST>(?: port \\d+)?(?(inv)\\s*$|)",
  "^<F-NOFAIL>closed</F-NOFAIL> .*<ADDR>$",
  "from <F-ID>\\S+</F-ID>",
];

/** All that is decided by scanning is decided as it is line by line. */
test("blocks that are scanned give what their lines give one by one", () => {
  fc.assert(
    fc.property(
      log,
      fc.constantFrom("", PREFIX),
      fc.subarray(FAIL, { minLength: 1 }),
      fc.constantFrom([], ["eve"]),
      fc.boolean(),
      (lines, pref, fail, ignore, inOperation) => {
        const make = () =>
          testFilter(
            { fail, ignore, pref, datePattern: null },
            { matchTimeLimitMs: Number.POSITIVE_INFINITY },
          );
        const [alone, together] = [make(), make()];
        // The end of a line is none of its own in a list of lines.
        const texts = lines.map((line) => line.replace(/\r+$/, ""));
        const expected = failuresOf(alone.filter, texts, inOperation);
        const isAscii = lines.every((line) => /^[\0-\x7f]*$/.test(line));
        assert.deepEqual(failuresOfBlock(together.filter, lines, inOperation, isAscii), expected);
        assert.deepEqual(together.filter.dateMemory.lastKnown, alone.filter.dateMemory.lastKnown);
        assert.deepEqual(together.messages, alone.messages);
      },
    ),
    { numRuns: 1500 },
  );
});

test("a line that takes many attempts is decided all the same", () => {
  const { filter } = testFilter(
    { fail: ["^ (?:a|a|ab)*c <ADDR>"], datePattern: null },
    { matchTimeLimitMs: Number.POSITIVE_INFINITY },
  );
  const lines = ["Nov 14 10:59:58 ac 192.0.2.1", `Nov 14 10:59:58 ${"a".repeat(12)} 192.0.2.1`];
  assert.equal(failuresOfBlock(filter, [...lines, lines[0]!], false, true).length, 2);
});
