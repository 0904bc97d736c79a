import assert from "node:assert/strict";
import { test } from "node:test";
import { readPrefixRules } from "../jail/ban-policy.ts";
import { Jails } from "../jail/jails.ts";
import { makeTestServices, settle, type TestServices } from "../jail/testing.ts";
import { Identifier } from "../net/identifier.ts";
import { PyError, type PyValue } from "../pyvalue/value.ts";
import { banCommand, banQuery } from "./ban-commands.ts";
import { history, search } from "./search.ts";
import { why } from "./why.ts";

const NOW = 1_800_000_000;

async function world(): Promise<{ services: TestServices; jails: Jails }> {
  const services = makeTestServices(NOW);
  const jails = new Jails(services);
  for (const name of ["one", "two"]) {
    await jails.add(name, "polling");
    const jail = jails.get(name);
    jail.filter.addFailRegex("^ denied <HOST> for <F-USER>\\S+</F-USER>$");
    jail.filter.addIgnoreRegex("for nobody$");
    jail.filter.useDns = "no";
    jail.ignore.add(["198.51.100.0/24"]);
    await jails.start(name);
  }
  return { services, jails };
}

function plain(value: PyValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

test("search finds bans, failures and what the database remembers", async () => {
  const { services, jails } = await world();
  const [one, two] = [jails.get("one"), jails.get("two")];
  const find = (text: string) => plain(search(["search", text], { jails, clock: services.clock }));
  assert.deepEqual(find("203.0.113.7"), []);
  await banCommand(() => one, "banip", ["--bantime", "2h", "203.0.113.7"]);
  await two.attempt("203.0.113.7", ["a line"]);
  await settle();
  const ban = { since: NOW, until: NOW + 7200, number: 1, failures: 0, matches: [] };
  const failing = { count: 1, of: 3, last: NOW, matches: ["a line"] };
  const expected = [
    { jail: "one", id: "203.0.113.7", ban },
    { jail: "two", id: "203.0.113.7", failing },
  ];
  assert.deepEqual(find("203.0.113.7"), expected);
  assert.deepEqual(find("203.0.113.0/24"), expected, "those inside a network, too");
  await one.unban(["203.0.113.7"]);
  await jails.stop("two");
  assert.deepEqual(find("203.0.113.7"), []);
});

test("search of a network finds all that is on record within it, and networks around an address", async () => {
  const { services, jails } = await world();
  const [one, two] = [jails.get("one"), jails.get("two")];
  const inside = ["203.0.113.7", "203.0.113.77", "203.0.113.128/25", "2001:db8::7"];
  await one.banByHand([...inside, "203.0.114.7", "2001:db9::1"], 50);
  await two.banByHand(["203.0.113.8"], 50);
  services.clock.advance(60);
  await settle();
  await one.banByHand(["203.0.113.7"]);
  await jails.stop("two");
  const find = (text: string) => {
    const answer = plain(search(["search", text], { jails, clock: services.clock }));
    return (answer as { jail: string; id: string; ban?: object; past?: object[] }[]).map(
      ({ jail, id, ban, past }) => `${jail} ${id}${ban ? " banned" : ""} ${past?.length ?? 0}`,
    );
  };
  assert.deepEqual(find("203.0.113.0/24").sort(), [
    "one 203.0.113.128/25 1",
    "one 203.0.113.7 banned 1",
    "one 203.0.113.77 1",
    "two 203.0.113.8 1",
  ]);
  assert.deepEqual(find("203.0.112.0/22").length, 5, "of any length");
  assert.deepEqual(find("203.0.113.200"), ["one 203.0.113.128/25 1"]);
  assert.deepEqual(find("2001:db8::/32"), ["one 2001:db8::7 1"]);
  assert.deepEqual(find("198.51.100.0/24"), []);
});

test("history lists the bans on record, of a jail or since a time", async () => {
  const { services, jails } = await world();
  const list = (...words: string[]) => {
    const answer = plain(history(["history", ...words], { jails, clock: services.clock }));
    return (answer as { id: string }[]).map(({ id }) => id);
  };
  await jails.get("one").banByHand(["203.0.113.1"]);
  services.clock.advance(3600);
  await jails.get("two").banByHand(["203.0.113.2"], -1);
  assert.deepEqual(list(), ["203.0.113.1", "203.0.113.2"]);
  assert.deepEqual(list("one"), ["203.0.113.1"]);
  assert.deepEqual(list("--since", "30m"), ["203.0.113.2"]);
  assert.deepEqual(list("two", "--since=30m"), ["203.0.113.2"]);
  assert.throws(() => list("--bogus"), PyError);
  const wanted = /^--since takes a time such as .*, not 'x'$/;
  for (const words of [["--since", "x"], ["--since=x"]]) {
    assert.throws(
      () => list(...words),
      (error: PyError) => wanted.test(String(error.args[0])),
    );
  }
  assert.throws(() => list("--since"), PyError);
  assert.throws(() => list("nojail"), /nojail/);
});

test("why says what a line would do, and does nothing", async () => {
  const { services, jails } = await world();
  const verdict = async (line: string) => {
    const answer = (await why(["why", "one", line], jails, services.clock)) as Map<string, PyValue>;
    return answer.get("verdict");
  };
  const date = new Date(NOW * 1000).toISOString().slice(0, 19).replace("T", " ");
  assert.match(String(await verdict(`${date} hello`)), /^nothing: it matches none of the 1 failregexes/);
  assert.match(String(await verdict(`${date} denied 203.0.113.1 for nobody`)), /ignoreregex/);
  assert.match(String(await verdict(`${date} denied 198.51.100.1 for joe`)), /is ignored by this jail/);
  const line = `${date} denied 203.0.113.1 for joe`;
  assert.equal(await verdict(line), "counts as failure 1 of 3 of 203.0.113.1");
  assert.equal(await verdict(line), "counts as failure 1 of 3 of 203.0.113.1", "nothing was counted");
  await jails.get("one").attempt("203.0.113.1", ["x", "y"]);
  assert.equal(await verdict(line), "bans 203.0.113.1: failure 3 of 3");
  assert.equal(jails.get("one").bans.get(Identifier.parse("203.0.113.1")), undefined);
});

test("a banned prefix is found by its addresses", async () => {
  const { services, jails } = await world();
  const one = jails.get("one");
  one.policy.set({ banprefix: readPrefixRules("banprefix", "ipv4/24") });
  await one.attempt("203.0.113.1", []);
  await settle();
  const find = (text: string) =>
    (plain(search(["search", text], { jails, clock: services.clock })) as Record<string, unknown>[]).map(
      ({ id, ban, failing }) => [id, ban ? "banned" : "", failing ? "failing" : ""],
    );
  assert.deepEqual(find("203.0.113.77"), [["203.0.113.0/24", "", "failing"]]);
  const date = new Date(NOW * 1000).toISOString().slice(0, 19).replace("T", " ");
  const verdict = async () => {
    const answer = (await why(
      ["why", "one", `${date} denied 203.0.113.3 for joe`],
      jails,
      services.clock,
    )) as Map<string, PyValue>;
    return answer.get("verdict");
  };
  assert.equal(await verdict(), "counts as failure 2 of 3 of 203.0.113.0/24");
  await one.attempt("203.0.113.2", ["a", "b"]);
  await settle();
  assert.deepEqual(find("203.0.113.77"), [["203.0.113.0/24", "banned", ""]]);
  assert.match(String(await verdict()), /of 203\.0\.113\.0\/24; 203\.0\.113\.3 is banned already$/);
  assert.deepEqual(banQuery(one, "banned", ["203.0.113.77", "203.0.112.1"]), [1, 0]);
});
