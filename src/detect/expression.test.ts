import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Expression } from "./expression.ts";

const WITH_REST = [
  "^<F-CONTENT>.+</F-CONTENT>$",
  "^\\s*(?:\\S+ )?<F-MLFID>sshd\\[\\d+\\]</F-MLFID>: <F-CONTENT>.+</F-CONTENT>$",
  "^(?:a+ |.*: )?(?:b|\\S+)<F-CONTENT>.+</F-CONTENT>$",
  "(?:error|info).*? <F-CONTENT>.+</F-CONTENT>$",
];

test("a content that is the rest of the line is found by its first character", () => {
  const part = fc.constantFrom(
    "sshd[12]: ",
    "a ",
    "aa ",
    "b",
    ": ",
    " ",
    "error",
    "info x ",
    "é",
    "🙂",
    "\ud83d",
    "\r",
  );
  const line = fc.array(part, { maxLength: 6 }).map((parts) => `${parts.join("")}\n`);
  const expressions = WITH_REST.map((written) => new Expression(written, { useDns: "no" }));
  let matches = 0;
  fc.assert(
    fc.property(line, fc.constantFrom(...expressions), (text, expression) => {
      assert.ok(expression.hasHead(text));
      const head = expression.searchHead(text);
      const whole = expression.search(text);
      assert.equal(expression.matches(text), whole !== null);
      assert.equal(head?.start, whole?.start);
      if (!head || !whole) return;
      matches++;
      const rest = text.slice(head.end - head.group("content")!.length, -1);
      assert.equal(rest, whole.group("content"));
      assert.equal(rest.length, whole.end - whole.span("content")[0]);
    }),
    { numRuns: 3000 },
  );
  assert.ok(matches > 300, `${matches} texts matched`);
});

test("where the rest of the text matters, all of it is looked at", () => {
  const [plain] = WITH_REST.map((written) => new Expression(written, { useDns: "no" }));
  assert.ok(!plain!.hasHead("two\nlines\n"));
  assert.ok(!plain!.hasHead("no newline"));
  for (const written of [
    "^a <F-CONTENT>.+</F-CONTENT> z$",
    "(?s)^<F-CONTENT>.+</F-CONTENT>$",
    "^(?:<F-CONTENT>.+</F-CONTENT>)?$",
  ])
    assert.ok(!new Expression(written, { useDns: "no" }).hasHead("a b z\n"), written);
});
