import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { scriptPrograms } from "./script-programs.ts";

test("programs are found wherever a command begins", () => {
  const cases: [string, string[]][] = [
    ["iptables -n -L | grep -q 'a;b' || nft list", ["iptables", "grep", "nft"]],
    ["if x -q; then y; else ! z; fi", ["x", "y", "z"]],
    ["LC_ALL=C sort < f; A=1\nfoo", ["sort", "foo"]],
    ["echo hi # rm x\n/bin/ls; cd /", ["/bin/ls"]],
    ["for x in a b; do run $x; done", ["run"]],
    ["case $x in\n a) one;;\n b|c) two;;\nesac", ["one", "two"]],
    ["mine() { dig x; }; mine y", ["dig"]],
    ["v=$(date +%s); w=`hostname`", ["date", "hostname"]],
    ['mail -s "[F] $(x; y)" root 2>&1 >/dev/null &', ["mail"]],
    ["<iptables> -A x; $CMD y; f2b-a\\\n b", ["f2b-a"]],
    ["", []],
  ];
  for (const [script, programs] of cases) assert.deepEqual(scriptPrograms(script), programs, script);
});

test("any script comes to an end", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (script) => void scriptPrograms(script)),
  );
});
