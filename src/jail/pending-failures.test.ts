import assert from "node:assert/strict";
import { test } from "node:test";
import type { Failure } from "../detect/failure.ts";
import { LogHub } from "../log/logger.ts";
import { Identifier } from "../net/identifier.ts";
import { BanDatabase } from "../store/database.ts";
import { ManualClock } from "../time/clock.ts";
import { FailureTable } from "../track/failure-table.ts";
import { PendingFailures } from "./pending-failures.ts";

const NOW = 1_800_000_000;

function setUp() {
  const clock = new ManualClock(NOW);
  const database = BanDatabase.open(":memory:", { clock, log: new LogHub(() => {}).logger("database") });
  /** A server's view of the jail, as after a start. */
  const server = () => {
    const table = new FailureTable({ findTime: 600, maxRetry: 3, maxMatches: 5 }, (id) =>
      pending.changed(id),
    );
    const pending: PendingFailures = new PendingFailures({
      jail: "j",
      failures: () => table,
      database: () => database,
    });
    const considered: Failure[] = [];
    pending.restore(NOW - 600, (failure) => considered.push(failure));
    return { table, pending, considered };
  };
  return { database, server };
}

const failure = (time = NOW) => ({
  time,
  timeIsInteger: false,
  data: { user: "bob", users: new Set(["bob", "eve"]), matches: [["", "Nov 21", " x"], "y"] as never },
});

test("tickets are as they were, whatever is in them", () => {
  const { database, server } = setUp();
  const before = server();
  const ids = ["203.0.113.1", "2001:db8::/64", "some user"].map((text) => Identifier.parse(text));
  const raw = Identifier.raw("203.0.113.9");
  for (const id of [...ids, raw]) before.table.add(id, failure());
  before.table.add(ids[0]!, failure(NOW + 5));
  database.flush();
  const after = server();
  assert.deepEqual([...after.table.tickets()], [...before.table.tickets()]);
  assert.equal(after.table.get(raw)?.id.family, null, "what is no address stays none");
});

test("who is banned, forgotten or too old is not among them", () => {
  const { database, server } = setUp();
  const [banned, forgotten, old, kept] = [1, 2, 3, 4].map((n) => Identifier.parse(`203.0.113.${n}`));
  const before = server();
  for (let i = 0; i < 3; i++) before.table.add(banned!, failure());
  before.table.add(forgotten!, failure(NOW - 700));
  before.table.add(old!, failure(NOW - 600));
  before.table.add(kept!, failure());
  database.flush();
  assert.ok(before.table.takeIfReached(banned!));
  before.table.cleanUp(NOW - 50);
  database.flush();
  const after = server();
  assert.deepEqual(
    [...after.table.tickets()].map(({ id }) => id.text),
    [kept!.text],
  );
  database.flush();
  assert.equal(database.pending("j").length, 1, "and the rows of the others are gone");
});

test("what is undecided is decided again, once", () => {
  const { database, server } = setUp();
  const before = server();
  const about = { regex: 0, ...failure() };
  before.pending.undecided({ ...about, subject: { hostName: "x.example" } });
  const decided = before.pending.undecided({ ...about, subject: { id: Identifier.parse("203.0.113.1") } });
  before.pending.undecided({ ...about, subject: { id: Identifier.parse("203.0.113.2") } });
  database.flush();
  decided();
  database.flush();
  const { considered } = server();
  assert.deepEqual(
    considered.map(({ subject }) => ("id" in subject ? subject.id.text : subject.hostName)),
    ["x.example", "203.0.113.2"],
  );
  assert.deepEqual(considered[0]?.data["users"], new Set(["bob", "eve"]));
  database.flush();
  assert.deepEqual(database.pending("j"), []);
});

test("a jail that is stopped has nothing pending", () => {
  const { database, server } = setUp();
  const before = server();
  before.table.add(Identifier.parse("203.0.113.1"), failure());
  database.flush();
  before.table.add(Identifier.parse("203.0.113.2"), failure());
  before.pending.close();
  database.disableJail("j");
  before.table.add(Identifier.parse("203.0.113.3"), failure());
  database.flush();
  assert.deepEqual([...server().table.tickets()], []);
});
