import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Namespace } from "./namespace.ts";
import { REFERENCE, type Reference, type ReferenceProgram } from "./reference.ts";

/** The top of this checkout. */
export const ROOT = resolve(import.meta.dirname, "..");

/** The folder of our commands: those of this checkout, or of an installed package that the environment names. */
export function commandFolder(): string {
  return process.env["FAIL2BAN_TS_BIN"] ?? join(ROOT, "bin");
}

/** Nothing takes so long, not even on a machine that is slow and busy: who waits longer waits in vain. */
const PATIENCE_SECONDS = 120;

/** Which implementation is run. */
export type Flavor = "ours" | "reference";

/** What an instance is made of. */
export interface InstanceOptions {
  readonly flavor: Flavor;
  /** Whose programs run with the flavor "reference"; the older package unless told otherwise. */
  readonly reference?: Reference;
  /** Configuration tree to copy. */
  readonly tree: string;
  /** Files to write into the copy: path below the tree → content; `{DIR}` stands for the instance's folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** Where its programs run. */
  readonly namespace?: Pick<Namespace, "command">;
}

/** One installation in a folder of its own: configuration, logs, socket, database, and the programs on them. */
export class Instance {
  readonly flavor: Flavor;
  readonly dir: string;
  readonly #reference: Reference;
  readonly #namespace: Pick<Namespace, "command"> | undefined;

  constructor(options: InstanceOptions) {
    this.flavor = options.flavor;
    this.dir = mkdtempSync(join(tmpdir(), `f2b-${options.flavor}-`));
    this.#reference = options.reference ?? REFERENCE;
    this.#namespace = options.namespace;
    cpSync(options.tree, this.path("etc"), { recursive: true });
    rmSync(this.path("etc/jail.d"), { recursive: true, force: true });
    this.write(
      "etc/fail2ban.local",
      "[Definition]\nsocket = {DIR}/f2b.sock\npidfile = {DIR}/f2b.pid\nlogtarget = {DIR}/fail2ban.log\n" +
        "dbfile = {DIR}/f2b.sqlite3\nallowipv6 = yes\n",
    );
    for (const [file, content] of Object.entries(options.files ?? {})) this.write(`etc/${file}`, content);
  }

  path(...parts: string[]): string {
    return join(this.dir, ...parts);
  }

  /** Writes a file below the instance's folder. */
  write(file: string, content: string): void {
    mkdirSync(dirname(this.path(file)), { recursive: true });
    writeFileSync(this.path(file), content.replaceAll("{DIR}", this.dir));
  }

  append(file: string, content: string): void {
    appendFileSync(this.path(file), content);
  }

  read(file: string): string {
    return existsSync(this.path(file)) ? readFileSync(this.path(file), "utf8") : "";
  }

  /** Runs a program to its end. */
  run(program: ReferenceProgram, ...args: string[]): SpawnSyncReturns<string> {
    const { command, args: words, env } = this.#commandLine(program, args);
    return spawnSync(command, words, { encoding: "utf8", env, timeout: PATIENCE_SECONDS * 1000 });
  }

  /** Runs the client on this instance and returns its standard output; fails when it does. */
  client(...args: string[]): string {
    const result = this.run("fail2ban-client", "-c", this.path("etc"), ...args);
    if (result.status === 0) return result.stdout;
    throw new Error(
      `${this.flavor} client ${args.join(" ")}: exit ${result.status}\n${result.stdout}${result.stderr}`,
    );
  }

  /** Starts the server in the background; returns when it is configured. */
  start(...args: string[]): void {
    const result = this.run("fail2ban-server", "-c", this.path("etc"), ...args, "-b", "start");
    if (result.status === 0) return;
    throw new Error(
      `${this.flavor} server did not start: exit ${result.status}\n${result.stdout}${result.stderr}${this.read("fail2ban.log")}`,
    );
  }

  /**
   * Has the client stop the server, and returns what that said. Fulfilled when the process has ended: clients are answered
   * before, with files still open and rules still in the firewall.
   */
  async stop(): Promise<string> {
    const { pid } = this;
    const said = this.client("stop");
    await until(() => !isRunning(pid), `${this.flavor}: the server ends`);
    return said;
  }

  /** Ends the server as a crash does. Fulfilled when nothing is left of it but its files, without socket and PID file. */
  async kill(): Promise<void> {
    const { pid } = this;
    process.kill(pid, "SIGKILL");
    await until(() => !isRunning(pid), `${this.flavor}: the killed server is gone`);
    for (const file of ["f2b.sock", "f2b.pid"]) rmSync(this.path(file), { force: true });
  }

  /** Number of the server's process. */
  get pid(): number {
    const pid = Number(this.read("f2b.pid"));
    // Zero would be all processes of this group.
    if (!(pid > 0)) throw new Error(`${this.flavor}: no server says that it runs`);
    return pid;
  }

  /** Runs a program without waiting for its end. */
  spawn(program: ReferenceProgram, ...args: string[]): ReturnType<typeof spawn> {
    const { command, args: words, env } = this.#commandLine(program, args);
    return spawn(command, words, { env, stdio: ["ignore", "pipe", "pipe"] });
  }

  /** Stops the server if it runs, and removes the folder. */
  async dispose(): Promise<void> {
    const pid = Number(this.read("f2b.pid"));
    if (existsSync(this.path("f2b.sock"))) {
      this.run("fail2ban-client", "-c", this.path("etc"), "stop");
      if (pid > 0) await until(() => !isRunning(pid), "the server ends").catch(() => {});
    }
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  #commandLine(program: ReferenceProgram, args: string[]) {
    const own = { command: join(commandFolder(), program), args, env: process.env };
    const line = this.flavor === "ours" ? own : this.#reference.command(program, ...args);
    // The programs must not inherit what the test runner tells its own processes.
    const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = line.env;
    if (!this.#namespace) return { ...line, env };
    const [command, ...words] = this.#namespace.command(line.command, ...line.args);
    return { command, args: words, env };
  }
}

/** An instance of ours with a network of its own. Both are gone after the test, the instance first. */
export function isolated(
  t: TestContext,
  options: Pick<InstanceOptions, "tree" | "files">,
): { instance: Instance; namespace: Namespace } {
  const namespace = new Namespace();
  const instance = new Instance({ flavor: "ours", namespace, ...options });
  t.after(async () => {
    await instance.dispose();
    namespace.delete();
  });
  return { instance, namespace };
}

/** Waits until a condition holds, looking every few milliseconds; fails after `seconds`. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  seconds = PATIENCE_SECONDS,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await delay(10);
  }
}

/** Whether a process has not ended yet; one that only waits for its parent to take notice has. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch (error) {
    // Elsewhere than on Linux there is nothing to read.
    return (error as NodeJS.ErrnoException).code === "ENOENT" && !existsSync("/proc/self");
  }
}

/**
 * A line of an auth log, dated now, that reports a failed login. Each address has a process of its own: lines
 * of one process belong to one session.
 */
export function failedLogin(ip: string, user = "root"): string {
  const now = new Date();
  const month = now.toLocaleString("en-US", { month: "short" });
  const day = String(now.getDate()).padStart(2, " ");
  const time = now.toTimeString().slice(0, 8);
  const pid = 1000 + (Number.parseInt(createHash("sha1").update(ip).digest("hex").slice(0, 6), 16) % 60_000);
  return `${month} ${day} ${time} host sshd[${pid}]: Failed password for ${user} from ${ip} port 50222 ssh2\n`;
}
