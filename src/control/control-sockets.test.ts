import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { LogHub } from "../log/logger.ts";
import { systemClock } from "../time/clock.ts";
import { ControlSockets } from "./control-sockets.ts";
import { sendOnce } from "./testing.ts";

/** Groups of the test: the one that runs it, under two names. */
const own = process.getgid?.() ?? 0;
const GROUPS: Readonly<Record<string, number>> = { ours: own, too: own };
const clock = systemClock;

async function setUp(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), "f2b-sockets-"));
  const path = join(dir, "run", "s");
  const sockets = new ControlSockets({
    path,
    handler: async (command, { role }) => [role, ...command],
    clock,
    log: new LogHub(() => {}).logger("asyncserver"),
    findGroup: async (name) => GROUPS[name] ?? null,
  });
  await sockets.listen();
  t.after(async () => {
    await sockets.close();
    rmSync(dir, { recursive: true });
  });
  const mode = (file = path) => statSync(file).mode & 0o777;
  return { dir, path, sockets, mode };
}

test("a socket for each group with a role, which its commands come with", async (t) => {
  const { path, sockets, mode } = await setUp(t);
  assert.deepEqual(
    await sockets.setRoles(
      new Map([
        ["ours", "read"],
        ["too", "ban"],
      ]),
    ),
    [],
  );
  assert.deepEqual(
    [...sockets.roles],
    [
      ["ours", "read"],
      ["too", "ban"],
    ],
  );
  assert.equal(mode(`${path}.read.ours`), 0o660);
  assert.deepEqual(await sendOnce(`${path}.read.ours`, ["x"], { clock }), ["read", "x"]);
  assert.deepEqual(await sendOnce(`${path}.ban.too`, ["x"], { clock }), ["ban", "x"]);
  assert.deepEqual(await sendOnce(path, ["x"], { clock }), ["admin", "x"]);
  assert.deepEqual(await sockets.setRoles(new Map([["too", "admin"]])), []);
  assert.deepEqual(await sendOnce(`${path}.admin.too`, ["x"], { clock }), ["admin", "x"]);
  for (const gone of ["read.ours", "ban.too"]) {
    await assert.rejects(sendOnce(`${path}.${gone}`, ["x"], { clock }), { name: "TransportError" });
  }
  const long = "x".repeat(2_000_000);
  await sockets.setRoles(new Map([["ours", "read"]]));
  await assert.rejects(sendOnce(`${path}.read.ours`, [long], { clock }), /reset by peer/);
  assert.deepEqual(await sendOnce(path, [long], { clock }), ["admin", long]);
});

test("the group of the main socket comes and goes; a directory of our own is opened for it", async (t) => {
  const { dir, sockets, mode } = await setUp(t);
  assert.equal(mode(), 0o700);
  assert.deepEqual(await sockets.setGroup("ours"), []);
  assert.equal(mode(), 0o660);
  assert.equal(mode(join(dir, "run")), 0o755);
  assert.equal(sockets.group, "ours");
  assert.deepEqual(await sockets.setGroup("nobody-here"), [
    "socketgroup = nobody-here: there is no group 'nobody-here'; the socket is for its owner alone",
  ]);
  assert.deepEqual([sockets.group, mode()], [null, 0o700]);
});

test("what cannot be opened is told, and the rest is", async (t) => {
  const { path, sockets } = await setUp(t);
  writeFileSync(`${path}.read.ours`, "in the way");
  const faults = await sockets.setRoles(
    new Map([
      ["ours", "read"],
      ["none", "read"],
      ["too", "king"],
    ]),
  );
  assert.deepEqual(faults, [
    `socketrole.ours = read: ${path}.read.ours is in the way and is no socket; there is no socket for it`,
    "socketrole.none = read: there is no group 'none'; there is no socket for it",
    "socketrole.too = king: the role must be read, ban or admin; there is no socket for it",
  ]);
  assert.deepEqual([...sockets.roles], []);
  assert.equal(existsSync(`${path}.read.ours`), true);
});

test("a socket that a killed server left behind is replaced", async (t) => {
  const { path, sockets } = await setUp(t);
  const left = createServer();
  await new Promise<void>((done) => left.listen(`${path}.read.ours`, done));
  t.after(() => left.close());
  assert.deepEqual(await sockets.setRoles(new Map([["ours", "read"]])), []);
  assert.deepEqual(await sendOnce(`${path}.read.ours`, ["x"], { clock }), ["read", "x"]);
});
