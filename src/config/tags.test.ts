import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { shared, skipWithout } from "../../test/shared.ts";
import { ConfigError } from "./config-error.ts";
import { substituteTags, type TagValue } from "./tags.ts";

interface RecursiveCase {
  readonly tags: Readonly<Record<string, TagValue>>;
  readonly ignore?: readonly string[];
  readonly conditional?: string;
  readonly out?: Readonly<Record<string, TagValue>>;
  readonly error_text?: string;
}

test("golden substitutions", { skip: skipWithout("golden", "replacetag.json") }, () => {
  const golden = JSON.parse(readFileSync(shared("golden", "replacetag.json"), "utf8")) as {
    recursive: RecursiveCase[];
  };
  // Conditions are decided at run time only.
  for (const { tags, ignore, out, error_text } of golden.recursive.filter(
    (c) => c.conditional === undefined,
  )) {
    const run = () =>
      Object.fromEntries(substituteTags(new Map(Object.entries(tags)), { ignore: new Set(ignore) }));
    if (error_text === undefined) assert.deepEqual(run(), out);
    else assert.throws(run, { message: error_text });
  }
});

test("a tag that changes later is still found", () => {
  const result = substituteTags(
    new Map([
      ["a", "<b-<c>>"],
      ["c", "<d>"],
      ["d", "x"],
      ["b-x", "hit"],
    ]),
  );
  assert.equal(result.get("a"), "hit");
});

test("tags that are not among the values are looked up, unknown ones stay", () => {
  const result = substituteTags(new Map([["a", "<HOST> <up> <none>"]]), {
    lookup: (tag) => ({ up: "<deep>", deep: "found", none: null })[tag],
  });
  assert.equal(result.get("a"), "<HOST> found <none>");
});

test("exponential growth is refused", () => {
  const tags = new Map(Array.from({ length: 40 }, (_, i) => [`t${i}`, `<t${i + 1}><t${i + 1}>`]));
  tags.set("t40", "x".repeat(100));
  assert.throws(() => substituteTags(tags), /grows beyond 16 MiB/);
});

test("any table of tags comes to an end", () => {
  const name = fc.constantFrom("a", "b", "c", "a-b");
  const part = fc.oneof(
    name.map((n) => `<${n}>`),
    fc.constantFrom("<", ">", "<a-<b>>", "x", " "),
  );
  const table = fc.uniqueArray(
    fc.tuple(
      name,
      fc.array(part, { maxLength: 5 }).map((p) => p.join("")),
    ),
    {
      selector: ([key]) => key,
    },
  );
  fc.assert(
    fc.property(table, (entries) => {
      try {
        substituteTags(new Map(entries));
      } catch (error) {
        assert(error instanceof ConfigError);
      }
    }),
  );
});
