import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Jails } from "../jail/jails.ts";
import { makeTestServices, settle } from "../jail/testing.ts";
import { LogOutput } from "../log/log-output.ts";
import { IPv6Setting } from "../net/ipv6.ts";
import { repr } from "../pyvalue/repr.ts";
import { PyError, type PyValue } from "../pyvalue/value.ts";
import { DatabaseSlot } from "../store/database-slot.ts";
import { CommandTable } from "./commands.ts";
import { ServerSettings } from "./server-settings.ts";

function setUp(t: TestContext) {
  const services = makeTestServices();
  const { clock, hub } = services;
  const jails = new Jails(services);
  t.after(() => services.files.close());
  const settings = new ServerSettings({
    output: new LogOutput({ hub, clock }),
    database: new DatabaseSlot({ clock, log: hub.logger("database"), inUse: () => jails.names().length > 0 }),
    ipv6: new IPv6Setting(() => true),
    log: hub.logger("server"),
  });
  let quits = 0;
  const table = new CommandTable({
    jails,
    settings,
    log: hub.logger("transmitter"),
    serverLog: hub.logger("server"),
    clock,
    quit: async () => void quits++,
  });
  const run = (...command: PyValue[]) => table.execute(command);
  const shown = async (...command: PyValue[]) => repr(await run(...command));
  return { ...services, jails, run, shown, quits: () => quits };
}

/** A jail with one action, as a configuration makes it. */
function jailStream(name: string, failregex: string, extra: PyValue[][] = []): PyValue[][] {
  return [
    ["add", name, "polling"],
    ["set", name, "usedns", "no"],
    ["set", name, "addfailregex", failregex],
    ["set", name, "maxretry", 2],
    ["set", name, "findtime", "10m"],
    ["set", name, "bantime", "1h"],
    ["set", name, "addignoreip", "192.0.2.250"],
    ["set", name, "addaction", "act"],
    [
      "multi-set",
      name,
      "action",
      "act",
      [
        ["actionban", "ban <ip>"],
        ["actionunban", "unban <ip>"],
      ],
    ],
    ...extra,
  ];
}

const GOOD = "^ failure from <HOST>$";
const starts = (...names: string[]) => names.map((name) => ["start", name]);

test("basic commands", async (t) => {
  const { run, shown, quits } = setUp(t);
  assert.equal(await run("ping"), "pong");
  assert.equal(await shown("echo", "a", "b"), "['a', 'b']");
  assert.equal(await run("server-status"), "Server ready");
  assert.equal(await shown("status"), "[('Number of jail', 0), ('Jail list', '')]");
  assert.equal(await run("config-error", "told"), null);
  await run("stop");
  assert.equal(quits(), 1);
});

test("failures have the class and text of the reference", async (t) => {
  const { run } = setUp(t);
  const error = async (...command: PyValue[]) => {
    try {
      await run(...command);
      return "no error";
    } catch (e) {
      return e instanceof PyError ? repr(e) : String(e);
    }
  };
  assert.equal(await error("nonsense"), "Exception('Invalid command')");
  assert.equal(await error(), "IndexError('list index out of range')");
  assert.equal(await error("get"), "IndexError('list index out of range')");
  assert.equal(await error("get", "allowipv6"), "IndexError('list index out of range')");
  assert.equal(await error("status", "nojail"), "UnknownJailException('nojail')");
  assert.equal(await error("status", "a", "b", "c"), "Exception('Invalid command (no status)')");
  assert.equal(await error("add", "--all"), `Exception("Reserved name '--all'")`);
  assert.equal(
    await error("add", "j", "teleport"),
    `ValueError("Unknown backend teleport. Must be among ['pyinotify', 'polling', 'systemd'] or 'auto'")`,
  );
  assert.equal(
    await error("get", "nojail", "nosuch"),
    "Exception('Invalid command (no get action or not yet implemented)')",
  );
  await run("add", "j", "polling");
  assert.equal(await error("add", "j", "polling"), "DuplicateJailException('j')");
  assert.equal(
    await error("set", "j", "nosuch", "1"),
    `Exception("Invalid command 'nosuch' (no set action or not yet implemented)")`,
  );
  assert.equal(
    await error("set", "j", "maxretry", "1.5"),
    `ValueError("invalid literal for int() with base 10: '1.5'")`,
  );
  assert.equal(
    await error("set", "j", "addfailregex", "^x$"),
    `RegexException("No failure-id group in '^x$'")`,
  );
  assert.equal(await error("get", "j", "action", "none", "timeout"), "KeyError('Invalid Action name: none')");
  assert.equal(
    await error("set", "j", "addlogpath", "/nonexistent/file"),
    "FileNotFoundError(2, 'No such file or directory', '/nonexistent/file')",
  );
});

test("options of a jail answer what was set", async (t) => {
  const { run, shown } = setUp(t);
  await run("add", "j", "polling");
  assert.equal(await shown("get", "j", "findtime"), "600");
  assert.equal(await shown("set", "j", "findtime", "1mo"), "2629800.0");
  assert.equal(await shown("set", "j", "bantime", "90.9"), "90");
  assert.equal(await shown("get", "j", "ignorecommand"), "False");
  assert.equal(await shown("set", "j", "usedns", "WARN"), "'warn'");
  assert.equal(
    await shown("set", "j", "addignoreip", "10.0.0.0/8", "192.0.2.1"),
    "['10.0.0.0/8', '192.0.2.1']",
  );
  assert.equal(await shown("set", "j", "idle", "on"), "True");
  assert.equal(
    await shown("set", "j", "ignorecache", 'key="<ip>", max-count=10, max-time=30s'),
    "['<ip>', 10, 30]",
  );
  assert.equal(await shown("get", "j", "bantime.increment"), "None");
  assert.equal(await shown("set", "j", "bantime.increment", "true"), "True");
  assert.equal(await shown("get", "j", "datepattern"), "(None, 'Default Detectors')");
  assert.equal(await shown("set", "j", "datepattern", "EPOCH"), "(None, 'Epoch')");
  assert.equal(
    await shown("set", "j", "prefregex", "^p <F-CONTENT>.+</F-CONTENT>$"),
    "'^p (?P<content>.+)$'",
  );
  assert.equal(await shown("set", "allowipv6", "perhaps"), "'perhaps'");
  assert.equal(await shown("get", "thread"), "{'stacksize': 0}");
});

test("bans by hand, lists, times and lifting", async (t) => {
  const { run, shown, clock, runner } = setUp(t);
  await run("server-stream", [...jailStream("j", GOOD), ...starts("j")]);
  assert.equal(await run("set", "j", "banip", "192.0.2.1", "2001:DB8::5", "203.0.113.77/24"), 3);
  assert.equal(await run("set", "j", "banip", "2001:db8:0::5"), 0);
  assert.equal(await shown("get", "j", "banned"), "['192.0.2.1', '2001:db8::5', '203.0.113.0/24']");
  assert.equal(await shown("get", "j", "banned", "192.0.2.1", "192.0.2.9"), "[1, 0]");
  assert.match(await shown("get", "j", "banip", "--with-time"), /^\['192\.0\.2\.1 \\t.* \+ 3600 = /);
  assert.equal(await shown("banned", "192.0.2.1"), "[['j']]");
  assert.equal(await run("set", "j", "unbanip", "192.0.2.1"), 1);
  await assert.rejects(
    run("set", "j", "unbanip", "--report-absent", "192.0.2.1"),
    /not banned: \['192.0.2.1'\]/,
  );
  assert.equal(await run("unban", "203.0.113.0/24"), 1);
  assert.equal(await run("unban", "--all"), 1);
  clock.advance(1);
  assert.deepEqual(runner.commands, [
    "ban 192.0.2.1",
    "ban 2001:db8::5",
    "ban 203.0.113.0/24",
    "unban 192.0.2.1",
    "unban 203.0.113.0/24",
    "unban 2001:db8::5",
  ]);
});

test("a ban ends when its time is over", async (t) => {
  const { run, shown, clock, takeLog } = setUp(t);
  await run("server-stream", [...jailStream("j", GOOD), ...starts("j")]);
  await run("set", "j", "banip", "192.0.2.1");
  clock.advance(3599);
  assert.equal(await shown("get", "j", "banned"), "['192.0.2.1']");
  takeLog();
  clock.advance(2);
  await settle();
  assert.equal(await shown("get", "j", "banned"), "[]");
  assert.deepEqual(takeLog(), ["actions: [j] Unban 192.0.2.1"]);
});

test("attempts count as failures and lead to a ban", async (t) => {
  const { run, shown, takeLog } = setUp(t);
  await run("server-stream", [...jailStream("j", GOOD), ...starts("j")]);
  takeLog();
  assert.equal(await run("set", "j", "attempt", "192.0.2.250"), 0);
  assert.equal(await run("set", "j", "attempt", "192.0.2.7"), 1);
  assert.equal(await run("set", "j", "attempt", "192.0.2.7", "line"), 1);
  assert.equal(await shown("get", "j", "banned"), "['192.0.2.7']");
  assert.deepEqual(
    takeLog().map((line) => line.replace(/ - .*/, "")),
    [
      "filter: [j] Ignore 192.0.2.250 by ip",
      "filter: [j] Attempt 192.0.2.7",
      "filter: [j] Attempt 192.0.2.7",
      "actions: [j] Ban 192.0.2.7",
    ],
  );
});

test("a jail that cannot be set up does not keep the others from starting", async (t) => {
  const { run, shown, takeLog } = setUp(t);
  const stream = [...jailStream("bad", "^ ( <HOST>"), ...jailStream("good", GOOD), ...starts("bad", "good")];
  await assert.rejects(run("server-stream", stream), /Unable to compile regular expression/);
  assert.equal(await shown("status"), "[('Number of jail', 1), ('Jail list', 'good')]");
  assert.ok(takeLog().some((line) => line.startsWith("server: Jail 'bad' is not started")));
});

test("the log names the option that keeps a jail from starting", async (t) => {
  const { run, takeLog } = setUp(t);
  for (const [option, value, reason] of [
    ["verify", "often", "verify = often: "],
    ["bantime", "1 parsec", "bantime = 1 parsec: "],
  ] as const) {
    const stream = [...jailStream("bad", GOOD, [["set", "bad", option, value]]), ...starts("bad")];
    await assert.rejects(run("server-stream", stream));
    const said = takeLog().filter((line) => line.includes("is not started"));
    assert.equal(said.length, 1);
    assert(said[0]!.includes(`cannot be used: ${reason}`), said.join());
  }
});

test("a reload keeps bans and failures and changes options", async (t) => {
  const { run, shown, takeLog } = setUp(t);
  await run("server-stream", [...jailStream("j", GOOD), ...starts("j")]);
  await run("set", "j", "banip", "192.0.2.1");
  await run("set", "j", "attempt", "192.0.2.7");
  takeLog();
  const changed = jailStream("j", "^ other <HOST>$", [["set", "j", "maxretry", 9]]);
  assert.equal(await run("reload", "--all", [], [...changed, ...starts("j")]), "OK");
  assert.equal(await shown("get", "j", "banned"), "['192.0.2.1']");
  assert.equal(await shown("get", "j", "maxretry"), "9");
  assert.match(await shown("get", "j", "failregex"), /^\['\^ other /);
  assert.match(await shown("status", "j"), /'Currently failed', 1/);
  const log = takeLog();
  assert.equal(log[0], "server: Reload all jails");
  assert.ok(log.includes("server: Reload jail 'j'"));
  assert.deepEqual(log.slice(-2), ["server: Jail 'j' reloaded", "server: Reload finished."]);
});

test("a jail whose new configuration is unusable goes on with the old one, with its bans", async (t) => {
  const { run, shown, runner, takeLog } = setUp(t);
  await run("server-stream", [...jailStream("a", GOOD), ...jailStream("b", GOOD), ...starts("a", "b")]);
  await run("set", "a", "banip", "192.0.2.1");
  await run("set", "b", "banip", "192.0.2.2");
  runner.commands.length = 0;
  takeLog();
  const stream = [...jailStream("a", "^ ( <HOST>"), ...jailStream("b", "^ new <HOST>$"), ...starts("a", "b")];
  await assert.rejects(run("reload", "--all", [], stream), /Unable to compile/);
  assert.equal(await shown("banned"), "[{'a': ['192.0.2.1']}, {'b': ['192.0.2.2']}]");
  assert.match(await shown("get", "a", "failregex"), /^\['\^ failure from /);
  assert.match(await shown("get", "b", "failregex"), /^\['\^ new /);
  assert.deepEqual(runner.commands, []);
  assert.ok(takeLog().some((line) => line.startsWith("server: Jail 'a' keeps its old configuration")));
  await run("set", "a", "attempt", "192.0.2.7", "1", "2");
  assert.equal(await shown("get", "a", "banned", "192.0.2.7"), "1", "it still bans");
});

test("jails that are gone from the configuration stop, new ones start", async (t) => {
  const { run, shown, runner } = setUp(t);
  await run("server-stream", [...jailStream("old", GOOD), ...starts("old")]);
  await run("set", "old", "banip", "192.0.2.1");
  await run("reload", "--all", [], [...jailStream("new", GOOD), ...starts("new")]);
  assert.equal(await shown("status"), "[('Number of jail', 1), ('Jail list', 'new')]");
  assert.deepEqual(runner.commands, ["ban 192.0.2.1", "unban 192.0.2.1"]);
});

test("an action that is new in a reload enforces the bans in force, a removed one takes them back", async (t) => {
  const { run, shown, runner } = setUp(t);
  await run("server-stream", [...jailStream("j", GOOD), ...starts("j")]);
  await run("set", "j", "banip", "192.0.2.1");
  runner.commands.length = 0;
  const more = jailStream("j", GOOD, [
    ["set", "j", "addaction", "second"],
    [
      "multi-set",
      "j",
      "action",
      "second",
      [
        ["actionban", "second <ip>"],
        ["actionunban", "second undo <ip>"],
      ],
    ],
  ]);
  await run("reload", "--all", [], [...more, ...starts("j")]);
  assert.equal(await shown("get", "j", "actions"), "['act', 'second']");
  assert.deepEqual(runner.commands, ["second 192.0.2.1"]);
  await run("reload", "--all", [], [...jailStream("j", GOOD), ...starts("j")]);
  assert.deepEqual(runner.commands, ["second 192.0.2.1", "second undo 192.0.2.1"]);
  assert.equal(await shown("get", "j", "banned"), "['192.0.2.1']");
});

test("a formula that cannot be evaluated does not keep a repeat offender from being banned", async (t) => {
  const { run, runner, clock, takeLog } = setUp(t);
  const increment = [
    ["set", "j", "bantime.increment", true],
    ["set", "j", "bantime.formula", "ban.Time * nosuch"],
  ];
  await run("server-stream", [...jailStream("j", GOOD, increment), ...starts("j")]);
  await run("set", "j", "banip", "192.0.2.1");
  clock.advance(3700);
  await settle();
  takeLog();
  assert.equal(await run("set", "j", "banip", "192.0.2.1"), 1);
  assert.deepEqual(runner.commands, ["ban 192.0.2.1", "unban 192.0.2.1", "ban 192.0.2.1"]);
  assert.ok(
    takeLog().some((line) =>
      /bantime\.formula 'ban\.Time \* nosuch' cannot be evaluated: .*'nosuch'/.test(line),
    ),
  );
});

test("what is banned while all bans are lifted is not forgotten with them", async (t) => {
  const { run, shown, database, jails } = setUp(t);
  await run("server-stream", [...jailStream("j", GOOD), ...starts("j")]);
  await run("set", "j", "banip", "192.0.2.1");
  // Failures in a log ban at once, also while a command is at work; a ban by hand goes the same way.
  const jail = jails.get("j");
  await Promise.all([jail.unbanAll(), jail.banByHand(["192.0.2.7"])]);
  assert.equal(await shown("get", "j", "banned"), "['192.0.2.7']");
  assert.ok(database()?.banHistory("192.0.2.7", "j"));
  assert.equal(database()?.banHistory("192.0.2.1", "j"), null);
});

test("bans come back from the database when a jail starts again", async (t) => {
  const { run, shown, takeLog } = setUp(t);
  await run("server-stream", [...jailStream("j", GOOD), ...starts("j")]);
  await run("set", "j", "banip", "192.0.2.1");
  await run("stop", "j");
  takeLog();
  await run("server-stream", [...jailStream("j", GOOD), ...starts("j")]);
  await settle();
  assert.equal(await shown("get", "j", "banned"), "['192.0.2.1']");
  assert.ok(takeLog().includes("actions: [j] Restore Ban 192.0.2.1"));
});

test("lines of a log are found, counted, and lead to a ban", async (t) => {
  const { run, shown, clock } = setUp(t);
  const folder = mkdtempSync(join(tmpdir(), "f2b-jail-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const log = join(folder, "log");
  const line = (ip: string) => `${new Date(clock.now() * 1000).toISOString()} failure from ${ip}\n`;
  writeFileSync(log, line("192.0.2.7") + line("192.0.2.250") + line("192.0.2.7"));
  await run("server-stream", [
    ...jailStream("j", GOOD, [["set", "j", "addlogpath", log, "head"]]),
    ...starts("j"),
  ]);
  const deadline = performance.now() + 120_000;
  while ((await shown("get", "j", "banned")) === "[]" && performance.now() < deadline) await settle();
  assert.equal(await shown("get", "j", "banned"), "['192.0.2.7']");
});

test("a ban that waits for its action keeps nobody from banning, one that is only told of is not waited for", async (t) => {
  const { run, jails, runner } = setUp(t);
  const slow = Promise.withResolvers<void>();
  const quick = runner.run.bind(runner);
  runner.run = async (command) => {
    if (/^(?:mail|ban 192\.0\.2\.1)/.test(command.script)) await slow.promise;
    return quick(command);
  };
  for (const name of ["j", "k"]) await run("server-stream", jailStream(name, "^x <ADDR>"));
  await run("set", "k", "addaction", "mail");
  await run("set", "k", "action", "mail", "actionban", "mail <ip>");
  for (const name of ["j", "k"]) await run("start", name);
  const waiting = run("set", "j", "banip", "192.0.2.1");
  assert.equal(await run("set", "k", "banip", "192.0.2.2"), 1);
  assert.equal(await run("unban", "192.0.2.2"), 1);
  assert.equal(await run("set", "k", "maxretry", 7), 7);
  assert.deepEqual(runner.commands.slice(-2), ["ban 192.0.2.2", "unban 192.0.2.2"]);
  slow.resolve();
  assert.equal(await waiting, 1);
  await settle();
  assert.ok(runner.commands.includes("mail 192.0.2.2"), "the mail is sent in the end");
  for (const jail of jails.all()) await jail.stop();
});
