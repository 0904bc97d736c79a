import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findRoleSockets, roleSocketPath } from "./role-sockets.ts";

test("the sockets for groups are found by their names, those that permit most first", (t) => {
  const dir = mkdtempSync(join(tmpdir(), "f2b-roles-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const main = join(dir, "x.sock");
  const written = [
    { role: "admin", group: "wheel" },
    { role: "ban", group: "on.call" },
    { role: "read", group: "a-team" },
    { role: "read", group: "dash" },
  ] as const;
  for (const { role, group } of written.toReversed()) writeFileSync(roleSocketPath(main, role, group), "");
  for (const other of ["x.sock", "x.sock.lock", "x.sock.read", "x.sock.root.a", "y.sock.read.a"]) {
    writeFileSync(join(dir, other), "");
  }
  const expected = written.map(({ role, group }) => ({
    role,
    group,
    path: roleSocketPath(main, role, group),
  }));
  assert.deepEqual(findRoleSockets(main), expected);
  assert.deepEqual(findRoleSockets(join(dir, "missing/x.sock")), []);
});
