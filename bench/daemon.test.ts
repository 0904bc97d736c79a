import assert from "node:assert/strict";
import { test } from "node:test";
import { readyOrDisposed } from "./daemon.ts";

function makeDaemon() {
  let disposed = 0;
  const daemon = {
    append: () => {},
    dispose: async () => {
      disposed++;
    },
  };
  return { daemon, disposed: () => disposed };
}

test("a daemon whose first ban never comes is disposed of, and the reason is told", async () => {
  const { daemon, disposed } = makeDaemon();
  await assert.rejects(readyOrDisposed(daemon, Promise.reject(new Error("no ban"))), /no ban/);
  assert.equal(disposed(), 1);
});

test("one that bans is left running", async () => {
  const { daemon, disposed } = makeDaemon();
  assert.equal(await readyOrDisposed(daemon, Promise.resolve()), daemon);
  assert.equal(disposed(), 0);
});
