import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTestJail } from "../jail/testing.ts";
import { repr } from "../pyvalue/repr.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { getOption, setOption } from "./jail-options.ts";
import { statusOfJail } from "./status.ts";

test("options about bans are set and read", (t) => {
  const { jail, files } = makeTestJail();
  t.after(() => files.close());
  const set = (name: string, value: PyValue) => repr(setOption(() => jail, name, [value], false));
  for (const name of ["dryrun", "kerneltimeout", "killconnections"]) {
    assert.equal(getOption(jail, name), false);
    assert.equal(set(name, "yes"), "True");
    assert.equal(set(name, false), "False");
  }
  assert.equal(set("maxbans", "100"), "100");
  assert.throws(() => set("maxbans", "-1"), /maxbans = -1 means nothing; expected 0 \(no limit\) or more/);
  assert.throws(() => set("maxbans", "many"), /invalid literal/);
  assert.equal(getOption(jail, "maxbans"), 100);
  assert.equal(set("verify", "1m"), "60");
  assert.equal(set("verify", "-1"), "0");
  assert.equal(set("banprefix", "ipv6/64"), "'ipv6/64'");
  assert.throws(
    () => set("banprefix", "ipv6/200"),
    /banprefix = 'ipv6\/200' means nothing; expected ipv4\/LENGTH \(8 to 31\), ipv6\/LENGTH/,
  );
  assert.equal(getOption(jail, "banprefix"), "ipv6/64");
  assert.equal(set("banprefix", "none"), "'none'");
  assert.equal(set("aggregate", "ipv4/24:8 ipv6/64:4"), "'ipv4/24:8 ipv6/64:4'");
  assert.throws(() => set("aggregate", "ipv4/24"), /expected ipv4\/LENGTH:COUNT/);
});

test("status mentions them when they are set, and is that of fail2ban when they are not", async (t) => {
  const { jail, files } = makeTestJail();
  t.after(() => files.close());
  const status = async () => repr(await statusOfJail(jail, "basic")).replace(/^.*\('Actions', /, "");
  const plain = await status();
  assert.equal(plain, "[('Currently banned', 0), ('Total banned', 0), ('Banned IP list', [])])]");
  jail.policy.set({ dryrun: true, maxbans: 7 });
  assert.match(await status(), /'Dry run', 'nobody is blocked'\), \('Most bans', 7\), \('Banned IP list'/);
  jail.policy.set({ dryrun: false, maxbans: 0 });
  assert.equal(await status(), plain);
});
