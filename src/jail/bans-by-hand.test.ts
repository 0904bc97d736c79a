import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseBackend } from "./backend.ts";
import { Jail } from "./jail.ts";
import { makeTestServices } from "./testing.ts";

test("addresses of the machine are not banned by hand, unless ignoreself is off", async (t) => {
  const services = makeTestServices();
  const own = {
    has: (id: { text: string }) => id.text === "192.0.2.1",
    concernedBy: (id: { text: string }) => id.text !== "192.0.2.9",
  };
  const jail = new Jail("sshd", chooseBackend("polling"), {
    ...services,
    own: own as never,
  });
  t.after(() => services.files.close());
  jail.start();
  await assert.rejects(jail.banByHand(["192.0.2.1", "192.0.2.9", "192.0.2.0/24"]), /own|this machine/);
  assert.deepEqual(
    jail.bans.tickets().map(({ id }) => id.text),
    ["192.0.2.9"],
  );
  jail.ignore.ignoreSelf = false;
  assert.equal(await jail.banByHand(["192.0.2.1"]), 1);
  await jail.stop();
});
