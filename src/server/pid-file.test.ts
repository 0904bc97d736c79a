import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { LogHub } from "../log/logger.ts";
import { PidFile } from "./pid-file.ts";

function setUp(t: TestContext, ...place: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "f2b-pid-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, ...place);
  const said: string[] = [];
  const file = new PidFile(path, new LogHub(({ message }) => said.push(message)).logger("server"));
  return { path, file, said };
}

test("the number of the process, for its owner only, in a directory that is made", (t) => {
  const { path, file, said } = setUp(t, "run", "f2b.pid");
  file.write();
  assert.equal(readFileSync(path, "utf8"), `${process.pid}\n`);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  file.remove();
  assert.ok(!existsSync(path));
  assert.deepEqual(said, []);
});

test("a server that is slow to end leaves the file of the next one", (t) => {
  const { path, file, said } = setUp(t, "f2b.pid");
  file.write();
  writeFileSync(path, "1\n");
  file.remove();
  assert.equal(readFileSync(path, "utf8"), "1\n");
  assert.deepEqual(said, []);
});

test("troubles are logged, and stop nobody", (t) => {
  const { path, file, said } = setUp(t, "no", "such", "f2b.pid");
  file.write();
  file.remove();
  assert.match(said.join("\n"), /^Unable to create PID file: ENOENT.*no\/such/);
  assert.ok(!existsSync(path));
});
