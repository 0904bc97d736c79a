import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { ManualClock } from "../time/clock.ts";
import { NftSession } from "./nft-session.ts";

/** Programs that stand in for nft; each reads lines. */
const folder = mkdtempSync(join(tmpdir(), "f2b-nft-"));
after(() => rmSync(folder, { recursive: true }));

function program(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

const COMPLAIN = "echo 'Error: syntax error, unexpected newline' >&2; echo \"$line\" >&2; echo '     ^' >&2";
const NORMAL = `while IFS= read -r line; do case $line in
  f2b-end-*) ${COMPLAIN};;
  bad*) echo 'Error: No such file or directory' >&2; echo "$line" >&2; echo '^^^' >&2;;
  die*) exit 1;;
  hang*) : >${folder}/begun; sleep 20 & wait;;
  ?*) echo "$line" >>${folder}/done;;
esac; done`;

describe("NftSession", () => {
  it("knows whether statements were accepted, one by one", async () => {
    const session = new NftSession(program("normal", NORMAL), new ManualClock(1000));
    const results = await Promise.all(["a", "bad", "b", "bad", "c"].map((line) => session.run(line, 10)));
    assert.deepEqual(results, [true, false, true, false, true]);
    assert.equal(readFileSync(join(folder, "done"), "utf8"), "a\nb\nc\n");
    session.close();
    assert.equal(await session.run("d", 10), true, "another process begins");
    session.close();
  });

  it("leaves nothing in the history of whoever uses nft by hand", async () => {
    const body = `echo "$HOME" >${folder}/home\n${NORMAL}`;
    const session = new NftSession(program("history", body), new ManualClock(1000));
    assert.equal(await session.run("a", 10), true);
    session.close();
    const home = readFileSync(join(folder, "home"), "utf8").trim();
    assert.throws(() => writeFileSync(join(home, ".nft.history"), ""), { code: "ENOTDIR" });
  });

  it("gives up for a minute when the process ends", async () => {
    const clock = new ManualClock(1000);
    const session = new NftSession(program("dies", NORMAL), clock);
    assert.equal(await session.run("a", 10), true);
    assert.equal(await session.run("die", 10), false);
    assert.equal(await session.run("a", 10), false);
    clock.advance(61);
    assert.equal(await session.run("a", 10), true);
    session.close();
  });

  it("ends a process that does not answer in time", async () => {
    const clock = new ManualClock(1000);
    const session = new NftSession(program("hangs", NORMAL), clock);
    const result = session.run("hang", 10);
    while (!existsSync(join(folder, "begun"))) await delay(5);
    clock.advance(10);
    assert.equal(await result, false);
  });

  it("does not use a program that speaks otherwise", async () => {
    for (const body of ["exit 0", "cat >/dev/null", "yes >&2"]) {
      const clock = new ManualClock(1000);
      const session = new NftSession(program("other", body), clock);
      const result = session.run("a", 10);
      const timer = setInterval(() => clock.advance(10), 20);
      assert.equal(await result, false, body);
      clearInterval(timer);
    }
    const missing = new NftSession(join(folder, "missing"), new ManualClock(1000));
    assert.equal(await missing.run("a", 10), false);
  });
});
