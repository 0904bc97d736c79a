import assert from "node:assert/strict";
import { test } from "node:test";
import { Identifier } from "../net/identifier.ts";
import { FailureTable } from "./failure-table.ts";

const id = Identifier.parse("192.0.2.7");
const limits = () => ({ findTime: 600, maxRetry: 3, maxMatches: 5 });
const failure = (time: number, matches: string[] = [], weight = 1) => ({
  time,
  timeIsInteger: false,
  data: { matches, ip4: "192.0.2.7", user: null },
  weight,
});

test("three failures within findtime reach maxretry of three", () => {
  const table = new FailureTable(limits());
  for (const time of [1000, 1001]) table.add(id, failure(time));
  assert.equal(table.takeIfReached(id), null);
  table.add(id, failure(1002));
  const ticket = table.takeIfReached(id);
  assert.equal(ticket?.failures, 3);
  assert.equal(ticket?.time, 1002);
  assert.equal(table.size, 0);
  assert.equal(table.total, 3);
});

test("the window is a rate estimate: 0, 400 and 800 s lead to a ban with findtime 600", () => {
  const table = new FailureTable(limits());
  for (const time of [0, 400, 800]) table.add(id, failure(time));
  assert.equal(table.get(id)?.retry, 3);
  assert.equal(table.get(id)?.firstTime, 200);
});

test("failures that lie far apart are scaled down to nothing", () => {
  const table = new FailureTable(limits());
  for (const time of [0, 10_000, 20_000]) table.add(id, failure(time));
  assert.equal(table.get(id)?.retry, 1);
  assert.equal(table.takeIfReached(id), null);
});

test("only the newest maxmatches lines are kept, none with maxmatches 0", () => {
  const table = new FailureTable({ ...limits(), maxMatches: 2 });
  for (const n of [1, 2, 3]) table.add(id, failure(n, [`line ${n}`]));
  assert.deepEqual(table.get(id)?.data["matches"], ["line 2", "line 3"]);
  const none = new FailureTable({ ...limits(), maxMatches: 0 });
  for (const n of [1, 2]) none.add(id, failure(n, [`line ${n}`]));
  assert.deepEqual(none.get(id)?.data["matches"], []);
});

test("a weight counts for retry, not for the number of attempts", () => {
  const table = new FailureTable(limits());
  const ticket = table.add(id, failure(1, ["a", "b"], 4));
  assert.equal(ticket.retry, 4);
  assert.equal(ticket.failures, 1);
});

test("captured nulls are dropped, later data does not replace the first", () => {
  const table = new FailureTable(limits());
  table.add(id, failure(1));
  table.add(id, { time: 2, timeIsInteger: true, data: { user: "later", matches: [] } });
  assert.deepEqual(table.get(id)?.data, { ip4: "192.0.2.7", matches: [] });
});

test("an earlier failure adds to the count but does not move the window back", () => {
  const table = new FailureTable(limits());
  table.add(id, failure(1000));
  table.add(id, failure(900));
  assert.equal(table.get(id)?.time, 1000);
  assert.equal(table.get(id)?.retry, 2);
});

test("clean-up forgets what is older than findtime, at most every five seconds", () => {
  const table = new FailureTable(limits());
  table.add(id, failure(1000));
  table.cleanUp(1599);
  assert.equal(table.size, 1);
  table.cleanUp(1600);
  assert.equal(table.size, 1, "not again within five seconds");
  table.cleanUp(1605);
  assert.equal(table.size, 0);
});

test("clean-up goes on after the clock was set back", () => {
  const table = new FailureTable(limits());
  table.cleanUp(1_000_000);
  table.add(id, failure(1000));
  table.cleanUp(1700);
  assert.equal(table.size, 0);
});
