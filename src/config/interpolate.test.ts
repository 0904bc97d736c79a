import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigError, describePosition } from "./config-error.ts";
import { parseIni } from "./ini.ts";
import { layered, MergedConfig, variables } from "./merged.ts";

function merge(...texts: string[]): MergedConfig {
  const config = new MergedConfig();
  texts.forEach((text, index) => {
    config.add(parseIni(text, `${index}.conf`));
  });
  return config;
}

test("known is what the last file before had", () => {
  const config = merge("[x]\na=A\n", "[x]\na=%(known/a)s C\n[y]\nq=%(x/a)s\n");
  assert.equal(config.get("x", "a"), "A C");
  assert.throws(
    () => config.get("y", "q"),
    /option 'q' in section 'y' contains an interpolation key 'known\/a'/,
  );
});

test("known remembers one level only", () => {
  const config = merge("[x]\na=A\n", "[x]\na=%(known/a)s B\n", "[x]\na=%(known/a)s C\n");
  assert.throws(() => config.get("x", "a"), /Recursion limit exceeded .* cannot be substituted in 10 steps/);
});

test("references to other sections are resolved in the current one", () => {
  const config = merge(
    "[DEFAULT]\nzz=%(b)s\n[x]\nb=1\n[y]\nb=2\nd=%(default/zz)s\ng=%(x/zz)s\ni=%(known/zz)s\nk=%(__name__)s\n",
  );
  assert.deepEqual(
    ["d", "g", "i", "k"].map((name) => config.get("y", name)),
    ["2", "2", "2", "y"],
  );
});

test("references with upper-case letters never resolve", () => {
  const config = merge("[DEFAULT]\nx=1\n[S]\nx=2\n[y]\na=%(DEFAULT/x)s\nb=%(S/x)s\nc=%(X)s\n");
  assert.throws(() => config.get("y", "a"), /interpolation key 'default\/x'/);
  assert.throws(() => config.get("y", "b"), /interpolation key 's\/x'/);
  assert.equal(config.get("y", "c"), "1");
});

test("variables come first, `%%` is one `%`", () => {
  const config = merge("[x]\na=%(B)s%% %%(b)s\nb=1\n");
  assert.equal(config.get("x", "a", layered([variables([["B", 7]])])), "7% %(b)s");
});

test("conditional sections give conditional options", () => {
  const config = merge("[Init?family=inet6]\nt=6\n[Init]\nt=4\n");
  assert.deepEqual([...(config.own("Init")?.keys() ?? [])], ["t?family=inet6", "t"]);
});

test("errors tell option, section, raw value and place", () => {
  const config = merge("[x]\n\na=it's %(nope)s\nb=5%\nc=%(a\n");
  const message = `Bad value substitution: option 'a' in section 'x' contains an interpolation key 'nope' which is not a valid option name. Raw value: "it's %(nope)s"`;
  assert.throws(
    () => config.get("x", "a"),
    (error) => {
      assert(error instanceof ConfigError);
      assert.equal(error.message, message);
      assert.equal(describePosition(error.position), "0.conf:3, [x] a");
      return true;
    },
  );
  assert.throws(() => config.get("x", "b"), { message: "'%' must be followed by '%' or '(', found: '%'" });
  assert.throws(() => config.get("x", "c"), { message: "bad interpolation variable reference '%(a'" });
});

test("exponential growth is refused", () => {
  const options = Array.from({ length: 8 }, (_, i) => `x${i}=${`%(x${i + 1})s`.repeat(40)}\n`).join("");
  assert.throws(() => merge(`[x]\n${options}x8=y\n`).get("x", "x0"), /grows without bounds/);
});

test("any value is interpolated or refused with a ConfigError", () => {
  const part = fc.constantFrom("%", "%%", "%(a)s", "%(b)s", "%(known/a)s", "%(s/b)s", "(", ")", "s", "x");
  const value = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(value, value, value, (a, b, c) => {
      try {
        merge(`[s]\na=${c}\n`, `[s]\na=${a}\nb=${b}\n`).get("s", "a");
      } catch (error) {
        assert(error instanceof ConfigError);
      }
    }),
  );
});
