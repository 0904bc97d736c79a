import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigError } from "./config-error.ts";
import { TagTemplates, type TemplateContext } from "./tag-template.ts";
import { substituteTags, type TagValue } from "./tags.ts";

const NAMES = ["name", "port", "a", "b", "c"];
const LOOKUPS: Readonly<Record<string, TagValue>> = { x: "<a>", y: 7, none: null, z: "<name>!" };

/** The outcome or the message. */
function outcome(step: () => Map<string, TagValue>): unknown {
  try {
    return [...step()];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
}

test("whatever the values, templates give what plain substitution gives", () => {
  const piece = fc.constantFrom(
    "<name>",
    "<port>",
    "<a>",
    "<b>",
    "<x>",
    "<y>",
    "<none>",
    "<z>",
    "<",
    ">",
    " ",
    "t",
    "a",
    "",
  );
  const text = fc.array(piece, { maxLength: 3 }).map((pieces) => pieces.join(""));
  const plain = fc.constantFrom("a", "b", "ssh", "", "x y", "<b>", "\x80");
  const use = fc.record({ name: plain, port: plain });
  fc.assert(
    fc.property(
      fc.tuple(text, text, text),
      fc.array(use, { minLength: 2, maxLength: 5 }),
      ([a, b, c], uses) => {
        const templates = new TagTemplates();
        const context: TemplateContext = {
          parameters: ["name", "port"],
          ignore: new Set(["c"]),
          lookup: (tag) => LOOKUPS[tag],
        };
        for (const { name, port } of uses) {
          const values = new Map(NAMES.map((key) => [key, { name, port, a, b, c }[key] ?? null]));
          assert.deepEqual(
            outcome(() => templates.substitute(values, context)),
            outcome(() => substituteTags(values, context)),
          );
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("a lookup that gives something else than before is noticed", () => {
  const templates = new TagTemplates();
  for (const found of ["one", "two"]) {
    const context = { parameters: ["name"], ignore: new Set<string>(), lookup: () => found };
    const values = new Map([
      ["name", "n"],
      ["start", "<name> <other>"],
    ]);
    assert.equal(templates.substitute(values, context).get("start"), `n ${found}`);
  }
});
