import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigError } from "./config-error.ts";
import { parseIni } from "./ini.ts";

function values(text: string): Record<string, Record<string, string>> {
  const sections = [...parseIni(text, "x.conf")].map(([name, options]) => {
    return [name, Object.fromEntries([...options].map(([option, { value }]) => [option, value]))] as const;
  });
  return Object.fromEntries(sections);
}

test("names, delimiters, white space", () => {
  assert.deepEqual(values("[A] tail\nX = 1\ny: 2=3\r\nz=\n[DEFAULT]\n[a]b]\n q = 1\n"), {
    A: { x: "1", y: "2=3", z: "" },
    DEFAULT: {},
    "a]b": { q: "1" },
  });
});

test("continuation lines, whatever they look like", () => {
  assert.deepEqual(values("[x]\nd=\n e=5\n [y]\n\n  z \n\nf = 1\n"), { x: { d: "\ne=5\n[y]\n\nz", f: "1" } });
});

test("comments: whole lines vanish, `;` after a blank ends a line, `#` does not", () => {
  const text = "[x] ; c\n# c\na = 1 ; c\n  ; c\n  # c\n  b;c #d\n";
  assert.deepEqual(values(text), { x: { a: "1\nb;c #d" } });
});

test("positions are those of the names", () => {
  const option = parseIni("\n[x]\na = 1\n 2\nb = 3\n", "x.conf").get("x")?.get("b");
  assert.deepEqual(option, { value: "3", file: "x.conf", line: 5 });
});

test("errors name file, line and what is wrong", () => {
  const wrong: [string, string, number][] = [
    ["a = 1\n", "File contains no section headers.\nfile: 'x.conf', line: 1\n'a = 1\\n'", 1],
    [
      "[x]\nfoo\n= 1\nbar",
      "Source contains parsing errors: 'x.conf'\n\t[line  2]: 'foo\\n'\n\t[line  3]: '= 1\\n'\n\t[line  4]: 'bar'",
      2,
    ],
    ["[x]\n[x]\n", "While reading from 'x.conf' [line  2]: section 'x' already exists", 2],
    ["[x]\na=1\nA=2\n", "While reading from 'x.conf' [line  3]: option 'a' in section 'x' already exists", 3],
    ["\ufeff[x]\n", "File contains no section headers.\nfile: 'x.conf', line: 1\n'\\ufeff[x]\\n'", 1],
  ];
  for (const [text, message, line] of wrong) {
    assert.throws(
      () => parseIni(text, "x.conf"),
      (error) => {
        assert(error instanceof ConfigError);
        assert.equal(error.message, message);
        assert.equal(error.position.line, line);
        assert.equal(error.position.file, "x.conf");
        return true;
      },
    );
  }
});

test("a value of 10 MB", () => {
  const long = "y".repeat(10_000_000);
  assert.equal(values(`[x]\na = ${long}\n`)["x"]?.["a"]?.length, long.length);
});

test("any text is parsed or refused with a ConfigError", () => {
  const text = fc.string({ unit: fc.constantFrom(..."[]=:;#%\n\r\t ab\0\u2028"), maxLength: 60 });
  fc.assert(
    fc.property(text, (input) => {
      try {
        parseIni(`[s]\n${input}`, "x.conf");
      } catch (error) {
        assert(error instanceof ConfigError);
      }
    }),
  );
});
