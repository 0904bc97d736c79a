import assert from "node:assert/strict";
import { test } from "node:test";
import type { FailureData } from "../detect/failure.ts";
import { Identifier } from "../net/identifier.ts";
import { newBanTicket } from "../track/ban-list.ts";
import { BanRecords } from "./ban-records.ts";
import { storedBanOf } from "./stored-tickets.ts";
import { makeTestServices } from "./testing.ts";

const LINES = ["one", ["Nov 21 ", "10:00", " two"] as const];

function setup(data: FailureData, options: { maxMatches?: number } = {}) {
  const database = makeTestServices().database()!;
  const records = new BanRecords({
    jail: "sshd",
    database: () => database,
    maxMatches: () => options.maxMatches ?? 5,
  });
  const ticket = newBanTicket({ id: Identifier.parse("192.0.2.1"), time: 1000.4, failures: 2, data });
  /** Whether the data are still held by the ticket: then each look finds the same object. */
  const isHeld = () => {
    const first = ticket.data;
    return ticket.data === first;
  };
  return { database, records, ticket, isHeld };
}

test("what led to a ban is read from the database when somebody asks", () => {
  const data = { matches: LINES, user: "bob" };
  const { database, records, ticket, isHeld } = setup(data);
  database.addBan("sshd", storedBanOf(ticket, 600));
  records.written(ticket);
  assert.ok(!isHeld());
  assert.deepEqual(ticket.data, data);
});

test("it stays where it is until the database has it", () => {
  const { records, ticket, isHeld } = setup({ matches: LINES });
  records.written(ticket);
  assert.ok(isHeld());
});

test("it stays where the database would keep less of it", () => {
  for (const [data, maxMatches] of [
    [{ matches: LINES }, 1],
    [{ matches: [], users: new Set(["a", "b"]) }, 10],
    [{ matches: [], tuple: ["a", null] }, 10],
  ] as const) {
    const { database, records, ticket, isHeld } = setup(data);
    database.maxMatches = maxMatches;
    database.addBan("sshd", storedBanOf(ticket, 600));
    records.written(ticket);
    assert.ok(isHeld(), Object.keys(data).join());
  }
});

test("the address of an identifier that is none is known without the database", () => {
  const { database, records, ticket } = setup({ matches: [], ip: "192.0.2.9" });
  database.addBan("sshd", storedBanOf(ticket, 600));
  records.written(ticket);
  database.removeBans("sshd");
  assert.equal(ticket.address, "192.0.2.9");
});

test("a ban that is about to be forgotten takes back what led to it", () => {
  const data = { matches: LINES, user: "bob" };
  const { database, records, ticket } = setup(data);
  database.addBan("sshd", storedBanOf(ticket, 600));
  records.written(ticket);
  ticket.takeData();
  database.removeBans("sshd");
  assert.deepEqual(ticket.data, data);
});

test("no more lines come back than the jail keeps", () => {
  const { database, records, ticket } = setup({ matches: LINES }, { maxMatches: 1 });
  database.addBan("sshd", storedBanOf(ticket, 600));
  records.restored(ticket);
  assert.deepEqual(ticket.data, { matches: LINES.slice(1) });
});
