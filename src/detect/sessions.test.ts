import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../time/clock.ts";
import { matchesOf } from "./failure.ts";
import { Sessions } from "./sessions.ts";

const connect = { nofail: "connected", ip4: "192.0.2.1" };
const fail = (user: string) => ({ user });
const accepted = (user: string) => ({ mlfgained: "accepted", mlfforget: "accepted", user });
const closed = { nofail: "closed", mlfforget: "closed" };
const soft = (user: string) => ({ nofail: "soft", user });

/** Outcome of each line: `-` nothing, `?` pending, or the number of lines of the failure. */
function outcomes(...lines: Record<string, string>[]): string {
  const sessions = new Sessions(new ManualClock(1000));
  return lines
    .map((groups) => {
      const { verdict, data } = sessions.follow("1", { mlfid: "1", ...groups }, ["line"]);
      if (verdict === "failure") return String(matchesOf(data).length);
      return verdict === "nofail" ? "-" : "?";
    })
    .join("");
}

test("lines of a connection add up", () => {
  assert.equal(outcomes(connect, fail("a")), "-2");
  assert.equal(outcomes(connect, fail("a"), fail("b")), "-21");
  assert.equal(outcomes(connect, fail("a"), fail("b"), accepted("b")), "-211");
  assert.equal(outcomes(connect, fail("a"), accepted("a"), fail("a")), "-2-?");
  assert.equal(outcomes(fail("a"), fail("a"), connect, closed), "??3-");
  assert.equal(outcomes(fail("a"), accepted("a"), connect), "?--");
  assert.equal(outcomes(connect, closed, fail("a")), "--?");
  assert.equal(outcomes(connect, soft("a"), soft("b"), soft("b"), closed), "--311");
});

test("users are collected, and reports do not change afterwards", () => {
  const sessions = new Sessions(new ManualClock(1000));
  sessions.follow("1", { mlfid: "1", ip4: "192.0.2.1", nofail: "x", user: null }, ["a"]);
  const { data } = sessions.follow("1", { mlfid: "1", user: "eve" }, ["b"]);
  sessions.follow("1", { mlfid: "1", user: "mallory" }, ["c"]);
  assert.deepEqual(data, {
    mlfid: "1",
    ip4: "192.0.2.1",
    users: new Set(["eve"]),
    user: "eve",
    matches: ["a", "b"],
  });
});

test("a session lives five minutes from its first line", () => {
  const clock = new ManualClock(1000);
  const sessions = new Sessions(clock);
  const take = () => sessions.follow("1", { mlfid: "1", user: "a" }, ["x"]).verdict;
  sessions.follow("1", { mlfid: "1", ...connect }, ["x"]);
  clock.advance(200);
  assert.equal(take(), "failure");
  clock.advance(100);
  assert.equal(take(), "pending");
});

test("at most a hundred sessions are kept, the oldest goes first", () => {
  const sessions = new Sessions(new ManualClock(1000));
  for (let i = 0; i <= 100; i++) sessions.follow(String(i), { mlfid: String(i), ...connect }, ["x"]);
  assert.equal(sessions.follow("1", { mlfid: "1", user: "a" }, ["x"]).verdict, "failure");
  assert.equal(sessions.follow("0", { mlfid: "0", user: "a" }, ["x"]).verdict, "pending");
});
