import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LEVELS, LogHub } from "../log/logger.ts";
import { Identifier } from "../net/identifier.ts";
import { str } from "../pyvalue/repr.ts";
import { PyError } from "../pyvalue/value.ts";
import { ManualClock } from "../time/clock.ts";
import type { BanOperation } from "./action.ts";
import { CommandAction } from "./command-action.ts";
import { commandText } from "./command-log.ts";
import type { ShellCommand } from "./dynamic-tags.ts";
import { type FirewallStatement, transactionText } from "./firewall-statement.ts";
import type { TransactionRunner } from "./firewall-transactions.ts";
import type { ShellRunner } from "./shell.ts";
import { TicketInfo } from "./ticket-info.ts";

const JAIL = {
  name: "sshd",
  bantime: () => 600,
  banned: () => 1,
  bannedTotal: () => 2,
  found: () => 3,
  foundTotal: () => 4,
};

/** Notes the commands and fails those that a test names. */
class FakeShell implements ShellRunner {
  readonly ran: string[] = [];
  fails: (script: string) => boolean = () => false;

  async run(command: ShellCommand) {
    const text = commandText(command);
    this.ran.push(text);
    const code = this.fails(text) ? 1 : 0;
    return { code, timedOut: false, error: null, stdout: "", stderr: "", droppedBytes: 0 };
  }

  /** The commands since the last call. */
  take(): string[] {
    return this.ran.splice(0);
  }
}

/** Notes the texts of transactions and fails those that a test names. */
class FakeTransactions implements TransactionRunner {
  readonly #applied: string[] = [];
  fails: (text: string) => boolean = () => false;

  async apply(statements: readonly FirewallStatement[]): Promise<boolean> {
    const text = transactionText(statements);
    if (this.fails(text)) return false;
    this.#applied.push(text);
    return true;
  }

  close(): void {}

  /** The transactions since the last call. */
  take(): string[] {
    return this.#applied.splice(0);
  }
}

function setup(properties: Record<string, string | boolean>, options: { ipv6?: boolean } = {}) {
  const shell = new FakeShell();
  const transactions = new FakeTransactions();
  const log: string[] = [];
  let epoch = 0;
  const action = new CommandAction({
    name: "a",
    jail: JAIL,
    runner: shell,
    transactions,
    clock: new ManualClock(1000),
    logs: new LogHub(({ logger, level, message }) => log.push(`${logger} ${level} ${message}`), LEVELS.ERROR),
    parseSeconds: (text) => (text === "1m" ? 60 : Number(text)),
    ipv6Allowed: () => options.ipv6 ?? true,
    raiseEpoch: () => ++epoch,
    hostName: (kind) => (kind === "full" ? "host.example.org" : "host"),
  });
  for (const [name, value] of Object.entries(properties)) action.set(name, value);
  return { action, shell, transactions, log };
}

function ban(text: string, fields: { restored?: boolean; data?: Record<string, string> } = {}): TicketInfo {
  const ticket = {
    id: Identifier.parse(text),
    time: 1000,
    timeIsInteger: true,
    banTime: null,
    banCount: 1,
    failures: 5,
    address: fields.data?.["ip"] ?? null,
    data: fields.data ?? {},
    restored: fields.restored ?? false,
  };
  return new TicketInfo(ticket, {
    jail: JAIL,
    history: () => null,
    reverseLookup: async () => "name.example",
  });
}

const PLAIN = {
  actionstart: "start",
  actionstop: "stop",
  actionban: "ban <ip>",
  actionunban: "unban <ip>",
  actioncheck: "check",
};

/** An action with one set of rules for each address family. */
const TWO_FAMILIES = {
  actionstart: "start <set>",
  actionstop: "stop <set>",
  actionflush: "flush <set>",
  actioncheck: "check <set>",
  actionban: "ban <set> <ip>",
  actionunban: "unban <set> <ip>",
  set: "s4",
  "set?family=inet6": "s6",
};

describe("CommandAction: start and stop", () => {
  it("starts once where families make no difference", async () => {
    const { action, shell } = setup(PLAIN);
    await action.start();
    await action.ban(ban("192.0.2.1"));
    await action.stop();
    assert.deepEqual(shell.take(), ["start", "ban 192.0.2.1", "stop"]);
  });

  it("starts each family before its first ban where they differ", async () => {
    const { action, shell } = setup(TWO_FAMILIES);
    await action.start();
    assert.deepEqual(shell.take(), []);
    await action.ban(ban("192.0.2.1"));
    await action.ban(ban("192.0.2.2"));
    await action.ban(ban("2001:db8::1"));
    await action.stop();
    assert.deepEqual(shell.take(), [
      "start s4",
      "ban s4 192.0.2.1",
      "ban s4 192.0.2.2",
      "start s6",
      "ban s6 2001:db8::1",
      "stop s4",
      "stop s6",
    ]);
  });

  it("starts all families at once when told not to wait for a ban", async () => {
    const { action, shell } = setup({ ...TWO_FAMILIES, actionstart_on_demand: false });
    await action.start();
    assert.deepEqual(shell.take(), ["start s4", "start s6"]);
    const without6 = setup({ ...TWO_FAMILIES, actionstart_on_demand: "false" }, { ipv6: false });
    await without6.action.start();
    assert.deepEqual(without6.shell.take(), ["start s4"]);
    const listed = setup({ ...TWO_FAMILIES, actionstart_on_demand: "no", families: "inet6" });
    await listed.action.start();
    assert.deepEqual(listed.shell.take(), ["start s6"]);
  });

  it("starts what is not started yet for an identifier without family", async () => {
    const { action, shell } = setup(TWO_FAMILIES);
    await action.ban(ban("192.0.2.1"));
    await action.ban(ban("some user"));
    await action.ban(ban("other user"));
    assert.deepEqual(shell.take(), [
      "start s4",
      "ban s4 192.0.2.1",
      "start s6",
      "ban s4 some user",
      "ban s4 other user",
    ]);
  });

  it("runs a command that families share once, and again after a stop", async () => {
    const { action, shell } = setup({ ...TWO_FAMILIES, actionstart: "start all", actionstop: "stop all" });
    await action.ban(ban("192.0.2.1"));
    await action.ban(ban("2001:db8::1"));
    await action.stop();
    await action.ban(ban("192.0.2.1"));
    assert.deepEqual(shell.take(), [
      "start all",
      "ban s4 192.0.2.1",
      "ban s6 2001:db8::1",
      "stop all",
      "start all",
      "ban s4 192.0.2.1",
    ]);
  });

  it("stops nothing that was never started", async () => {
    const { action, shell } = setup(TWO_FAMILIES);
    await action.stop();
    assert.deepEqual(shell.take(), []);
  });

  it("names jail and action when a start fails", async () => {
    const { action, shell } = setup(PLAIN);
    shell.fails = () => true;
    await assert.rejects(
      action.start(),
      new PyError("builtins", "RuntimeError", ["Error starting action Jail('sshd')/a: 'Script error'"]),
    );
  });

  it("gives operations an empty ticket", async () => {
    const { action, shell } = setup({
      actionstart:
        "s [<ip>] [<family>] <failures> <bantime> <time> <jail.name> <F-USER>| <fq-hostname> <sh-hostname><sp><other>",
    });
    await action.start();
    assert.deepEqual(shell.take(), ["s [] [] 0 600 1000.0 sshd | host.example.org host <other>"]);
  });
});

describe("CommandAction: bans", () => {
  it("unbans only where something was banned", async () => {
    const { action, shell } = setup(PLAIN);
    await action.start();
    await action.unban(ban("192.0.2.1"));
    await action.ban(ban("192.0.2.2"));
    await action.unban(ban("192.0.2.1"));
    await action.unban(ban("2001:db8::1"));
    assert.deepEqual(shell.take(), ["start", "ban 192.0.2.2", "unban 192.0.2.1"]);
  });

  it("rebans with the ban command unless there is one for it", async () => {
    const { action, shell } = setup(PLAIN);
    await action.reban(ban("192.0.2.1"));
    action.set("actionreban", "reban <ip>");
    await action.reban(ban("192.0.2.1"));
    assert.deepEqual(shell.take(), ["ban 192.0.2.1", "reban 192.0.2.1"]);
  });

  it("prolongs where there is a command for it", async () => {
    const { action, shell } = setup(PLAIN);
    assert.equal(action.prolongable, false);
    action.set("actionprolong", "prolong <ip> <bantime>");
    assert.equal(action.prolongable, true);
    await action.prolong(ban("192.0.2.1"));
    assert.deepEqual(shell.take(), ["prolong 192.0.2.1 600"]);
  });

  it("runs a failing command twice", async () => {
    const { action, shell } = setup({ actionban: "ban <ip>" });
    shell.fails = () => true;
    await assert.rejects(action.ban(ban("192.0.2.1")), { message: "Error banning 192.0.2.1" });
    assert.deepEqual(shell.take(), ["ban 192.0.2.1", "ban 192.0.2.1"]);
    await action.unban(ban("192.0.2.1"));
    assert.deepEqual(shell.take(), [], "nothing was banned");
  });

  it("takes the address of an identifier that is none, also as text from the database", async () => {
    const { action, shell } = setup({ actionban: "ban <ip> <fid> <family> <ip-rev>" });
    await action.ban(ban("session 7", { data: { ip: "2001:db8::1" } }));
    assert.match(shell.take().join(), /^ban 2001:db8::1 session 7 inet6 1\.0\./);
  });

  it("keeps values out of the script", async () => {
    const { action, shell } = setup({ actionban: 'echo "<F-USER>"' });
    await action.ban(ban("192.0.2.1", { data: { user: "$(reboot)" } }));
    assert.deepEqual(shell.take(), [`['f2bV_F_user=$0 \\necho "$f2bV_F_user"', '$(reboot)']`]);
  });

  it("looks a name up only when asked for it", async () => {
    const { action, shell } = setup({ actionban: "ban <ip> <ip-host>" });
    await action.ban(ban("192.0.2.1"));
    assert.deepEqual(shell.take(), ["ban 192.0.2.1 name.example"]);
  });
});

describe("CommandAction: flush", () => {
  it("flushes families that hold bans, every time", async () => {
    const { action, shell } = setup({ ...TWO_FAMILIES, actionflush: "flush all" });
    for (let round = 0; round < 3; round++) {
      await action.ban(ban("192.0.2.1"));
      await action.ban(ban("2001:db8::1"));
      shell.take();
      assert.equal(await action.flush(), true);
      assert.deepEqual(shell.take(), ["flush all"], `round ${round}`);
    }
    assert.equal(await action.flush(), true);
    assert.deepEqual(shell.take(), [], "nothing is banned");
  });

  it("leaves bans to single unbans where there is no command", async () => {
    const { action, shell } = setup(PLAIN);
    await action.ban(ban("192.0.2.1"));
    assert.equal(action.flushes, false);
    await action.flush();
    await action.unban(ban("192.0.2.1"));
    assert.deepEqual(shell.take(), ["ban 192.0.2.1", "unban 192.0.2.1"]);
  });

  it("still holds the bans of a family whose flush failed", async () => {
    const { action, shell } = setup(TWO_FAMILIES);
    await action.ban(ban("192.0.2.1"));
    await action.ban(ban("2001:db8::1"));
    shell.fails = (text) => text === "flush s4";
    await assert.rejects(action.flush(), { message: "Error flushing action Jail('sshd')/a: 'Script error'" });
    shell.take();
    shell.fails = () => false;
    await action.flush();
    assert.deepEqual(shell.take(), ["flush s4"]);
  });
});

/** A firewall whose rules are there after a start and gone after a loss. */
function firewall(shell: FakeShell): { lost: boolean } {
  const state = { lost: false };
  shell.fails = (text) => {
    if (/^(start|repair)/.test(text)) state.lost = false;
    return state.lost;
  };
  return state;
}

describe("CommandAction: invariant check", () => {
  it("restarts what was lost and bans again", async () => {
    const { action, shell, log } = setup(TWO_FAMILIES);
    await action.ban(ban("192.0.2.1"));
    shell.take();
    firewall(shell).lost = true;
    await action.ban(ban("192.0.2.2"));
    assert.deepEqual(shell.take(), [
      "ban s4 192.0.2.2",
      "check s4",
      "stop s4",
      "start s4",
      "check s4",
      "ban s4 192.0.2.2",
    ]);
    assert.equal(action.epoch, 1);
    assert.ok(
      log.includes("fail2ban.CommandAction 40 Invariant check failed. Trying to restore a sane environment"),
    );
  });

  it("restarts an action without families at the first loss", async () => {
    const { action, shell } = setup(PLAIN);
    await action.start();
    shell.take();
    firewall(shell).lost = true;
    await action.ban(ban("192.0.2.2"));
    assert.deepEqual(shell.take(), ["ban 192.0.2.2", "check", "stop", "start", "check", "ban 192.0.2.2"]);
  });

  it("repairs instead of restarting where there is a command for it", async () => {
    const { action, shell } = setup({ ...TWO_FAMILIES, actionrepair: "repair <set> <family> <ip>" });
    await action.ban(ban("2001:db8::1"));
    shell.take();
    firewall(shell).lost = true;
    await action.ban(ban("2001:db8::2"));
    assert.deepEqual(shell.take(), [
      "ban s6 2001:db8::2",
      "check s6",
      "repair s6 inet6 <ip>",
      "check s6",
      "ban s6 2001:db8::2",
    ]);
  });

  it("gives up when the environment cannot be restored", async () => {
    const { action, shell, log } = setup(TWO_FAMILIES);
    shell.fails = (text) => !text.startsWith("start");
    await assert.rejects(action.ban(ban("192.0.2.1")), { message: "Error banning 192.0.2.1" });
    assert.deepEqual(shell.take(), [
      "start s4",
      "ban s4 192.0.2.1",
      "check s4",
      "stop s4",
      "start s4",
      "check s4",
    ]);
    assert.ok(log.includes("fail2ban.CommandAction 50 Unable to restore environment"));
  });

  it("repairs nothing for an unban", async () => {
    const { action, shell, log } = setup(TWO_FAMILIES);
    await action.ban(ban("192.0.2.1"));
    shell.take();
    firewall(shell).lost = true;
    await assert.rejects(action.unban(ban("192.0.2.1")), { message: "Error unbanning 192.0.2.1" });
    assert.deepEqual(shell.take(), ["unban s4 192.0.2.1", "check s4"]);
    assert.equal(action.epoch, 0);
    assert.ok(log.includes("fail2ban.CommandAction 40 Invariant check failed. Unban is impossible."));
  });

  it("only stops for an unban when told to repair and the next ban starts anyway", async () => {
    const { action, shell } = setup({ ...TWO_FAMILIES, actionrepair_on_unban: true });
    await action.ban(ban("192.0.2.1"));
    shell.take();
    firewall(shell).lost = true;
    await assert.rejects(action.unban(ban("192.0.2.1")));
    assert.deepEqual(shell.take(), ["unban s4 192.0.2.1", "check s4", "stop s4", "unban s4 192.0.2.1"]);
    await action.ban(ban("192.0.2.2"));
    assert.deepEqual(shell.take(), ["start s4", "ban s4 192.0.2.2"]);
  });

  it("leaves a family without bans in peace after its restart", async () => {
    const { action, shell } = setup(TWO_FAMILIES);
    await action.ban(ban("192.0.2.1"));
    firewall(shell).lost = true;
    assert.equal(await action.consistencyCheck(), true);
    shell.take();
    await action.unban(ban("192.0.2.1"));
    assert.deepEqual(shell.take(), []);
  });

  it("checks every started family once", async () => {
    const { action, shell } = setup(TWO_FAMILIES);
    assert.equal(await action.consistencyCheck(), true);
    assert.deepEqual(shell.take(), []);
    await action.ban(ban("192.0.2.1"));
    await action.ban(ban("2001:db8::1"));
    shell.take();
    assert.equal(await action.consistencyCheck(), true);
    assert.deepEqual(shell.take(), ["check s4", "check s6"]);
  });

  it("asks before it repairs, and takes a damaged family for stopped", async () => {
    const { action, shell } = setup(TWO_FAMILIES);
    await action.ban(ban("192.0.2.1"));
    shell.take();
    firewall(shell).lost = true;
    assert.equal(await action.consistencyCheck(() => false), false);
    assert.deepEqual(shell.take(), ["check s4"]);
    await action.ban(ban("192.0.2.2"));
    assert.deepEqual(shell.take(), ["start s4", "ban s4 192.0.2.2"]);
  });
});

describe("CommandAction: options", () => {
  it("has the documented ones", () => {
    const { action } = setup({ actname: "tracer", name: "sshd", out: "x" });
    assert.deepEqual(
      action.propertyNames.join(", "),
      "ESCAPE_CRE, ESCAPE_VN_CRE, actionban, actioncheck, actionflush, actionreban, actionreload, actionrepair, " +
        "actionstart, actionstop, actionunban, actname, banEpoch, name, out, timeout",
    );
  });

  it("reads and sets them", () => {
    const { action } = setup({});
    action.set("colour", "blue");
    assert.equal(action.get("colour"), "blue");
    assert.equal(action.get("timeout"), 60);
    action.set("timeout", "1m");
    assert.equal(action.get("timeout"), 60);
    assert.equal(action.get("banEpoch"), 0);
    action.set("bantime", "5");
    for (const name of ["bantime", "nosuch"]) {
      assert.throws(() => action.get(name), {
        className: "AttributeError",
        message: `'CommandAction' object has no attribute '${name}'`,
      });
    }
  });

  it("takes effect at once, and is emptied for a reload", async () => {
    const { action, shell } = setup({ ...PLAIN, actionreload: "reload", mode: "m", norestored: true });
    await action.start();
    action.set("actionban", "ban2 <mode> <ip>");
    await action.ban(ban("192.0.2.1"));
    await action.reload();
    action.clearAllParams();
    assert.equal(action.get("mode"), "m");
    assert.equal(action.get("actionban"), "");
    assert.equal(action.norestored, true);
    await action.ban(ban("192.0.2.2"));
    await action.reload();
    assert.deepEqual(shell.take(), ["start", "ban2 m 192.0.2.1", "reload"]);
  });

  it("uses a command's own variant for a family", async () => {
    const { action, shell } = setup({ actionban: "ban4 <ip>", "actionban?family=inet6": "ban6 <ip>" });
    await action.ban(ban("192.0.2.1"));
    await action.ban(ban("2001:db8::1"));
    assert.deepEqual(shell.take(), ["ban4 192.0.2.1", "ban6 2001:db8::1"]);
  });

  it("refuses options that refer to themselves", async () => {
    const { action } = setup({ actionban: "<a>", a: "<b>", b: "<a>" });
    await assert.rejects(action.ban(ban("192.0.2.1")), { className: "ValueError" });
  });
});

describe("CommandAction: several operations together", () => {
  const nft = {
    actionstart: "start <set>",
    actionstop: "stop <set>",
    actioncheck: "check <set>",
    actionban: "nft add element inet t <set> { <ip> }",
    actionunban: "nft delete element inet t <set> { <ip> }",
    set: "s4",
    "set?family=inet6": "s6",
  };
  const operation = (kind: BanOperation["kind"], ip: string): BanOperation => ({ kind, info: ban(ip) });

  /** Carries all operations out as the queue does, and answers with the errors. */
  async function runAll(action: CommandAction, operations: readonly BanOperation[]) {
    const errors: (string | null)[] = [];
    while (errors.length < operations.length) {
      const some = await action.runSome(operations.slice(errors.length));
      assert.ok(some.length > 0);
      errors.push(...some.map((error) => error && str(error as PyError)));
    }
    return errors;
  }

  it("starts families, skips unbans of what holds nothing, and applies one transaction", async () => {
    const { action, shell, transactions } = setup(nft);
    const operations = [
      operation("unban", "192.0.2.9"),
      operation("ban", "192.0.2.1"),
      operation("ban", "2001:db8::1"),
      operation("unban", "192.0.2.1"),
    ];
    // The first ban of a family starts it by itself, in the order of events.
    assert.deepEqual(await runAll(action, operations), [null, null, null, null]);
    assert.deepEqual(shell.take(), ["start s4", "start s6"]);
    assert.deepEqual(
      transactions.take().join(""),
      [
        "add element inet t s4 { 192.0.2.1 }\nadd element inet t s6 { 2001:db8::1 }\ndelete element inet t s4 { 192.0.2.1 }\n",
      ].join(""),
    );
    await action.flush();
    await action.stop();
    assert.deepEqual(shell.take(), ["stop s4", "stop s6"]);
  });

  it("renews in one transaction, and only where bans are", async () => {
    const { action, shell, transactions } = setup({ ...nft, actionrenew: nft.actionban });
    await action.ban(ban("192.0.2.1"));
    shell.take();
    transactions.take();
    const renewals = ["192.0.2.1", "2001:db8::1", "192.0.2.2"].map((ip) => operation("renew", ip));
    assert.deepEqual(await runAll(action, renewals), [null, null, null]);
    assert.deepEqual(transactions.take(), ["add element inet t s4 { 192.0.2.1, 192.0.2.2 }\n"]);
    assert.deepEqual(shell.take(), []);
  });

  it("finds the one that fails, tells why, and carries out the others", async () => {
    const { action, shell, transactions, log } = setup(nft);
    transactions.fails = (text) => text.includes("192.0.2.66");
    shell.fails = (script) => script.includes("192.0.2.66");
    const ips = Array.from({ length: 100 }, (_, index) => `192.0.2.${index}`);
    const errors = await runAll(
      action,
      ips.map((ip) => operation("ban", ip)),
    );
    assert.deepEqual(errors.map((error, index) => (error ? [index, error] : null)).filter(Boolean), [
      [66, "Error banning 192.0.2.66"],
    ]);
    const done = transactions.take().join("");
    for (const ip of ips)
      if (!ip.endsWith(".66")) assert.ok(done.includes(` ${ip} `) || done.includes(` ${ip},`), ip);
    assert.deepEqual(shell.take(), [
      "start s4",
      "nft add element inet t s4 { 192.0.2.66 }",
      "check s4",
      "nft add element inet t s4 { 192.0.2.66 }",
    ]);
    assert.equal(log.length, 4, "text and exit code of two failures");
  });

  it("repairs what is lost once, then goes on together", async () => {
    const { action, shell, transactions } = setup(nft);
    await action.ban(ban("192.0.2.1"));
    let lost = true;
    transactions.fails = () => lost;
    shell.fails = (script) => {
      if (script === "start s4") lost = false;
      return lost && /^(nft|check)/.test(script);
    };
    shell.take();
    transactions.take();
    const operations = Array.from({ length: 10 }, (_, index) => operation("ban", `192.0.2.${index}`));
    assert.deepEqual(
      await runAll(action, operations),
      operations.map(() => null),
    );
    assert.deepEqual(shell.take(), [
      "nft add element inet t s4 { 192.0.2.0 }",
      "check s4",
      "stop s4",
      "start s4",
      "check s4",
      "nft add element inet t s4 { 192.0.2.0 }",
    ]);
    assert.equal(action.epoch, 1);
    assert.ok(transactions.take().length <= 4);
  });

  it("tells each ban whose family cannot be started", async () => {
    const { action, shell } = setup(nft);
    shell.fails = (script) => script === "start s6";
    const ips = ["192.0.2.1", "2001:db8::1", "192.0.2.2"];
    assert.deepEqual(
      await runAll(
        action,
        ips.map((ip) => operation("ban", ip)),
      ),
      [null, "Error starting action Jail('sshd')/a: 'Script error'", null],
    );
  });
});
