import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compile } from "../pyregex/compile.ts";
import { parse } from "../pyregex/parser.ts";
import { firstCharacters } from "./first-characters.ts";
import { beginnings, requiredTexts } from "./required-texts.ts";
import { failuresOf, failuresOfBlock, NOW, testFilter } from "./testing.ts";

const FLAGS = { ignoreCase: false, multiline: false, dotAll: false, verbose: false, ascii: false };

/** Expressions over a small alphabet, so that texts match often. */
const expression = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(
      "a",
      "ab",
      "b",
      " ",
      "[ab]",
      "[^a]",
      "\\w",
      "\\s",
      "\\S",
      ".",
      "^",
      "$",
      "\\b",
      "(?i:a)",
      "cd",
    ),
    fc.array(tie("node"), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("")),
    fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((parts) => `(?:${parts.join("|")})`),
    fc.tuple(tie("node"), fc.constantFrom("?", "*", "+", "{2}", "{0,2}")).map(([n, q]) => `(?:${n})${q}`),
    tie("node").map((n) => `(?=${n})`),
    tie("node").map((n) => `(${n})`),
  ),
})).node;
const text = fc
  .array(fc.constantFrom("a", "b", "c", "d", " ", "A", "é", "\n", "k"), { maxLength: 12 })
  .map((c) => c.join(""));

test("required texts and first characters hold for every match", () => {
  fc.assert(
    fc.property(expression, text, (source, input) => {
      const { root } = parse(source, FLAGS);
      const match = compile(source).search(input);
      if (!match) return;
      for (const requirement of requiredTexts(root)) {
        assert.ok(
          requirement.some((part) => input.includes(part)),
          `${source}: ${requirement}`,
        );
      }
      const begin = beginnings(root);
      if (begin)
        assert.ok(
          begin.some((part) => input.startsWith(part)),
          `${source}: ${begin}`,
        );
      const first = firstCharacters(root);
      const code = input.charCodeAt(0);
      if (first && code < 128) assert.ok(first.has(code), source);
    }),
    { numRuns: 3000 },
  );
});

const DATE_PATTERNS = [
  "^EPOCH",
  "{^LN-BEG}EPOCH",
  "EPOCH",
  "{^LN-BEG}",
  null,
  "{EPOCH}",
  "\\[({EPOCH})\\]",
  "{NONE}",
  "x?({EPOCH})",
  "{UNB}{EPOCH}",
];
const piece = fc.constantFrom(
  "bad",
  " ",
  "from ",
  "192.0.2.7",
  "[",
  "]",
  "x",
  "user",
  "DATE",
  "x[DATE]",
  "user DATE from ",
  " - ",
  "\r",
);
const logLine = fc
  .tuple(fc.array(piece, { maxLength: 8 }), fc.integer({ min: -700, max: 700 }))
  .map(([parts, shift]) => ({ parts, shift }));

test("a block gives what its lines give one by one", () => {
  fc.assert(
    fc.property(
      fc.array(logLine, { maxLength: 12 }),
      fc.constantFrom(...DATE_PATTERNS),
      fc.boolean(),
      fc.boolean(),
      fc.array(
        fc.constantFrom(
          "bad from <ADDR>",
          "^\\s*bad<ADDR>",
          "(?:user|bad) .*<ADDR>",
          "from\\s+<ADDR>$",
          "user  from <ADDR>",
          "x\\[\\]<ADDR>",
        ),
        {
          minLength: 1,
          maxLength: 3,
        },
      ),
      (lines, datePattern, inOperation, withPrefix, fail) => {
        // A log is in order of time.
        const shifts = lines.map(({ shift }) => shift).sort((a, b) => a - b);
        const texts = lines.map(({ parts }, i) => {
          return parts
            .map((part) => part.replace("DATE", String(NOW + shifts[i]!)))
            .join("")
            .replace(/\r+$/, "");
        });
        const setup = { fail, datePattern, ...(withPrefix ? { pref: "<F-CONTENT>bad.*</F-CONTENT>" } : {}) };
        const single = testFilter(setup, { matchTimeLimitMs: Number.POSITIVE_INFINITY });
        const blocks = testFilter(setup, { matchTimeLimitMs: Number.POSITIVE_INFINITY });
        const middle = Math.floor(texts.length / 2);
        const found = [texts.slice(0, middle), texts.slice(middle)].flatMap((part) =>
          failuresOfBlock(blocks.filter, part, inOperation),
        );
        assert.deepEqual(found, failuresOf(single.filter, texts, inOperation));
      },
    ),
    { numRuns: 1500 },
  );
});
