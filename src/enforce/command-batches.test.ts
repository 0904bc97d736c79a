import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LEVELS, LogHub } from "../log/logger.ts";
import { ManualClock } from "../time/clock.ts";
import { CommandBatches } from "./command-batches.ts";
import { CommandLog } from "./command-log.ts";
import type { ShellCommand } from "./dynamic-tags.ts";
import type { FirewallStatement } from "./firewall-statement.ts";

/** Commands and transactions as they would run; each takes the time that a test sets. */
function setup() {
  const clock = new ManualClock(1000);
  const ran: string[] = [];
  const world = { seconds: 0, fails: (_: string) => false };
  const result = (code: number) => ({
    code,
    timedOut: false,
    error: null,
    stdout: "",
    stderr: "",
    droppedBytes: 0,
  });
  const batches = new CommandBatches({
    clock,
    log: new CommandLog(new LogHub(() => {}, LEVELS.ERROR).logger("utils")),
    runner: {
      run: async () => result(0),
      runAll: async (commands: readonly ShellCommand[]) => {
        const scripts = commands.map(({ script }) => script);
        const bad = scripts.findIndex(world.fails);
        const run = scripts.slice(0, bad < 0 ? scripts.length : bad + 1);
        ran.push(run.join(" + "));
        clock.advance(world.seconds);
        return run.map((script) => result(world.fails(script) ? 1 : 0));
      },
    },
    transactions: {
      apply: async (statements: readonly FirewallStatement[]) => {
        const elements = statements.map(({ element, head }) => element || head);
        ran.push(`${statements[0]?.reader[0]} ${elements.join("+")}`);
        clock.advance(world.seconds);
        return !elements.some(world.fails);
      },
      close: () => {},
    },
  });
  const run = (...scripts: (string | null)[]) =>
    batches.run(
      scripts.map((script) => script && { script, values: [] }).map((command) => command || null),
      60,
    );
  return { batches, ran, world, run };
}

const nft = (ip: string) => `nft add element inet t s { ${ip} }`;

describe("CommandBatches", () => {
  it("makes one transaction of statements of one tool, up to another command", async () => {
    const { run, ran } = setup();
    assert.deepEqual(await run(nft("::1"), null, nft("::2"), "mail"), { succeeded: 3, failed: false });
    assert.deepEqual(await run(nft("::1"), "ipset -exist add s 1"), { succeeded: 1, failed: false });
    assert.deepEqual(ran, ["nft ::1+::2", "nft ::1"]);
  });

  it("knows nothing after a transaction that failed", async () => {
    const { run, world } = setup();
    world.fails = (element) => element === "::2";
    assert.deepEqual(await run(nft("::1"), nft("::2")), { succeeded: 0, failed: false });
  });

  it("runs other commands in one shell up to the first that fails", async () => {
    const { run, ran, world } = setup();
    world.fails = (script) => script === "bad";
    assert.deepEqual(await run("a", "b", nft("::1")), { succeeded: 2, failed: false });
    assert.deepEqual(await run("a", null, "bad", "c"), { succeeded: 2, failed: true });
    assert.deepEqual(ran, ["a + b", "a + bad"]);
  });

  it("has nothing to run where commands are empty", async () => {
    const { run, ran } = setup();
    assert.deepEqual(await run(null, null), { succeeded: 2, failed: false });
    assert.deepEqual(ran, []);
  });

  it("takes more while that is quick, and less when it is slow or fails", async () => {
    const { batches, run, world } = setup();
    const many = Array.from({ length: 2048 }, (_, index) => nft(`::${index}`));
    world.seconds = 0.1;
    await run(...many.slice(0, 1024));
    assert.equal(batches.size, 2048);
    world.seconds = 0.01;
    await run(...many);
    assert.equal(batches.size, 8192, "four times as many would still be quick");
    world.seconds = 3;
    await run(...many.slice(0, 64));
    world.seconds = 30;
    await run(...many);
    assert.equal(batches.size, 1024);
    world.seconds = 0;
    world.fails = () => true;
    for (let size = 512; size >= 1; size /= 2) {
      await run(...many.slice(0, size * 2));
      assert.equal(batches.size, size);
    }
  });

  it("gives a slow shell one command at a time", async () => {
    const { batches, run, world } = setup();
    world.seconds = 30;
    await run("mail", "mail", "mail", "mail");
    assert.equal(batches.size, 2);
    await run("mail", "mail");
    assert.equal(batches.size, 1);
  });

  it("leaves single statements of other tools than nft to the shell", async () => {
    const { batches, ran } = setup();
    assert.equal(await batches.runStatement({ script: nft("::1"), values: [] }, 60), true);
    assert.equal(await batches.runStatement({ script: "ipset -exist add s 1", values: [] }, 60), false);
    assert.equal(await batches.runStatement({ script: "mail", values: [] }, 60), false);
    assert.deepEqual(ran, ["nft ::1"]);
  });
});
