import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTestJail, settle } from "./testing.ts";

test("a ban that is decided on when the jail has stopped waits for the next start", async (t) => {
  const { jail, services, takeCommands, banned } = makeTestJail();
  t.after(() => services.files.close());
  jail.settings.setMaxRetry(2);
  jail.start();
  await jail.stop();
  takeCommands();
  await jail.attempt("192.0.2.1", ["one line", "another"]);
  await settle();
  assert.deepEqual([takeCommands(), banned()], [[], []]);

  const next = makeTestJail(undefined, services);
  next.jail.start();
  await next.jail.restored;
  await settle();
  assert.deepEqual(next.banned(), ["192.0.2.1"]);
  assert.equal(
    next.jail.bans.tickets()[0]?.banCount,
    2,
    "it counts as one ban, and a restored one as one more",
  );
  await next.jail.stop();
});
