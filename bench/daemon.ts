import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Flavor, failedLogin, Instance, until } from "../test/instance.ts";
import type { Namespace } from "../test/namespace.ts";

/** Programs that watch an auth log and ban by nftables. */

/** One that is measured; all ban at the third failure. */
export interface DaemonSubject {
  readonly label: string;
  readonly flavor: Flavor | "sshguard";
  /** Configuration tree; sshguard has none. */
  readonly tree?: string;
  readonly backend?: "auto" | "polling";
}

/** A running one. */
export interface Daemon {
  /** Appends to the log that it watches. */
  append(lines: string): void;
  dispose(): Promise<void>;
}

const SSHGUARD = "/usr/libexec/sshguard";

/** sshguard as a subject, where it is installed (Debian: `apt-get install sshguard`). */
export function sshguardSubjects(): DaemonSubject[] {
  if (existsSync(`${SSHGUARD}/sshg-parser`)) return [{ label: "sshguard", flavor: "sshguard" }];
  console.log("\nsshguard is not installed, so it is not measured");
  return [];
}

/** Starts a subject that has banned nobody yet. */
export async function launchDaemon(subject: DaemonSubject, namespace: Namespace): Promise<Daemon> {
  if (subject.flavor === "sshguard") return Sshguard.start(namespace);
  return startInstance(subject, subject.flavor, namespace);
}

/** Starts a subject; when this answers, a first ban is in force, so table and set are there. */
export async function startDaemon(subject: DaemonSubject, namespace: Namespace): Promise<Daemon> {
  const daemon = await launchDaemon(subject, namespace);
  daemon.append(failedLogin("192.0.2.1").repeat(3));
  const banned = until(() => namespace.nftRuleset().includes("192.0.2.1"), `${subject.label} bans`);
  return readyOrDisposed(daemon, banned);
}

/** The daemon when it is ready; one that does not get there leaves nothing running behind. */
export async function readyOrDisposed(daemon: Daemon, ready: Promise<void>): Promise<Daemon> {
  let isReady = false;
  try {
    await ready;
    isReady = true;
    return daemon;
  } finally {
    if (!isReady) await daemon.dispose();
  }
}

function startInstance(subject: DaemonSubject, flavor: Flavor, namespace: Namespace): Daemon {
  const { tree = "", backend = "auto" } = subject;
  const instance = new Instance({
    flavor,
    tree,
    namespace,
    files: {
      "jail.local":
        `[DEFAULT]\nbanaction = nftables-multiport\nbackend = ${backend}\nmaxretry = 3\n` +
        `[sshd]\nenabled = true\nbackend = ${backend}\nlogpath = {DIR}/auth.log\n`,
    },
  });
  instance.write("auth.log", "");
  instance.start();
  return {
    append: (lines) => instance.append("auth.log", lines),
    dispose: () => instance.dispose(),
  };
}

/** The programs of sshguard, joined as its own script joins them. */
class Sshguard implements Daemon {
  readonly #dir = mkdtempSync(join(tmpdir(), "sshguard-"));
  readonly #process: ChildProcess;

  private constructor(namespace: Namespace) {
    writeFileSync(this.#log, "");
    // A failure counts 10.
    const blocker = `${SSHGUARD}/sshg-blocker -a 30 -p 86400 -s 1800`;
    const pipe = `${SSHGUARD}/sshg-logtail "$0" | ${SSHGUARD}/sshg-parser | ${blocker} | ${SSHGUARD}/sshg-fw-nft-sets`;
    const [command, ...args] = namespace.command("sh", "-c", pipe, this.#log);
    this.#process = spawn(command, args, { detached: true, stdio: ["ignore", "ignore", "ignore"] });
  }

  static async start(namespace: Namespace): Promise<Sshguard> {
    const started = new Sshguard(namespace);
    // It begins at the end of the log and does not say when it has found it.
    await delay(1000);
    return started;
  }

  get #log(): string {
    return join(this.#dir, "auth.log");
  }

  append(lines: string): void {
    appendFileSync(this.#log, lines);
  }

  async dispose(): Promise<void> {
    process.kill(-this.#process.pid!, "SIGTERM");
    await delay(200);
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
