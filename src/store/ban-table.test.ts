import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { ban, NOW, policy, rows, setUp } from "./testing.ts";

test("bans are written as the reference writes them", (t) => {
  const { file, clock, open } = setUp(t);
  const database = open();
  database.addJail("sshd");
  database.maxMatches = 2;
  database.addBan(
    "sshd",
    ban("192.0.2.7", {
      timeOfBan: NOW - 0.4,
      bantime: 600.5,
      data: {
        matches: ["dropped", ["", "Nov 21 03:06:15", " host böb"], "two"],
        failures: 3,
        ip4: "192.0.2.7",
        user: "böb",
        users: new Set(["admin", "root"]),
        fid: ["aa", "bb"],
      },
    }),
  );
  database.maxMatches = 0;
  database.addBan("sshd", ban("192.0.2.8"));
  clock.advance(0.1);
  const expected = [
    [
      "sshd",
      "192.0.2.7",
      NOW,
      600.5,
      1,
      "blob",
      '{"matches": [["", "Nov 21 03:06:15", " host böb"], "two"], "failures": 3, "ip4": "192.0.2.7", ' +
        `"user": "böb", "users": "['admin', 'root']", "fid": ["aa", "bb"]}`,
    ],
    ["sshd", "192.0.2.8", NOW - 10, 600, 1, "blob", '{"failures": 3}'],
  ];
  for (const table of ["bans", "bips"]) {
    const sql = `SELECT jail, ip, timeofban, bantime, bancount, typeof(data), CAST(data AS TEXT) FROM ${table}`;
    assert.deepEqual(rows(file, sql), expected);
  }
  assert.deepEqual(rows(file, "SELECT typeof(timeofban), typeof(bantime) FROM bans"), [
    ["integer", "real"],
    ["integer", "integer"],
  ]);
});

test("history of one jail and of all", (t) => {
  const { open } = setUp(t);
  const database = open();
  assert.equal(database.banHistory("192.0.2.1", "a"), null);
  database.addBan("a", ban("192.0.2.1", { banCount: 2, timeOfBan: NOW - 50 }));
  database.addBan("b", ban("192.0.2.1", { banCount: 3, timeOfBan: NOW - 20, bantime: 900 }));
  assert.deepEqual(database.banHistory("192.0.2.1", "a"), { timeOfBan: NOW - 50, bantime: 600, banCount: 2 });
  assert.deepEqual(database.banHistory("192.0.2.1", null), {
    timeOfBan: NOW - 20,
    bantime: 900,
    banCount: 5,
  });
  database.removeBans("a", ["192.0.2.1"]);
  assert.equal(database.banHistory("192.0.2.1", "a"), null);
  database.removeBans("b");
  assert.equal(database.banHistory("192.0.2.1", null), null);
});

test("unreadable data counts as empty", (t) => {
  const { file, messages, open } = setUp(t);
  const first = open();
  first.addBan("j", ban("192.0.2.1"));
  first.addBan("j", ban("192.0.2.2"));
  first.close();
  const raw = new DatabaseSync(file);
  raw.exec("UPDATE bips SET data = x'ff7b' WHERE ip = '192.0.2.1'");
  raw.exec(`UPDATE bips SET data = '{"matches": [1, "x"], "failures": 7}' WHERE ip = '192.0.2.2'`);
  raw.close();
  const [damaged, text] = open().currentBans("j", policy());
  assert.deepEqual(damaged?.data, { matches: [], failures: 1 });
  assert.deepEqual(text?.data, { matches: ["x"], failures: 7 });
  assert.ok(messages.some((message) => message.startsWith("40 json loads failed: ")));
});
