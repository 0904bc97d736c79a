import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { brief, testFilter } from "./testing.ts";

/** What is in a line beside its date; most of it matches nothing. */
const piece = fc.constantFrom("bad from 192.0.2.7", "bad", "user", " ", "x", "192.0.2.9", "\r");
const date = fc.constantFrom(
  "2023-11-14 10:59:58 ",
  "2023-11-14 10:59:58 ",
  "2023-11-14 10:59:59 ",
  "Nov 14 10:59:59 ",
  "192.0.2.1 - [14/Nov/2023:10:59:58 +0000] ",
  "192.0.2.1 - [14/Nov/2023:10:59:58 +0000] ",
  "1699959598 ",
  "no date ",
  "",
  "# ",
);
/** Most lines of a log have the same date, as those of one second do. */
const log = fc.tuple(date, fc.constantFrom("x", "é")).chain(([usual, foreign]) =>
  fc.array(
    fc
      .tuple(
        fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: date }),
        fc.array(fc.oneof(piece, fc.constant(foreign)), { maxLength: 4 }),
      )
      .map(([begin, parts]) => begin + parts.join("")),
    { maxLength: 30 },
  ),
);
const isLeftOut = (block: string, start: number, end: number) => end === start || block[start] === "#";

test("every line of a block counts as if it came alone", () => {
  fc.assert(
    fc.property(
      log,
      fc.constantFrom(null, "{^LN-BEG}", "{NONE}", "^[^\\[]*\\[({DATE})"),
      fc.constantFrom(
        "",
        "^ ?(?:bad|x|-).*<F-CONTENT>.+</F-CONTENT>$",
        "^\\S* - \\[\\] <F-CONTENT>.+</F-CONTENT>$",
        // What it needs stands in few lines, so the others are passed over.
        "user ?<F-CONTENT>.+</F-CONTENT>$",
      ),
      fc.constantFrom([], ["user"]),
      fc.boolean(),
      (lines, datePattern, pref, ignore, isKnownAscii) => {
        const fail = ["bad from <ADDR>", "bad<ADDR>", "b<F-USER>a</F-USER>d from <ADDR>", "d from <ADDR>"];
        const setup = { fail, ignore, pref, datePattern };
        const options = { checkTimes: false, everyRegex: true };
        const [alone, together] = [testFilter(setup, options).filter, testFilter(setup, options).filter];

        const expected: string[] = [];
        const counted = lines
          .map((line) => line.replace(/\r+$/, ""))
          .filter((line) => !/^(?:#|$)/.test(line));
        alone.examineLines(counted, { inOperation: false }, (_, { findings }) => {
          for (const finding of findings) if (finding.isFailure()) expected.push(brief(finding));
        });
        const found: string[] = [];
        const block = lines.map((line) => `${line}\n`).join("");
        const context = { inOperation: false, ascii: isKnownAscii && /^\p{ASCII}*$/u.test(block) };
        const count = together.examineBlock(block, context, isLeftOut, (_, { findings }) => {
          for (const finding of findings) if (finding.isFailure()) found.push(brief(finding));
        });

        assert.deepEqual(found, expected);
        assert.equal(count, counted.length);
        assert.equal(together.prefixMatches, alone.prefixMatches);
        assert.deepEqual(together.dateMemory, alone.dateMemory);
      },
    ),
    { numRuns: 800 },
  );
});
