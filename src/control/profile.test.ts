import assert from "node:assert/strict";
import { test } from "node:test";
import { answerAsJson } from "../client/json-answer.ts";
import { profileTree } from "../client/profile-view.ts";
import { Jails } from "../jail/jails.ts";
import { makeTestServices, settle } from "../jail/testing.ts";
import { profile } from "./profile.ts";

async function busyJails() {
  const services = makeTestServices(1_795_000_000);
  const jails = new Jails(services);
  for (const name of ["busy", "quiet"]) {
    await jails.add(name, "polling");
    const jail = jails.get(name);
    jail.filter.useDns = "no";
    jail.filter.addFailRegex("^ denied <ADDR>$");
    jail.filter.addFailRegex("^ never seen <ADDR>$");
    jail.actionMaker.addCommands("act");
    await jails.start(name);
  }
  const busy = jails.get("busy");
  for (let n = 0; n < 5; n++) busy.feed.process(`2026-11-18 10:00:0${n} denied 192.0.2.1\n`, {}, true);
  await busy.banByHand(["192.0.2.9"]);
  await settle();
  return { jails };
}

interface Profile {
  server: { uptime: number; memory: number };
  jails: Record<string, Record<string, unknown>>;
}

test("profile tells what jails, expressions and actions cost", async () => {
  const { jails } = await busyJails();
  const answer = await profile(["profile"], jails);
  const { server, jails: told } = JSON.parse(answerAsJson(["profile"], answer)) as Profile;
  assert.ok(server.uptime > 0 && server.memory > 1e6);
  assert.deepEqual(Object.keys(told), ["busy", "quiet"]);
  const busy = told["busy"]!;
  const reading = busy["reading"] as Record<string, number>;
  assert.deepEqual([reading["blocks"], reading["characters"], reading["sample"]], [5, 185, 5]);
  assert.ok(reading["seconds"]! > 0);
  assert.deepEqual(
    (busy["actions"] as Record<string, unknown>[]).map((one) => [one["action"], one["waiting"]]),
    [["act", 0]],
  );
  const { operations, runs } = (busy["actions"] as Record<string, number>[])[0]!;
  assert.ok(operations! >= 2 && runs! >= 1, "the start, and a ban");
  const expressions = busy["expressions"] as Record<string, unknown>[];
  const shown = expressions.map((one) => [one["kind"], one["tried"], one["matched"], one["found"]]);
  assert.deepEqual(shown, [
    ["date", 5, 5, undefined],
    ["failregex", 5, 5, 5],
    ["failregex", 0, 0, 0],
  ]);
  const shares = expressions.reduce((sum, one) => sum + Number(one["share"]), 0);
  assert.ok(Math.abs(shares - 1) < 0.001);
  const { banned, bytes } = busy["memory"] as Record<string, number>;
  assert.ok(banned! >= 1 && bytes! > 0);
});

test("profile as a tree: all jails, the costliest first, or one", async () => {
  const { jails } = await busyJails();
  const all = profileTree(await profile(["profile"], jails), undefined);
  assert.match(all, /^Profile\n\|- Server\n\| {2}\|- Running for:\t\d+ s\n/);
  assert.ok(all.indexOf("Jail: busy") < all.indexOf("Jail: quiet"));
  assert.match(
    all,
    /failregex \[0\]:\t\S+ %, \S+ us for each of 5 lines, 5 matched, found 5 failures\n.*\^ denied <ADDR>\$/,
  );
  assert.match(all, /\.\.\. and 1 that cost less or nothing/);
  assert.match(all, /act:\t\d\.\d{3} s in \d+ runs/);
  const one = profileTree(await profile(["profile", "quiet"], jails), "quiet");
  assert.doesNotMatch(one, /busy/);
});

test("profile --reset begins anew; what is none of its words is refused", async () => {
  const { jails } = await busyJails();
  assert.equal(await profile(["profile", "--reset", "quiet"], jails), "OK");
  assert.equal(jails.get("busy").feed.costs.blocks, 5);
  assert.equal(await profile(["profile", "--reset"], jails), "OK");
  assert.deepEqual([jails.get("busy").feed.costs.blocks, jails.get("busy").actions.work()[0]?.runs], [0, 0]);
  await assert.rejects(profile(["profile", "a", "b"], jails), /profile takes/);
  await assert.rejects(profile(["profile", "none"], jails), { className: "UnknownJailException" });
});
