import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { seededRandom } from "../bench/generate.ts";
import { ControlConnection } from "../src/control/connection.ts";
import { repr } from "../src/pyvalue/repr.ts";
import { PyError, type PyValue } from "../src/pyvalue/value.ts";
import { systemClock } from "../src/time/clock.ts";
import { differenceOf, normalize } from "./command-differences.ts";
import { type Flavor, Instance } from "./instance.ts";
import { RandomCommands } from "./random-commands.ts";
import { NEWER_REFERENCE, REFERENCE, type Reference } from "./reference.ts";

/**
 * The same random commands for our server and for those of both packages, three jails each: equal answers but for the
 * differences of command-differences.ts. `COMMANDS=N` and `SEED=N` make other and longer runs.
 */

const COUNT = Number(process.env["COMMANDS"] ?? 2000);
const SEED = Number(process.env["SEED"] ?? 5);
/** The reference bans in a thread of its own, so a question may have to be asked again. */
const PATIENCE_MS = 30_000;
const JAILS = ["one", "two", "three"];

describe(`${COUNT} random commands`, { concurrency: 2 }, () => {
  for (const reference of [REFERENCE, NEWER_REFERENCE]) {
    test(`are answered as by fail2ban ${reference.release}`, { skip: reference.skip() }, (t) =>
      compareAnswers(t, reference),
    );
  }
});

async function compareAnswers(t: TestContext, reference: Reference): Promise<void> {
  const world = mkdtempSync(join(tmpdir(), "f2b-random-"));
  t.after(() => rmSync(world, { recursive: true, force: true }));
  const flavors: readonly Flavor[] = ["ours", "reference"];
  const [ours, theirs] = await Promise.all(flavors.map((flavor) => start(t, world, flavor, reference)));
  const both = (command: PyValue[]): Promise<[string, string]> =>
    Promise.all([ours!.ask(command), theirs!.ask(command)]);
  for (const jail of JAILS) for (const command of setUp(jail)) await both(command);
  const commands = new RandomCommands(seededRandom(SEED), { jails: JAILS, idler: "three", folder: "{DIR}" });
  const unequal: string[] = [];
  const explained = new Map<string, number>();
  for (let i = 0; i < COUNT && unequal.length < 20; i++) {
    const command = commands.next();
    if (command[0] === "stop" && command.length === 1) continue;
    // Bans that would come back with a jail do so when the reference's threads find the time.
    if (command[0] === "stop") await both(["unban", "--all"]);
    const answers = await (isQuestion(command) ? bothAgree(both, command) : both(command));
    // A jail that one of the commands stopped comes back, or soon nothing would be left to compare.
    if (command[0] === "stop") for (const again of setUp(String(command[1]))) await both(again);
    // Ours has banned by now.
    if (command[2] === "attempt") await bothAgree(both, ["status", command[1] ?? null]);
    if (process.env["TRACE"]) console.log(`#${i} ${repr(command)} -> ${answers[1]}`);
    if (same(answers)) continue;
    const reason = differenceOf(command, ...answers);
    if (reason) explained.set(reason, (explained.get(reason) ?? 0) + 1);
    else unequal.push(`#${i} ${repr(command)}\n  ours   ${answers[0]}\n  theirs ${answers[1]}`);
  }
  for (const [reason, times] of explained) t.diagnostic(`${times} x ${reason}`);
  assert.equal(unequal.length, 0, `\n${unequal.join("\n")}`);
}

interface Server {
  /** The answer in Python notation, free of what differs between two servers by nature. */
  ask(command: PyValue[]): Promise<string>;
}

async function start(t: TestContext, world: string, flavor: Flavor, reference: Reference): Promise<Server> {
  const instance = new Instance({ flavor, reference, tree: reference.tree()! });
  t.after(() => instance.dispose());
  const folder = join(world, flavor);
  mkdirSync(folder);
  for (const file of ["a.log", "b.log"]) writeFileSync(join(folder, file), "");
  instance.start();
  const connection = await ControlConnection.open(instance.path("f2b.sock"), { clock: systemClock });
  t.after(() => connection.close());
  const expressions = await expressionsOf(connection);
  return {
    async ask(command) {
      const own = replaceFolder(command, folder) as PyValue[];
      const answer = await connection.send(own).catch((error: Error) => error);
      if (answer instanceof Error && !(answer instanceof PyError)) return `${answer.name}: ${answer.message}`;
      return normalize(nameExpressions(inOrder(own, answer), expressions), folder, instance.dir);
    },
  };
}

/** Single addresses that are ignored come in no particular order. */
function inOrder(command: readonly PyValue[], answer: PyValue): PyValue {
  const sorts = typeof command[2] === "string" && command[2].endsWith("ignoreip");
  return sorts && Array.isArray(answer) ? answer.map(String).sort() : answer;
}

/** What a server makes of the tags in expressions: its own wording → the tag, the longest first. */
async function expressionsOf(connection: ControlConnection): Promise<[text: string, tag: string][]> {
  await connection.send(["add", "tags", "polling"]);
  const found: [string, string][] = [];
  for (const useDns of ["no", "warn"]) {
    await connection.send(["set", "tags", "usedns", useDns]);
    for (const tag of ["HOST", "ADDR", "SUBNET", "DNS", "IP4", "IP6"]) {
      await connection.send(["set", "tags", "addfailregex", `<${tag}>`]);
      const [text] = (await connection.send(["get", "tags", "failregex"])) as string[];
      found.push([text!, `{${tag} ${useDns}}`]);
      await connection.send(["set", "tags", "delfailregex", "0"]);
    }
  }
  await connection.send(["stop", "tags"]);
  return found.sort(([a], [b]) => b.length - a.length);
}

function nameExpressions(answer: PyValue, expressions: readonly [string, string][]): string {
  const named = (text: string) => expressions.reduce((all, [own, tag]) => all.replaceAll(own, tag), text);
  const visit = (value: PyValue): PyValue => {
    if (typeof value === "string") return named(value);
    return Array.isArray(value) ? value.map(visit) : value;
  };
  if (!(answer instanceof PyError)) return repr(visit(answer));
  return repr(new PyError(answer.module, answer.className, answer.args.map(visit)));
}

function replaceFolder(value: PyValue, folder: string): PyValue {
  if (typeof value === "string") return value.replaceAll("{DIR}", folder);
  return Array.isArray(value) ? value.map((item) => replaceFolder(item, folder)) : value;
}

/** Asks until the answers agree, for a while. */
async function bothAgree(
  both: (command: PyValue[]) => Promise<[string, string]>,
  question: PyValue[],
): Promise<[string, string]> {
  const deadline = performance.now() + PATIENCE_MS;
  let answers = await both(question);
  while (!same(answers) && !differenceOf(question, ...answers) && performance.now() < deadline) {
    await delay(20);
    answers = await both(question);
  }
  return answers;
}

function setUp(jail: string): PyValue[][] {
  return [
    ["add", jail, "polling"],
    ["set", jail, "usedns", "no"],
    ["set", jail, "addaction", "act"],
    ["set", jail, "action", "act", "actionban", "true"],
    ["start", jail],
  ];
}

function same([ours, theirs]: readonly [string, string]): boolean {
  return ours === theirs;
}

function isQuestion([name]: readonly PyValue[]): boolean {
  return name === "get" || name === "status" || name === "banned";
}
