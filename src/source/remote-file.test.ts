import assert from "node:assert/strict";
import { test } from "node:test";
import { fileSystemOf, isRemote } from "./remote-file.ts";

test("network file systems are told from local ones, whatever the number's sign", async () => {
  assert.equal(isRemote(0x6969), true, "nfs");
  assert.equal(isRemote(0xff534d42), true, "cifs");
  assert.equal(isRemote(0xff534d42 | 0), true, "cifs, with a sign");
  assert.equal(isRemote(0xef53), false, "ext4");
  assert.equal(isRemote(await fileSystemOf("/proc/self/status")), false);
});
