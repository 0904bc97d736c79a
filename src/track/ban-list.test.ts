import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Identifier } from "../net/identifier.ts";
import { BanList, NEVER, newBanTicket } from "./ban-list.ts";

const ticket = (ip: string, time: number, banTime: number | null = null) =>
  newBanTicket({ id: Identifier.parse(ip), time, banTime });
const ips = (tickets: { id: Identifier }[]) => tickets.map((t) => t.id.text);

test("bans end after their own ban time or that of the jail", () => {
  const list = new BanList(600);
  list.add(ticket("192.0.2.1", 1000));
  list.add(ticket("192.0.2.2", 1000, 60));
  list.add(ticket("192.0.2.3", 1000, -1));
  assert.equal(list.nextEnd(), 1060);
  assert.deepEqual(ips(list.byEnd()), ["192.0.2.2", "192.0.2.1", "192.0.2.3"]);
  assert.deepEqual(ips(list.takeExpired(1060, 10)), [], "the end itself still belongs to the ban");
  assert.deepEqual(ips(list.takeExpired(1061, 10)), ["192.0.2.2"]);
  assert.deepEqual(ips(list.takeExpired(1e9, 10)), ["192.0.2.1"]);
  assert.equal(list.nextEnd(), null);
  assert.equal(list.endOf(list.tickets()[0]!), NEVER);
});

test("a changed ban time of the jail moves the end of bans without their own", () => {
  const list = new BanList(600);
  list.add(ticket("192.0.2.1", 1000));
  list.add(ticket("192.0.2.2", 1000, 500));
  list.banTime = 10;
  assert.equal(list.nextEnd(), 1010);
  list.banTime = -1;
  assert.equal(list.nextEnd(), 1500);
});

test("a ban that got longer is not taken at its old end", () => {
  const list = new BanList(10);
  const one = ticket("192.0.2.1", 1000);
  list.add(one);
  list.setBanTime(one, 100);
  assert.deepEqual(list.takeExpired(1050, 10), []);
  assert.deepEqual(ips(list.takeExpired(1101, 10)), ["192.0.2.1"]);
});

test("a lifted and renewed ban is taken once", () => {
  const list = new BanList(10);
  list.add(ticket("192.0.2.1", 1000));
  list.remove(Identifier.parse("192.0.2.1"));
  list.add(ticket("192.0.2.1", 1005));
  assert.deepEqual(list.takeExpired(1012, 10), []);
  assert.equal(list.takeExpired(1016, 10).length, 1);
  assert.equal(list.total, 2);
});

test("property: the list equals a simple model under adding, removing, prolonging and expiry", () => {
  const step = fc.record({
    do: fc.constantFrom("add", "remove", "prolong", "expire", "banTime"),
    n: fc.integer({ min: 0, max: 8 }),
    t: fc.integer({ min: 1, max: 50 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const list = new BanList(20);
      const model = new Map<string, number>();
      let now = 0;
      for (const s of steps) {
        now++;
        const id = Identifier.parse(`192.0.2.${s.n}`);
        const known = list.get(id);
        if (s.do === "add" && !known) {
          list.add(newBanTicket({ id, time: now, banTime: s.t }));
          model.set(id.text, now + s.t);
        } else if (s.do === "remove") {
          list.remove(id);
          model.delete(id.text);
        } else if (s.do === "prolong" && known) {
          list.setBanTime(known, s.t);
          model.set(id.text, known.time + s.t);
        } else if (s.do === "banTime") {
          list.banTime = s.t;
        } else if (s.do === "expire") {
          now += s.t;
          const gone = ips(list.takeExpired(now, 100)).sort();
          const expected = [...model].filter(([, end]) => end < now).map(([ip]) => ip);
          assert.deepEqual(gone, expected.sort());
          for (const ip of expected) model.delete(ip);
        }
        assert.deepEqual(ips(list.tickets()).sort(), [...model.keys()].sort());
      }
    }),
  );
});

test("networks around an address, and what is within a network, are found", () => {
  const list = new BanList(600);
  const id = (text: string) => Identifier.parse(text);
  const texts = (tickets: { id: Identifier }[]) => tickets.map((ticket) => ticket.id.text);
  for (const ip of ["192.0.2.1", "192.0.2.0/24", "192.0.0.0/16", "2001:db8::/64", "some user"]) {
    list.add(newBanTicket({ id: id(ip), time: 0 }));
  }
  assert.deepEqual(texts(list.around(id("192.0.2.7"))), ["192.0.2.0/24", "192.0.0.0/16"]);
  assert.deepEqual(texts(list.around(id("192.0.2.0/24"))), ["192.0.0.0/16"]);
  assert.deepEqual(texts(list.around(id("2001:db8::1"))), ["2001:db8::/64"]);
  assert.deepEqual(texts(list.around(id("some user"))), []);
  assert.deepEqual(texts(list.within(id("192.0.2.0/24"))), ["192.0.2.1"]);
  assert.deepEqual(texts(list.within(id("192.0.0.0/16"))), ["192.0.2.1", "192.0.2.0/24"]);
  assert.deepEqual(texts(list.within(id("192.0.2.128/25"))), []);
  assert.deepEqual(texts(list.within(id("2001:db8::/32"))), ["2001:db8::/64"]);
  assert.deepEqual(texts(list.within(id("2001:db8::/64"))), []);
  list.remove(id("192.0.2.0/24"));
  list.takeExpired(1000, 100);
  assert.deepEqual(texts(list.around(id("192.0.2.7"))), []);
});
