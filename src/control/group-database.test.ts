import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findGroup } from "./group-database.ts";

test("groups are found by name, in any letter case, and by number", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "f2b-groups-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "group");
  writeFileSync(file, "root:x:0:\nNetAdmins:x:1201:ann,bob\nnetadmins2:x:1202:\nodd\n");
  assert.equal(await findGroup("netadmins", file), 1201);
  assert.equal(await findGroup("netadmins2", file), 1202);
  assert.equal(await findGroup("1500", file), 1500);
  for (const none of ["", "no-such-group-anywhere", "odd", "../../etc", "a:b", "net"]) {
    assert.equal(await findGroup(none, file), null, none);
  }
  assert.equal(await findGroup("no-such-group-anywhere", join(dir, "missing")), null);
});
