import { setTimeout as delay } from "node:timers/promises";
import { type Flavor, Instance } from "../test/instance.ts";
import { referenceTree } from "../test/reference.ts";
import { memoryOf } from "./process.ts";
import { printTable } from "./table.ts";

const SETTLE_SECONDS = 10;

/** Memory of a server with one quiet jail. */
export async function benchMemory(flavors: readonly Flavor[]): Promise<void> {
  const rows: string[][] = [];
  for (const flavor of flavors) {
    const instance = new Instance({
      flavor,
      tree: referenceTree()!,
      files: { "jail.local": "[sshd]\nenabled = true\nbackend = auto\nlogpath = {DIR}/auth.log\naction =\n" },
    });
    instance.write("auth.log", "");
    try {
      instance.start();
      await delay(SETTLE_SECONDS * 1000);
      const { resident, anonymous } = memoryOf(Number(instance.read("f2b.pid")));
      rows.push([flavor, (resident / 1024).toFixed(1), (anonymous / 1024).toFixed(1)]);
    } finally {
      await instance.dispose();
    }
  }
  printTable("Memory of an idle server with one jail, MB", ["server", "resident", "anonymous"], rows);
}
