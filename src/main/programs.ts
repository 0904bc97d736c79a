import type { ChildProcess } from "node:child_process";

/** The server and its client, as the built package has them in one file. Each loads what it needs when it is called. */

export async function client(early: ChildProcess | null = null): Promise<void> {
  await (await import("./run.ts")).run("fail2ban-client", early);
}

export async function server(early: ChildProcess | null = null): Promise<void> {
  await (await import("./run.ts")).run("fail2ban-server", early);
}
