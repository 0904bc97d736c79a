import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { shared, skipWithout } from "../../test/shared.ts";
import { OptionSyntaxError, parseNameWithOptions, parseOptions } from "./options.ts";

interface OptionCase {
  readonly in: string;
  readonly name?: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly error?: string;
}

test("golden names with options", { skip: skipWithout("golden", "replacetag.json") }, () => {
  const golden = JSON.parse(readFileSync(shared("golden", "replacetag.json"), "utf8")) as {
    options: OptionCase[];
  };
  for (const { in: text, name, options, error } of golden.options) {
    if (error !== undefined) assert.throws(() => parseNameWithOptions(text), { message: error }, text);
    else assert.deepEqual(plain(text), { name, options }, text);
  }
});

function plain(text: string): { name: string; options: Record<string, string> } {
  const { name, options } = parseNameWithOptions(text);
  return { name, options: Object.fromEntries(options) };
}

test("several groups are one list, the last of equal options wins in the place of the first", () => {
  const { options } = parseNameWithOptions("sshd[a=1, b=2] [a=3]");
  assert.deepEqual(
    [...options],
    [
      ["a", "3"],
      ["b", "2"],
    ],
  );
});

test("quotes keep commas and brackets, nothing is escaped", () => {
  assert.deepEqual(
    [...parseOptions(`a="x,y]", b='q"r', c= v w `)],
    [
      ["a", "x,y]"],
      ["b", 'q"r'],
      ["c", "v w"],
    ],
  );
});

test("errors tell position and rest", () => {
  const wrong: [string, string][] = [
    ['sshd[a="b" , c=d]', "unexpected syntax at 5 after option 'a':  , c=d"],
    ["sshd[a=x[y]]", "unexpected syntax at 5 after option 'a': ]"],
    ["sshd[a=b,,c=d]", "expected option, wrong syntax at 4: ,c=d"],
    ["sshd]a[", "unexpected option syntax"],
  ];
  for (const [text, message] of wrong) assert.throws(() => parseNameWithOptions(text), { message }, text);
});

test("any text gives options or an OptionSyntaxError", () => {
  const text = fc.string({ unit: fc.constantFrom(..."ab[]=,\"' \n?.-"), maxLength: 40 });
  fc.assert(
    fc.property(text, (input) => {
      try {
        parseNameWithOptions(input);
      } catch (error) {
        assert(error instanceof OptionSyntaxError);
      }
    }),
  );
});
