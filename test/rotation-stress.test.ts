import assert from "node:assert/strict";
import { test } from "node:test";
import { ROTATIONS, stressRotation } from "./rotation-stress.ts";

/** The small form of `npm run stress`. */

for (const backend of ["pyinotify", "polling"] as const) {
  for (const kind of ROTATIONS) {
    test(`${backend}, ${kind}: every line once and in order through 10 rotations`, {
      timeout: 300_000,
    }, async () => {
      const result = await stressRotation({ kind, backend, lines: 20_000, rotations: 10, seed: 7 });
      assert.deepEqual(result.faults, []);
      assert.equal(result.rotations, 10);
      // How much is written is up to the seed; how much of it truncation takes away unread, to how busy the machine is.
      assert.ok(result.lines + result.lost > 10_000);
      assert.ok(result.lines > 0);
      if (kind === "recreate") assert.ok(result.sameInode > 0, "an inode number was used again");
    });
  }
}
