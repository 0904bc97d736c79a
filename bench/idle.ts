import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Flavor, Instance } from "../test/instance.ts";
import { referenceTree } from "../test/reference.ts";
import { printTable } from "./table.ts";

const JAILS = 20;
/** By then the collector has tidied up what the start left behind, which it does once. */
const SETTLE_SECONDS = 45;

/** What a process and its children have used so far. */
interface Use {
  /** Seconds of processor time. */
  readonly cpu: number;
  /** Times that a thread went to sleep, and so was woken. */
  readonly wakeUps: number;
}

/** What idle servers cost: twenty jails on as many quiet files, all servers at the same time. */
export async function benchIdle(flavors: readonly Flavor[], seconds: number): Promise<void> {
  const instances = flavors.map(quietServer);
  try {
    for (const instance of instances) instance.start();
    await delay(SETTLE_SECONDS * 1000);
    const pids = instances.map((instance) => Number(instance.read("f2b.pid")));
    const before = pids.map(useOf);
    const began = performance.now();
    await delay(seconds * 1000);
    const passed = (performance.now() - began) / 1000;
    const rates = pids.map(useOf).map(({ cpu, wakeUps }, i) => ({
      share: ((cpu - before[i]!.cpu) / passed) * 100,
      wakeUps: (wakeUps - before[i]!.wakeUps) / passed,
    }));
    const last = rates.at(-1)!;
    printTable(
      `${JAILS} idle jails on as many quiet files, inotify, ${seconds} s`,
      ["server", "% of a core", "wake-ups/s", "core, ratio", "wake-ups, ratio"],
      rates.map(({ share, wakeUps }, i) => [
        flavors[i]!,
        share.toFixed(4),
        wakeUps.toFixed(2),
        (share / last.share).toFixed(3),
        (wakeUps / last.wakeUps).toFixed(3),
      ]),
    );
  } finally {
    for (const instance of instances) await instance.dispose();
  }
}

function quietServer(flavor: Flavor): Instance {
  const jails = Array.from(
    { length: JAILS },
    (_, i) => `[jail${i}]\nenabled = true\nfilter = sshd\nlogpath = {DIR}/${i}.log\n`,
  );
  const instance = new Instance({
    flavor,
    tree: referenceTree()!,
    files: { "jail.local": `[DEFAULT]\nbackend = pyinotify\naction =\n${jails.join("")}` },
  });
  for (let i = 0; i < JAILS; i++) instance.write(`${i}.log`, "");
  return instance;
}

/** Of a process with all its threads and children (Linux). */
function useOf(pid: number): Use {
  let cpu = 0;
  let wakeUps = 0;
  for (const process of withChildren(pid)) {
    for (const thread of readdirSync(`/proc/${process}/task`)) {
      const folder = `/proc/${process}/task/${thread}`;
      cpu += Number(readFileSync(`${folder}/schedstat`, "latin1").split(" ")[0]) / 1e9;
      const [, switches] = /^voluntary_ctxt_switches:\s+(\d+)/m.exec(
        readFileSync(`${folder}/status`, "latin1"),
      )!;
      wakeUps += Number(switches);
    }
  }
  return { cpu, wakeUps };
}

function withChildren(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
  return [
    pid,
    ...(children === "" ? [] : children.split(" ").flatMap((child) => withChildren(Number(child)))),
  ];
}
