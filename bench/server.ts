import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { sendOnce } from "../src/control/testing.ts";
import type { PyValue } from "../src/pyvalue/value.ts";
import { systemClock } from "../src/time/clock.ts";
import { type Flavor, Instance, until } from "../test/instance.ts";
import { Namespace } from "../test/namespace.ts";
import { REFERENCE, type Reference } from "../test/reference.ts";
import { memoryOf } from "./process.ts";

/** Servers in a network namespace of their own, for benchmarks about bans. */

/** One server that is measured. */
export interface ServerSubject {
  readonly label: string;
  readonly flavor: Flavor;
  readonly tree: string;
  /** The package that it is, or is compared with; the older one unless told otherwise. */
  readonly reference?: Reference;
}

/** An installation that is not running yet, with one jail `sshd` unless `jails` names others. */
export class BenchServer {
  readonly instance: Instance;
  readonly namespace = new Namespace();

  /** @param action `banaction`, with its parameters */
  constructor(
    { flavor, tree, reference = REFERENCE }: ServerSubject,
    action: string,
    jails: readonly string[] = ["sshd"],
  ) {
    const sections = jails.map(
      (jail) => `[${jail}]\nenabled = true\nfilter = sshd\nbackend = auto\nlogpath = {DIR}/auth.log\n`,
    );
    this.instance = new Instance({
      flavor,
      tree,
      reference,
      namespace: this.namespace,
      files: {
        "jail.local": `[DEFAULT]\nbanaction = ${action}\nmaxretry = 3\nbantime = 1d\n${sections.join("")}`,
      },
    });
    this.instance.write("auth.log", "");
  }

  /** Sends a command without the cost of a client. */
  async send(...command: string[]): Promise<PyValue> {
    return sendOnce(this.instance.path("f2b.sock"), command, { clock: systemClock });
  }

  /** Memory of the server, kilobytes. */
  memory(): { resident: number; anonymous: number } {
    return memoryOf(Number(this.instance.read("f2b.pid")));
  }

  /** Stops it by the client; seconds until the process has ended. */
  async stop(): Promise<number> {
    const begin = performance.now();
    this.instance.client("stop");
    await until(() => this.instance.read("f2b.pid") === "", "the server ends", 120);
    return (performance.now() - begin) / 1000;
  }

  /** Puts bans of {@link addresses} into the database. */
  async store(total: number): Promise<void> {
    this.instance.start();
    await this.stop();
    const database = new DatabaseSync(this.instance.path("f2b.sqlite3"));
    const insert = (table: string) =>
      database.prepare(
        `INSERT INTO ${table} (jail, ip, timeofban, bantime, bancount, data) VALUES ('sshd', ?, ?, 86400, 1, ?)`,
      );
    const now = Math.floor(Date.now() / 1000) - 60;
    const line = `Failed password for root from a host, ${randomBytes(20).toString("hex")}`;
    const data = JSON.stringify({ matches: [line, line, line], failures: 3 });
    database.exec("BEGIN");
    const statements = ["bans", "bips"].map(insert);
    for (const ip of addresses(total)) for (const statement of statements) statement.run(ip, now, data);
    database.exec("COMMIT");
    database.close();
  }

  /** Number of addresses in all sets and rules of the kind of firewall that the action is for. */
  elements(action: string): number {
    const { namespace } = this;
    if (action.includes("ipset")) return namespace.run("ipset", "save").split("\nadd ").length - 1;
    if (action.includes("iptables")) return namespace.run("iptables", "-S").split(" -s ").length - 1;
    return namespace.nftRuleset().match(/\b(?:10|192|198)\.\d+\.\d+\.\d+/g)?.length ?? 0;
  }

  async dispose(): Promise<void> {
    await this.instance.dispose();
    this.namespace.delete();
  }
}

/** Runs something with a server and cleans up behind it. */
export async function withServer<T>(
  subject: ServerSubject,
  options: { readonly action: string; readonly jails?: readonly string[] },
  use: (server: BenchServer) => Promise<T>,
): Promise<T> {
  const server = new BenchServer(subject, options.action, options.jails);
  try {
    return await use(server);
  } finally {
    await server.dispose();
  }
}

/** So many different addresses in 10.0.0.0/8, in ascending order of their numbers. */
export function addresses(total: number): string[] {
  return Array.from({ length: total }, (_, i) => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`);
}
