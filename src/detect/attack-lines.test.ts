import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { referenceTree } from "../../test/reference.ts";
import { readFilter } from "../config/filter-definition.ts";
import { ConfigTree } from "../config/tree.ts";
import { LEVELS, LogHub } from "../log/logger.ts";
import { parse } from "../pyregex/parser.ts";
import { attackTexts, sampleText } from "./attack-lines.ts";
import { failuresOf, NOW, testFilter } from "./testing.ts";

const FLAGS = { ignoreCase: false, multiline: false, dotAll: false, verbose: false, ascii: false };
/** Half of what one line may cost at most in these tests, as it is tried twice before it is given up. */
const LIMIT_MS = 25;
const SHORT = 10_000;
const LONG = 1_000_000;

const CLASSIC = [
  "^ (?:a+)+$<F-ID>x</F-ID>",
  "^ (?:a|a)*b <ADDR>$",
  "^ (?:a|ab)*(?:b|ba)*c <ADDR>",
  "^ (?:.*)*<ADDR>x",
  "^ (?P<q>a+)+(?P=q)+ <ADDR>",
  "^ (?=(?:a+)+$)a <ADDR>",
  "^ (?!(?:a+)+!)a+ <ADDR>",
  "(?:a*)*(?:a*)*(?:a*)*b <ADDR>",
  "(?i)^ (?:A+a+)+b <ADDR>",
];

test("classic catastrophes are answered or given up, and later lines are seen", () => {
  for (const regex of CLASSIC) {
    const { filter, messages } = testFilter(
      { fail: [regex, "later <ADDR>"] },
      { matchTimeLimitMs: LIMIT_MS },
    );
    for (const size of [30, SHORT, LONG])
      failuresOf(filter, [`${NOW} ${"a".repeat(size)} ${"ab".repeat(20)} 192.0.2.1`]);
    assert.equal(failuresOf(filter, [`${NOW} later 192.0.2.9`]).length, 1, regex);
    for (const message of messages) assert.match(message, /^\[test\] (?:Matching took|Expression took)/);
  }
});

const tree = referenceTree();
const skip = tree ? false : "the reference's tree is not unpacked";
const names = tree
  ? readdirSync(join(tree, "filter.d")).filter((name) => /(?<!-common)\.conf$/.test(name))
  : [];

describe("lines made to attack the stock filters are answered or given up", { skip }, () => {
  const hub = new LogHub(() => {}, LEVELS.CRITICAL);
  for (const name of names.map((file) => file.slice(0, -".conf".length))) {
    const definition = readFilter(new ConfigTree(tree!, hub), name, { parameters: new Map() });
    if (!definition || definition.failregex.length === 0) continue;

    test(name, () => {
      const { filter, messages } = testFilter(
        {
          fail: definition.failregex,
          ignore: definition.ignoreregex,
          maxLines: definition.maxlines ?? 1,
          datePattern: null,
          ...(definition.prefregex ? { pref: definition.prefregex } : {}),
        },
        { matchTimeLimitMs: LIMIT_MS, jail: name },
      );
      failuresOf(filter, linesFor(filter.failRegex(), filter.prefRegex));
      for (const message of messages.filter((m) => m.includes("took")))
        assert.match(message, new RegExp(`^\\[${name}\\] `));
    });
  }
});

/** One attack for each repeated part of short lines, and one with a very long line for each filter. */
function linesFor(fail: readonly string[], pref: string): string[] {
  const prefix = pref === "" ? "" : sampleText(parse(pref, FLAGS).root).replace(/[xa]+$/, "");
  const roots = fail.map((regex) => parse(regex, FLAGS).root);
  const long = roots.slice(0, 1).flatMap((root) => attackTexts(root, LONG).slice(0, 1));
  const texts = [...roots.flatMap((root) => attackTexts(root, SHORT).slice(0, MOST)), ...long];
  return texts.map((text) => `2023-11-14 11:00:00 ${prefix}${text.replaceAll("\n", " ")}`);
}

/** Attacks on one expression. */
const MOST = 12;
