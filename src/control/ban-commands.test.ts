import assert from "node:assert/strict";
import { test } from "node:test";
import { Jails } from "../jail/jails.ts";
import { makeTestServices } from "../jail/testing.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { ban, banQuery } from "./ban-commands.ts";
import { unban } from "./unban-command.ts";

async function twoJails() {
  const services = makeTestServices();
  const jails = new Jails(services);
  for (const name of ["one", "two"]) {
    await jails.add(name, "polling");
    await jails.start(name);
  }
  const banned = () => jails.all().map((jail) => (banQuery(jail, "banned", []) as string[]).join(" "));
  const doBan = (...words: PyValue[]) => ban(jails, ["ban", ...words]);
  const doUnban = (...words: PyValue[]) => unban(jails, ["unban", ...words]);
  return { ...services, jails, banned, doBan, doUnban };
}

test("ban: in all jails or in those named, addresses and networks, with a time of its own", async () => {
  const { jails, banned, doBan, clock } = await twoJails();
  assert.equal(await doBan("192.0.2.1", "2001:DB8:0::/48"), 4);
  assert.equal(await doBan("192.0.2.1"), 0, "banned already");
  assert.equal(await doBan("--jail", "two", "192.0.2.2"), 1);
  assert.equal(await doBan("--bantime", "2h", "--jail", "one", "--jail", "one", "203.0.113.77/24"), 1);
  assert.deepEqual(banned(), ["192.0.2.1 2001:db8::/48 203.0.113.0/24", "192.0.2.1 2001:db8::/48 192.0.2.2"]);
  const ends = jails
    .get("one")
    .bans.tickets()
    .map((ticket) => jails.get("one").bans.endOf(ticket) - clock.now());
  assert.deepEqual(ends, [600, 600, 7200]);
});

test("ban: what is wrong is told before anything is banned", async () => {
  const { banned, doBan } = await twoJails();
  await assert.rejects(doBan(), /ban takes \[--jail JAIL\] \[--bantime TIME\] and addresses/);
  await assert.rejects(doBan("--jail", "one"), /ban takes/);
  await assert.rejects(doBan("--jail"), /--jail lacks its value/);
  await assert.rejects(doBan("192.0.2.1", "192.0.2.300"), /'192\.0\.2\.300' is no address and no network/);
  await assert.rejects(doBan("192.0.2.0/33"), /'192\.0\.2\.0\/33' is no address/);
  await assert.rejects(doBan("192.0.2.1", "--jail", "one"), /'--jail' is no address/);
  await assert.rejects(doBan("--jail", "none", "192.0.2.1"), { className: "UnknownJailException" });
  await assert.rejects(doBan("--bantime", "soon", "192.0.2.1"), /soon/);
  assert.deepEqual(banned(), ["", ""]);
  const empty = new Jails(makeTestServices());
  await assert.rejects(ban(empty, ["ban", "192.0.2.1"]), /no jail that could ban/);
});

test("ban: an address of this machine is refused, the others are banned", async () => {
  const { banned, doBan, own } = await twoJails();
  own.has = (id) => id.text === "192.0.2.99";
  await assert.rejects(doBan("192.0.2.99", "192.0.2.1"), /addresses of this machine .*: 192\.0\.2\.99$/);
  assert.deepEqual(banned(), ["192.0.2.1", "192.0.2.1"]);
});

test("unban: a network lifts itself and every address and network within", async () => {
  const { banned, doBan, doUnban } = await twoJails();
  await doBan("192.0.2.1", "192.0.2.200", "192.0.2.128/25", "192.0.3.1", "2001:db8::1");
  await doBan("--jail", "two", "192.0.2.0/24");
  assert.equal(await doUnban("192.0.2.0/24"), 7);
  assert.deepEqual(banned(), ["192.0.3.1 2001:db8::1", "192.0.3.1 2001:db8::1"]);
  assert.equal(await doUnban("192.0.2.0/24"), 0);
  assert.equal(await doUnban("::/0"), 2);
  assert.equal(await doUnban("--all"), 2);
  assert.deepEqual(banned(), ["", ""]);
  await assert.rejects(doUnban(), /Invalid command/);
});

test("unban --older: bans that began long enough ago, in all jails or in those named", async () => {
  const { jails, banned, doBan, doUnban, clock } = await twoJails();
  for (const jail of jails.all()) jail.settings.setBanTime(-1);
  await doBan("192.0.2.1");
  clock.advance(3600);
  await doBan("192.0.2.2");
  clock.advance(3600);
  await doBan("192.0.2.3");
  assert.deepEqual(await doUnban("--jail", "one", "--older", "90m"), new Map([["one", ["192.0.2.1"]]]));
  assert.deepEqual(banned(), ["192.0.2.2 192.0.2.3", "192.0.2.1 192.0.2.2 192.0.2.3"]);
  assert.deepEqual(
    await doUnban("--older", "30m"),
    new Map([
      ["one", ["192.0.2.2"]],
      ["two", ["192.0.2.1", "192.0.2.2"]],
    ]),
  );
  assert.deepEqual(banned(), ["192.0.2.3", "192.0.2.3"]);
  assert.equal(jails.services.database()?.banHistory("192.0.2.1", "two"), null, "they are forgotten");
});

test("unban: by jail, and words that make no sense", async () => {
  const { banned, doBan, doUnban } = await twoJails();
  await doBan("192.0.2.1", "192.0.2.2");
  assert.equal(await doUnban("192.0.2.1", "--jail", "two"), 1);
  assert.equal(await doUnban("--jail", "one", "--all"), 2);
  assert.deepEqual(banned(), ["", "192.0.2.2"]);
  await assert.rejects(doUnban("--jail", "two"), /unban takes \[--jail JAIL\] and one of/);
  await assert.rejects(doUnban("--older", "2h", "192.0.2.2"), /unban takes/);
  await assert.rejects(doUnban("--older"), /--older lacks its value/);
  await assert.rejects(doUnban("--older", "soon"), /soon/);
  await assert.rejects(doUnban("--jail", "two", "--elder", "2h"), /not --elder/);
  assert.equal(await doUnban("192.0.2.9", "--all"), 0, "to the reference this is the name of somebody");
  await assert.rejects(doUnban("--jail", "none", "--all"), { className: "UnknownJailException" });
  assert.deepEqual(banned(), ["", "192.0.2.2"]);
});
