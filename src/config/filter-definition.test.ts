import assert from "node:assert/strict";
import { test } from "node:test";
import { LogHub } from "../log/logger.ts";
import { readFilter, readFilterFile, readJailFilter } from "./filter-definition.ts";
import { memoryFiles } from "./memory-files.ts";
import { ConfigTree } from "./tree.ts";

const FILTER = `[DEFAULT]
dd = D-def
[Init]
bad = IE|wget
a = init-a
[Definition]
a = def-a
b = def-b
cAp = def-cap
failregex = bad=<bad> a=<a> pa=%(a)s b=<b> dd=<dd> cap=<CAP> k=<known/a> kb=<known/b> s=<Sec/q> u=<xyz> <HOST>
[Sec]
q = sec-q %(b)s %(dd)s
b = sec-b
`;

const tree = new ConfigTree(
  "/etc",
  new LogHub(() => {}),
  memoryFiles({
    "/etc/jail.conf":
      '[plain]\nfilter = test\n[params]\nfilter = test[bad="x|<known/bad>", a=par-a, dd=par-dd, CAP=upper]\n' +
      "[extended]\nfilter = test\nfailregex = %(known/failregex)s\n  ^more\nmaxlines = 3\n",
    "/etc/filter.d/test.conf": FILTER,
    "/etc/filter.d/test.local": "[Definition]\nb = %(known/b)s+loc\n[Sec]\nq = %(known/q)s+loc\n",
    "/other/lone.conf":
      "[INCLUDES]\nbefore = inc.conf\n[Definition]\nfailregex = <x>\n  two\nmaxlines = 2\njournalmatch = A=1 B='2 3'\n",
    "/other/lone.local": "[Definition]\nfailregex = never\n",
    "/other/inc.conf": "[Init]\nx = one\n",
  }),
);

const PLAIN =
  "bad=IE|wget a=init-a pa=init-a b=def-b+loc dd=D-def cap=def-cap k=init-a kb=def-b s=sec-q sec-b D-def+loc u=<xyz> <HOST>";

test("a filter in a jail: look-ups, precedence, two passes", () => {
  assert.deepEqual(readJailFilter(tree, "plain", "1")?.failregex, [PLAIN]);
  assert.deepEqual(readJailFilter(tree, "params", "1")?.failregex, [
    "bad=x|IE|wget a=par-a pa=par-a b=def-b+loc dd=par-dd cap=upper k=init-a kb=def-b s=sec-q sec-b D-def+loc u=<xyz> <HOST>",
  ]);
  assert.equal(readJailFilter(tree, "none", "1"), undefined);
});

test("the jail's own expressions replace the filter's, which they can take up as known", () => {
  const definition = readJailFilter(tree, "extended", "1");
  assert.deepEqual(definition?.failregex, [PLAIN.replace("pa=init-a", "pa=def-a"), "^more"]);
  assert.equal(definition?.maxlines, 3);
});

test("parameters from outside are stronger than those of the jail", () => {
  const definition = readJailFilter(tree, "params", "1", { parameters: new Map([["a", "outside"]]) });
  assert.match(definition?.failregex[0] ?? "", / a=outside pa=outside /);
});

test("a filter by name, with parameters", () => {
  const definition = readFilter(tree, "test[a=par]");
  assert.match(definition?.failregex[0] ?? "", / a=par pa=par /);
  assert.deepEqual(
    [...(definition?.parameters.keys() ?? [])],
    ["logtype", "a", "known/bad", "bad", "known/a"],
  );
  assert.equal(readFilter(tree, "none"), undefined);
});

test("a filter from one file, without its .local", () => {
  const definition = readFilterFile(tree, "/other/lone.conf");
  assert.deepEqual(definition?.failregex, ["one", "two"]);
  assert.equal(definition?.maxlines, 2);
  assert.deepEqual(definition?.journalmatch, [["A=1", "B=2 3"]]);
  assert.equal(readFilterFile(tree, "/other/none.conf"), undefined);
});
