import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import { caseBranch } from "./case-branch.ts";

const script = (word: string) => `case "${word}" in
  *[!0-9A-Fa-f.:/]*) echo refused; exit 1;;
  */*) echo network
       for x in 1 2; do
       case $x in
       1) echo "one";;
       *) echo more;;
       esac
       done;;
  10.*|1?.1) echo some;;
  *) echo address;;
esac`;

test("the branch is the one that a shell takes", () => {
  const word = fc.stringMatching(/^[0-9a-g.:/*[\]!-]{0,8}$/);
  fc.assert(
    fc.property(fc.oneof(word, fc.constantFrom("10.1", "11.1", "::1/64", "")), (text) => {
      const run = (body: string) => spawnSync("/bin/sh", ["-c", body], { encoding: "utf8" });
      const branch = caseBranch(script(text));
      assert.notEqual(branch, script(text));
      const [whole, alone] = [run(script(text)), run(branch)];
      assert.deepEqual([alone.stdout, alone.status], [whole.stdout, whole.status]);
    }),
    { numRuns: 40 },
  );
});

test("what is not understood stays as it is", () => {
  for (const other of [
    "echo a",
    'case "$x" in *) a;; esac',
    'case "x" in *) a;; esac; b',
    'case "x" in "x") a;; esac',
    'case "x" in [[:alpha:]]) a;; esac',
    'case "x" in y) a;; esac',
    'case "x" in y) case $z in a) b;; *) c;; esac',
    "case x in x) a;; esac",
  ]) {
    assert.equal(caseBranch(other), other);
  }
});
