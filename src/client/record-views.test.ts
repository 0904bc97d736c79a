import assert from "node:assert/strict";
import { test } from "node:test";
import type { PyValue } from "../pyvalue/value.ts";
import { formatLocalTime } from "../time/format.ts";
import { historyTable, searchTree, whyTree } from "./record-views.ts";

const of = (members: Record<string, PyValue>) => new Map<PyValue, PyValue>(Object.entries(members));
const at = formatLocalTime(1_800_000_000);

test("what jails know of an address is a tree", () => {
  const ban = of({
    since: 1_800_000_000,
    until: null,
    number: 2,
    failures: 5,
    matches: ["line one", "line two"],
  });
  const past = [of({ time: 1_800_000_000, seconds: 600, number: 1, failures: 3, matches: [] })];
  const failing = of({ count: 1, of: 5, last: 1_800_000_000, matches: [] });
  const answer = [
    of({ jail: "sshd", id: "203.0.113.7", ban, past }),
    of({ jail: "web", id: "203.0.113.8", failing }),
  ];
  assert.equal(
    searchTree("203.0.113.7", answer),
    `Records of: 203.0.113.7
|- Jail: sshd
|  |- Banned:	since ${at} for ever
|  |- Ban number:	2
|  |- Failures:	5
|  |- Matched lines
|  |  |- line one
|  |  \`- line two
|  \`- Earlier bans
|     \`- ${at} for 600, 3 failures
\`- Jail: web (203.0.113.8)
   \`- Failing:	1 of 5, last ${at}`,
  );
  assert.equal(searchTree("x", []), "No jail knows x.");
});

test("the history is a table", () => {
  const bans = [
    of({ time: 1_800_000_000, jail: "sshd", id: "203.0.113.7", seconds: 600, number: 1, failures: 5 }),
    of({ time: 1_800_000_000, jail: "web", id: "2001:db8::1", seconds: -1, number: 12, failures: 3 }),
  ];
  assert.equal(
    historyTable(bans),
    `Time                 Jail  Address      Seconds  Ban  Failures
${at}  sshd  203.0.113.7      600    1         5
${at}  web   2001:db8::1     ever   12         3`,
  );
  assert.equal(historyTable([]), "No bans on record.");
});

test("why ends with the verdict", () => {
  const answer = of({
    jail: "sshd",
    line: "a line",
    time: 1_800_000_000,
    failregex: [3, "^a"],
    id: "203.0.113.7",
    captured: of({ user: "joe" }),
    verdict: "counts",
  });
  assert.equal(
    whyTree(answer),
    `In the jail sshd: a line
|- Time:	${at}
|- failregex:	[3] ^a
|- Address:	203.0.113.7
|- Captured
|  \`- user:	joe
\`- Verdict:	counts`,
  );
});
