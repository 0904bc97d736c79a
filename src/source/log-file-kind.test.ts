import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { shownPath } from "../log/shown-path.ts";
import { checkKind, checkPath, NoLogFileError } from "./log-file-kind.ts";
import { temporaryDirectory } from "./testing.ts";

test("files and /dev/null pass; all else is called by its name", async (t) => {
  const directory = temporaryDirectory(t);
  const [pipe, socket] = [join(directory, "pipe"), join(directory, "socket")];
  execFileSync("mkfifo", [pipe]);
  const server = createServer();
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const check = (path: string) => () => checkKind(path, statSync(path));
  check(import.meta.filename)();
  check("/dev/null")();
  assert.throws(check(pipe), new NoLogFileError(pipe, "is a pipe, not a log file; see backend = stdin"));
  assert.throws(
    check(socket),
    new NoLogFileError(socket, "is a socket, not a log file; see backend = syslog"),
  );
  for (const device of ["/dev/zero", "/dev/full", "/dev/tty"])
    assert.throws(check(device), new NoLogFileError(device, "is a device, not a log file"));
  assert.throws(check(directory), { code: "EISDIR" });
});

test("nobody writes a line of a log by naming a file", () => {
  checkPath("/var/log/Ünïcode [1]*?.log");
  assert.equal(shownPath("/x\n2026 Ban 192.0.2.1\u0085\r.log"), "/x\\x0a2026 Ban 192.0.2.1\\x85\\x0d.log");
  assert.throws(() => checkPath("/x\ny"), /^NoLogFileError: \/x\\x0ay has a control character in its name/);
});
