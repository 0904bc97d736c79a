import assert from "node:assert/strict";
import { test } from "node:test";
import { LineExplainer, type LineExplanation } from "./line-explainer.ts";
import { NOW, testFilter } from "./testing.ts";

interface Setup {
  readonly fail: readonly string[];
  readonly ignore?: readonly string[];
  readonly pref?: string;
  readonly maxLines?: number;
  readonly datePattern?: string | null;
}

/** What is no attack stays far below, however busy the machine is. */
const LIMIT_MS = 200;

function explainer(setup: Setup): LineExplainer {
  const { filter } = testFilter(setup, { checkTimes: false, matchTimeLimitMs: LIMIT_MS });
  const { fail, ignore = [], pref = "" } = setup;
  return new LineExplainer({
    filter,
    prefRegex: pref,
    failRegexes: fail,
    ignoreRegexes: ignore,
    limitMs: LIMIT_MS,
  });
}

function explained(setup: Setup, ...lines: readonly string[]): LineExplanation {
  const by = explainer(setup);
  return lines.map((line) => by.explain(line)).at(-1)!;
}

const LOGIN = {
  pref: "^ door\\[\\d+\\]: <F-CONTENT>.+</F-CONTENT>$",
  fail: [
    "^Failed (?:key|password) for root from <HOST>$",
    "^Failed \\S+ for <F-USER>\\S+</F-USER> from <HOST>$",
  ],
  ignore: ["for test from"],
};

test("each step of a failure is told", () => {
  const line = `${NOW} door[1]: Failed key for eve from 192.0.2.1`;
  const { date, text, prefregex, content, failregex, ignoreregex, verdict } = explained(LOGIN, line);
  assert.deepEqual(date.found, { text: String(NOW), start: 0, end: 10 });
  assert.equal(date.time, NOW);
  assert.equal(text, " door[1]: Failed key for eve from 192.0.2.1");
  assert.equal(prefregex?.result, "match");
  assert.equal(content, "Failed key for eve from 192.0.2.1");
  assert.deepEqual(failregex[0], {
    number: 1,
    regex: LOGIN.fail[0],
    result: "no match",
    match: null,
    stopped: { regexAt: 29, textAt: 15, wanted: "root from " },
  });
  assert.equal(failregex[1]?.match?.groups["user"], "eve");
  assert.equal(failregex[1]?.match?.groups["ip4"], "192.0.2.1");
  assert.equal(ignoreregex[0]?.result, "no match");
  const { result, by, id, time } = verdict;
  assert.deepEqual({ result, by, id, time }, { result: "failure", by: 2, id: "192.0.2.1", time: NOW });
  assert.equal(verdict.fields["user"], "eve");
});

test("a tag that nothing fits is named as it was written", () => {
  const { failregex } = explained(LOGIN, `${NOW} door[1]: Failed key for root from ?`);
  assert.deepEqual(failregex[0]?.stopped, { regexAt: 39, textAt: 25, wanted: "<HOST>" });
  assert.equal(LOGIN.fail[0]?.slice(39), "<HOST>$");
});

test("an ignored line and a prefregex that stops are told", () => {
  const ignored = explained(LOGIN, `${NOW} door[1]: Failed key for test from 192.0.2.1`);
  assert.deepEqual([ignored.verdict.result, ignored.verdict.by], ["ignored", 1]);
  assert.equal(ignored.ignoreregex[0]?.result, "match");
  const stopped = explained(LOGIN, `${NOW} door: opened`);
  assert.deepEqual(stopped.prefregex?.stopped, { regexAt: 6, textAt: 5, wanted: "\\[" });
  assert.deepEqual(stopped.failregex, []);
  assert.equal(stopped.verdict.result, "missed");
});

test("an ignoreregex that is asked about the whole line is shown to match it", () => {
  const fail = [...LOGIN.fail, "^a <HOST>$", "^b <HOST>$"];
  const { ignoreregex, verdict } = explained(
    { ...LOGIN, fail, ignore: ["^ door"] },
    `${NOW} door[1]: b 192.0.2.1`,
  );
  assert.equal(verdict.result, "ignored");
  assert.equal(ignoreregex[0]?.result, "match");
});

test("a line of a session tells what is known of the session", () => {
  const fail = [
    "^ <F-MLFID>c\\d</F-MLFID> <F-NOFAIL>from</F-NOFAIL> <HOST>$",
    "^ <F-MLFID>c\\d</F-MLFID> bad$",
  ];
  const first = explained({ fail }, `${NOW} c1 from 192.0.2.1`);
  assert.deepEqual([first.verdict.result, first.verdict.by], ["nofail", 1]);
  const pending = explained({ fail }, `${NOW} c1 bad`);
  assert.deepEqual([pending.verdict.result, pending.verdict.id], ["pending", null]);
  const failed = explained({ fail }, `${NOW} c1 from 192.0.2.1`, `${NOW} c1 bad`);
  assert.deepEqual([failed.verdict.result, failed.verdict.id], ["failure", "192.0.2.1"]);
});

test("expressions over several lines see the lines before", () => {
  const setup = { fail: ["^ begin$<SKIPLINES>^ end <HOST>$"], maxLines: 3 };
  const lines = [`${NOW} begin`, `${NOW} other`, `${NOW} end 192.0.2.1`, `${NOW} end 192.0.2.2`];
  const { text, verdict } = explained(setup, ...lines.slice(0, 3));
  assert.equal(text, " begin\n other\n end 192.0.2.1");
  assert.equal(verdict.id, "192.0.2.1");
  assert.equal(explained(setup, ...lines).verdict.result, "missed");
});

test("what is wrong with a date is told", () => {
  const fail = ["bad <HOST>"];
  const none = explained({ fail, datePattern: "^%Y-%m-%d" }, "2024-05 bad 192.0.2.1");
  assert.equal(none.date.problem, "no date was found");
  assert.deepEqual(
    none.date.stopped.map(({ textAt }) => textAt),
    [7],
  );
  assert.equal(none.verdict.time, null);
  const odd = explained({ fail, datePattern: "^%Y-%m-%d" }, "2024-02-30 bad 192.0.2.1");
  assert.equal(odd.date.problem, "the date does not exist");
  assert.equal(odd.text, " bad 192.0.2.1");
  const slow = explained({ fail, datePattern: "^(?:\\w+\\s?)*%Y!" }, `${"a".repeat(60)} bad 192.0.2.1`);
  assert.equal(slow.date.problem, "finding the date took too long");
});

test("a host name is told as one", () => {
  const { verdict } = explained({ fail: ["bad <HOST>$"] }, `${NOW} bad host.example`);
  assert.deepEqual([verdict.id, verdict.isHostName], ["host.example", true]);
});

test("a hostile line is explained within the limit, other expressions go on", () => {
  const evil = "^ (?=(?:(?:\\w+)+\\s?)*!$)<F-ID>\\w+</F-ID>";
  const { failregex, verdict } = explained(
    { fail: [evil, "b <ADDR>"] },
    `${NOW} ${"a".repeat(60)} b 192.0.2.1`,
  );
  assert.deepEqual(
    failregex.map(({ result }) => result),
    ["took too long", "match"],
  );
  assert.equal(verdict.id, "192.0.2.1");
});
