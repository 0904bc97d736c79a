import assert from "node:assert/strict";
import { test } from "node:test";
import type { PyValue } from "../pyvalue/value.ts";
import { formatLocalTime } from "../time/format.ts";
import { beautify } from "./beautify.ts";
import { answerAsJson } from "./json-answer.ts";
import { UnexpectedAnswer } from "./unexpected-answer.ts";

const of = (members: Record<string, PyValue>) => new Map<PyValue, PyValue>(Object.entries(members));
const TIME = 1_800_000_000;
const at = formatLocalTime(TIME);

const FILE = of({
  source: "/var/log/auth.log",
  reader: "inotify",
  health: "ok",
  since: null,
  error: null,
  behind: of({ bytes: 3000, lines: 40, counted: false, seconds: 2.4 }),
  lastline: TIME,
  lastread: TIME,
  position: 1000,
  size: 4000,
  inode: 77,
  device: 65024,
  cursor: null,
});
const JOURNAL = of({
  source: "systemd[namespace=web]",
  reader: "journal",
  health: "retrying",
  since: TIME,
  error: "journalctl ended",
  behind: of({ bytes: null, lines: null, counted: true, seconds: null }),
  lastline: null,
  lastread: null,
  position: null,
  size: null,
  inode: null,
  device: null,
  cursor: "s=1;i=2",
});

test("sources of a jail are a tree", () => {
  assert.equal(
    beautify(["status", "mixed", "sources"], [FILE, JOURNAL]),
    `Sources of the jail: mixed
|- /var/log/auth.log
|  |- Health:	ok
|  |- Reader:	inotify
|  |- Behind:	about 40 lines, 3000 bytes, 2 s
|  |- Last line:	${at}, read ${at}
|  |- Position:	1000 of 4000 bytes
|  \`- Inode:	77 on device 65024
\`- systemd[namespace=web]
   |- Health:	retrying since ${at}: journalctl ended
   |- Reader:	journal
   |- Behind:	not known
   |- Last line:	none yet
   \`- Cursor:	s=1;i=2`,
  );
});

test("sources of all jails are a tree of trees; without any there is just the heading", () => {
  const answer = new Map<PyValue, PyValue>([
    ["a", []],
    ["b", [JOURNAL]],
  ]);
  const shown = beautify(["status", "--all", "sources"], answer).split("\n");
  assert.deepEqual(shown.slice(0, 4), [
    "Sources of the jails:",
    "|- Jail: a",
    "`- Jail: b",
    "   `- systemd[namespace=web]",
  ]);
  assert.equal(beautify(["status", "a", "sources"], []), "Sources of the jail: a");
});

test("as JSON the sources keep their numbers", () => {
  const [file] = JSON.parse(answerAsJson(["status", "mixed", "sources"], [FILE, JOURNAL]));
  assert.deepEqual(file.behind, { bytes: 3000, lines: 40, counted: false, seconds: 2.4 });
  assert.equal(file.health, "ok");
  const all = JSON.parse(answerAsJson(["status", "--all", "sources"], new Map([["a", [JOURNAL]]])));
  assert.equal(all.a[0].cursor, "s=1;i=2");
});

test("answers of another shape are refused", () => {
  for (const answer of [null, ["text"], "x"]) {
    assert.throws(() => beautify(["status", "a", "sources"], answer), UnexpectedAnswer);
  }
});
