import { spawnSync } from "node:child_process";
import { connect, type Socket } from "node:net";
import { dirname } from "node:path";
import { ControlConnection } from "../src/control/connection.ts";
import { TERMINATOR } from "../src/control/frame.ts";
import { writeJsonRequest } from "../src/control/json-wire.ts";
import { pickleMessage } from "../src/control/pickle-message.ts";
import type { PyValue } from "../src/pyvalue/value.ts";
import { systemClock } from "../src/time/clock.ts";
import { type Flavor, Instance, until } from "../test/instance.ts";
import { referenceCommand, referenceTree } from "../test/reference.ts";
import { count, printTable, quantile } from "./table.ts";

/** What a person or an exporter waits for: programs from launch to end, answers of the server, starts, reloads. */

const BANS = 10_000;
const MANY_JAILS = 50;
/** Runs of each program; ours and the reference's take turns, so that both meet the same machine. */
const RUNS = 15;
const STARTS = 5;
const REQUESTS = 200;

const NEWLINE = Buffer.from("\n");

/** Milliseconds by what was measured. */
type Times = Map<string, number[]>;

/** Prints the medians of both implementations beside each other. */
export async function benchClient(): Promise<void> {
  prepareReference();
  const flavors: readonly Flavor[] = ["ours", "reference"];
  const times = new Map<Flavor, Times>(flavors.map((flavor) => [flavor, new Map()]));
  const note = (flavor: Flavor, what: string, ms: number) => {
    const own = times.get(flavor)!;
    own.set(what, [...(own.get(what) ?? []), ms]);
  };
  await measureAnswers(flavors, note);
  for (const jails of [1, MANY_JAILS]) await measureStarts(flavors, jails, note);
  const rows = [...times.get("ours")!].map(([what, own]) => {
    const [ours, theirs] = [own, times.get("reference")!.get(what) ?? []].map((list) => quantile(list, 0.5));
    return [what, ours!.toFixed(2), theirs!.toFixed(2), (ours! / theirs!).toFixed(2)];
  });
  printTable("Median times, ms", ["", "ours", "reference", "ours/reference"], rows);
}

/**
 * What a machine with the package has: its sources compiled, and a `python3` that is the interpreter itself and no
 * script that looks for one.
 */
function prepareReference(): void {
  const { command, env } = referenceCommand("fail2ban-client");
  const interpreter = spawnSync(command, ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" });
  process.env["PATH"] = `${dirname(interpreter.stdout.trim())}:${process.env["PATH"]}`;
  spawnSync(command, ["-m", "compileall", "-q", env["PYTHONPATH"] ?? ""], { env });
}

type Note = (flavor: Flavor, what: string, ms: number) => void;

async function measureAnswers(flavors: readonly Flavor[], note: Note): Promise<void> {
  const instances = flavors.map((flavor) => withJails(flavor, 1));
  try {
    const connections: ControlConnection[] = [];
    for (const instance of instances) {
      instance.start();
      const socket = instance.path("f2b.sock");
      const connection = await ControlConnection.open(socket, { clock: systemClock });
      connections.push(connection);
      await connection.send(["set", "j1", "banip", ...addresses(BANS)]);
    }
    const bans = `${count(BANS)} bans`;
    for (let run = 0; run < RUNS; run++) {
      for (const instance of instances) {
        const time = (what: string, ...words: string[]) =>
          note(
            instance.flavor,
            `program: ${what}`,
            timed(() => instance.client(...words)),
          );
        time("ping", "ping");
        time(`status JAIL, ${bans}`, "status", "j1");
        time(`banned, ${bans}`, "banned");
      }
    }
    for (const connection of connections) connection.close();
    const sockets = await Promise.all(instances.map((instance) => openSocket(instance.path("f2b.sock"))));
    for (let run = 0; run < REQUESTS; run++) {
      for (const [i, socket] of sockets.entries()) {
        const flavor = flavors[i]!;
        const ask = async (what: string, command: PyValue[]) => {
          const pickled = await answerTime(socket, pickleMessage(command), TERMINATOR);
          note(flavor, `server's answer: ${what}`, pickled);
          // What our client gets; the reference has but one form.
          const own = flavor === "ours";
          const json = own ? await answerTime(socket, writeJsonRequest(command), NEWLINE) : pickled;
          note(flavor, `the same in JSON: ${what}`, json);
        };
        await ask("ping", ["ping"]);
        if (run % 10 === 0) await ask(`status JAIL, ${bans}`, ["status", "j1"]);
      }
    }
    for (const socket of sockets) socket.destroy();
  } finally {
    for (const instance of instances) await instance.dispose();
  }
}

function openSocket(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => resolve(socket));
    socket.on("error", reject);
  });
}

/** Milliseconds from sending a request to the last byte of the answer, which nobody reads. */
function answerTime(socket: Socket, request: Buffer, end: Buffer): Promise<number> {
  return new Promise((resolve) => {
    const begin = performance.now();
    const take = (chunk: Buffer) => {
      if (!chunk.subarray(-end.length).equals(end)) return;
      const elapsed = performance.now() - begin;
      socket.off("data", take);
      resolve(elapsed);
    };
    socket.on("data", take);
    socket.write(request);
  });
}

async function measureStarts(flavors: readonly Flavor[], jails: number, note: Note): Promise<void> {
  const instances = flavors.map((flavor) => withJails(flavor, jails));
  const name = jails === 1 ? "1 jail" : `${jails} jails`;
  try {
    for (let run = 0; run < STARTS; run++) {
      for (const instance of instances) {
        note(
          instance.flavor,
          `start to 'Server ready', ${name}`,
          timed(() => instance.start()),
        );
        note(
          instance.flavor,
          `reload, ${name}`,
          timed(() => instance.client("reload")),
        );
        instance.client("stop");
        await until(() => instance.read("f2b.pid") === "", "the server has ended");
      }
    }
  } finally {
    for (const instance of instances) await instance.dispose();
  }
}

/** An instance with jails of the stock filter for sshd that only ban within. */
function withJails(flavor: Flavor, jails: number): Instance {
  const sections = Array.from(
    { length: jails },
    (_, i) => `[j${i + 1}]\nenabled = true\nfilter = sshd\nbackend = polling\nlogpath = {DIR}/auth.log\n`,
  );
  const instance = new Instance({
    flavor,
    tree: referenceTree()!,
    files: { "jail.local": `[DEFAULT]\naction =\n${sections.join("")}` },
  });
  instance.write("auth.log", "");
  return instance;
}

function addresses(many: number): string[] {
  return Array.from({ length: many }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
}

function timed(work: () => void): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}
