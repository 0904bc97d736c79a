import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { COMMANDS } from "../client/command-table.ts";
import { Jails } from "../jail/jails.ts";
import { makeTestServices } from "../jail/testing.ts";
import { LogOutput } from "../log/log-output.ts";
import { IPv6Setting } from "../net/ipv6.ts";
import { repr } from "../pyvalue/repr.ts";
import { PyError, type PyValue } from "../pyvalue/value.ts";
import { DatabaseSlot } from "../store/database-slot.ts";
import { CommandTable } from "./commands.ts";
import { permits, ROLES, type Role } from "./role.ts";
import { ServerSettings } from "./server-settings.ts";

/** What each first word needs; those with several roles say so by their other words. */
const NEEDED: Readonly<Record<Role, string>> = {
  read: "ping echo version server-status status stats statistic statistics banned get search history why problems profile",
  ban: "ban unban",
  admin: "sleep config-error server-stream flushlogs add start stop reload set multi-set",
};

/** Commands of the client's table that need another role than their first word says. */
const EXCEPTIONS: readonly (readonly [RegExp, Role])[] = [
  [/^set <JAIL> (?:banip|unbanip|attempt) /, "ban"],
  [/^get <JAIL> action <ACT> /, "admin"],
  [/^profile \[--reset\] /, "admin"],
];

/** Commands that are the client's own, or have a form of their own on the wire. */
const OF_THE_CLIENT = /^(?:start|restart.*|reload.*|explain .*|top .*|completion .*|help)$/;

function setUp(t: TestContext) {
  const services = makeTestServices();
  const { clock, hub } = services;
  const jails = new Jails(services);
  t.after(() => services.files.close());
  let quits = 0;
  const table = new CommandTable({
    jails,
    settings: new ServerSettings({
      output: new LogOutput({ hub, clock }),
      database: new DatabaseSlot({ clock, log: hub.logger("database"), inUse: () => true }),
      ipv6: new IPv6Setting(() => true),
      log: hub.logger("server"),
    }),
    log: hub.logger("transmitter"),
    serverLog: hub.logger("server"),
    clock,
    quit: async () => void quits++,
  });
  return { ...services, jails, table, quits: () => quits };
}

function neededFor(entry: string): Role {
  const exception = EXCEPTIONS.find(([pattern]) => pattern.test(entry));
  const word = entry.split(" ")[0] ?? "";
  const role = exception?.[1] ?? ROLES.find((one) => NEEDED[one].split(" ").includes(word));
  assert.ok(role, `nobody has said who may send '${entry}'`);
  return role;
}

/** The commands of the client's table as words that mean something to the jail of the test. */
function samples(): { entry: string; words: string[] }[] {
  const entries = COMMANDS.flatMap(({ commands }) => commands.map(([command]) => command));
  return entries
    .filter((entry) => !OF_THE_CLIENT.test(entry))
    .map((entry) => {
      const text = entry
        .replaceAll("<JAIL>", "j")
        .replaceAll("<ACT>", "act")
        .replaceAll("<IP>", "192.0.2.7")
        .replaceAll(/ \.\.\. \S+/g, "")
        .replaceAll(/[[\]<>']/g, "");
      return { entry, words: text.split(" ").filter((word) => word !== "...") };
    });
}

test("stronger roles may do what weaker ones may", () => {
  const table = ROLES.map((role) => ROLES.map((needed) => (permits(role, needed) ? 1 : 0)).join(""));
  assert.deepEqual(table, ["100", "110", "111"]);
});

test("each command has its role", (t) => {
  const { table } = setUp(t);
  const listed = Object.values(NEEDED).flatMap((names) => names.split(" "));
  assert.deepEqual(listed.toSorted(), table.names.toSorted(), "every command is on the list of this test");
  for (const role of ROLES) {
    for (const name of NEEDED[role].split(" ")) assert.equal(table.roleOf([name, "x"]), role, name);
  }
  for (const { entry, words } of samples()) assert.equal(table.roleOf(words), neededFor(entry), entry);
  assert.equal(table.roleOf(["set", "loglevel", "banip"]), "admin");
  assert.equal(table.roleOf(["multi-set", "j", "banip", []]), "admin");
  assert.equal(table.roleOf(["nonsense"]), "read");
});

test("what a role does not permit is refused, and changes nothing", async (t) => {
  const { table, jails, runner, quits } = setUp(t);
  const run = (...command: PyValue[]) => table.execute(command);
  await run("add", "j", "polling");
  await run("set", "j", "addfailregex", "^x <ADDR>$");
  await run("set", "j", "addaction", "act");
  await run("set", "j", "action", "act", "actionban", "ban <ip>");
  await run("start", "j");
  await run("set", "j", "banip", "192.0.2.7");
  const questions = samples().filter(({ words }) => words[0] === "get" && !words.includes("action"));
  const state = async () => {
    const answers: PyValue[] = [await run("status", "--all"), [...runner.commands], quits()];
    for (const { words } of questions) {
      answers.push(await run(...words).catch((error: PyError) => repr(error)));
    }
    return repr(answers);
  };
  const before = await state();
  const commands: PyValue[][] = [
    ...samples().map(({ words }) => words),
    ...table.names.map((name) => [name, "j", "192.0.2.7", "1"]),
    ["server-stream", [["stop"]]],
    ["reload", "--all", [], []],
    ["multi-set", "j", "action", "act", [["actionban", "x"]]],
  ];
  let refused = 0;
  for (const role of ["read", "ban"] as const) {
    for (const command of commands) {
      const needed = table.roleOf(command);
      if (permits(role, needed)) continue;
      await assert.rejects(
        table.execute(command, role),
        (error) =>
          error instanceof PyError &&
          error.className === "PermissionError" &&
          String(error.args[0]).includes(`needs the role '${needed}', this socket has the role '${role}'`),
        String(command),
      );
      refused++;
    }
  }
  assert.ok(refused > 130, String(refused));
  assert.equal(await state(), before);
  assert.equal(await table.execute(["unban", "192.0.2.7"], "ban"), 1);
  assert.equal(await table.execute(["ban", "192.0.2.8"], "ban"), 1);
  assert.equal(jails.get("j").bans.size, 1);
  assert.equal(await table.execute(["ping"], "read"), "pong");
});
