import assert from "node:assert/strict";
import { test } from "node:test";
import { type Captured, isSet, signsOf } from "./captured.ts";
import { type FailureData, type MatchedLine, matchesOf } from "./failure.ts";
import { Sessions } from "./sessions.ts";

const connect = { nofail: "connected", ip4: "192.0.2.1" };
const fail = (user: string) => ({ user });
const accepted = (user: string) => ({ mlfgained: "accepted", mlfforget: "accepted", user });
const closed = { nofail: "closed", mlfforget: "closed" };
const soft = (user: string) => ({ nofail: "soft", user });

const NOW = 1000;

/** What expressions may have captured in lines. */
function captured(groups: FailureData, lines: readonly MatchedLine[]): Captured {
  const value = (group: string) => groups[group] ?? null;
  return {
    session: null,
    user: value("user"),
    signs: signsOf(isSet(value("nofail")), isSet(value("mlfgained")), isSet(value("mlfforget"))),
    isAddress: false,
    identity: {
      fid: value("fid"),
      ip4: value("ip4"),
      ip6: value("ip6"),
      dns: value("dns"),
      cidr: value("cidr"),
    },
    groups: () => ({ ...groups }),
    lines,
    detach: () => {},
  };
}

const session = (key: string) => ({ key, hash: 7 });

/** Outcome of each line: `-` nothing, `?` pending, or the number of lines of the failure. */
function outcomes(...lines: Record<string, string>[]): string {
  const sessions = new Sessions();
  return lines
    .map((groups) => {
      const result = sessions.follow(session("1"), captured({ mlfid: "1", ...groups }, ["line"]), NOW);
      const { verdict } = result;
      if (verdict === "failure") return String(matchesOf(result.data()).length);
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
  const sessions = new Sessions();
  const take = (groups: FailureData, line: string) =>
    sessions.follow(session("1"), captured(groups, [line]), NOW);
  take({ mlfid: "1", ip4: "192.0.2.1", nofail: "x", user: null }, "a");
  const result = take({ mlfid: "1", user: "eve" }, "b");
  take({ mlfid: "1", user: "mallory" }, "c");
  assert.deepEqual(result.data(), {
    mlfid: "1",
    ip4: "192.0.2.1",
    users: new Set(["eve"]),
    user: "eve",
    matches: ["a", "b"],
  });
});

test("a session of many lines is kept short", () => {
  const sessions = new Sessions();
  const groups = (i: number) => ({ mlfid: "1", ip4: "192.0.2.1", user: `u${i % 3}`, [`n${i}`]: "x" });
  for (let i = 0; i < 50; i++) sessions.follow(session("1"), captured(groups(i), [`${i}`]), NOW);
  const data = sessions.follow(session("1"), captured(groups(50), ["50"]), NOW).data();
  assert.deepEqual(Object.keys(data).slice(0, 5), ["mlfid", "ip4", "user", "n0", "users"]);
  assert.deepEqual(data["users"], new Set(["u0", "u1", "u2"]));
  assert.equal(Object.keys(data).length, 56);
  assert.deepEqual(data["matches"], ["50"]);
});

test("a session lives five minutes from its first line", () => {
  const sessions = new Sessions();
  const take = (now: number) =>
    sessions.follow(session("1"), captured({ mlfid: "1", user: "a" }, ["x"]), now).verdict;
  sessions.follow(session("1"), captured({ mlfid: "1", ...connect }, ["x"]), NOW);
  assert.equal(take(NOW + 200), "failure");
  assert.equal(take(NOW + 300), "pending");
});

test("at most a hundred sessions are kept, the oldest goes first", () => {
  const sessions = new Sessions();
  const take = (id: string, groups: FailureData) =>
    sessions.follow(session(id), captured({ mlfid: id, ...groups }, ["x"]), NOW).verdict;
  for (let i = 0; i <= 100; i++) take(String(i), connect);
  assert.equal(take("1", { user: "a" }), "failure");
  assert.equal(take("0", { user: "a" }), "pending");
});
