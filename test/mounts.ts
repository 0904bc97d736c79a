import { spawn, spawnSync } from "node:child_process";

/** Private mount namespaces for tests: a small disk that can be filled, made read-only, and is nobody else's. */

/** For node:test's `skip` option: why no private mounts can be made here, else `false`. */
export function skipWithoutMounts(): string | false {
  if (process.getuid?.() !== 0) return "private mounts need root";
  const probe = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "-o", "size=64k", "f2b-probe", "/mnt"]);
  if (probe.error) return "not installed: unshare";
  if (probe.status !== 0) return `no private mounts can be made: ${String(probe.stderr).trim()}`;
  return spawnSync("nsenter", ["--version"]).error ? "not installed: nsenter" : false;
}

/** A disk of its own, in memory, that only programs run through {@link command} see. */
export class SmallDisk {
  readonly path: string;
  readonly #holder: number;

  private constructor(path: string, holder: number) {
    this.path = path;
    this.#holder = holder;
  }

  /** @param path empty directory where the disk is to be seen */
  static async mount(path: string, kibibytes: number): Promise<SmallDisk> {
    const script = 'mount -t tmpfs -o "size=$1k" f2b-test "$2" && echo mounted && exec sleep 600';
    const args = ["-m", "sh", "-c", script, "sh", String(kibibytes), path];
    const holder = spawn("unshare", args, { stdio: ["ignore", "pipe", "inherit"] });
    const pid = holder.pid;
    await new Promise<void>((resolve, reject) => {
      holder.stdout.once("data", () => resolve());
      holder.once("exit", (code) => reject(new Error(`mount failed with ${code}`)));
    });
    holder.unref();
    return new SmallDisk(path, pid ?? 0);
  }

  /** Command line that runs a program which sees the disk. */
  command(program: string, ...args: string[]): [program: string, ...args: string[]] {
    return ["nsenter", "-t", String(this.#holder), "-m", program, ...args];
  }

  /** Runs a shell script that sees the disk, in its top directory, and returns its standard output. */
  run(script: string): string {
    const [program, ...args] = this.command("sh", "-c", `cd "$0" && ${script}`, this.path);
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`${script}: ${stderr}`);
    return stdout;
  }

  /** Leaves no room. */
  fill(): void {
    this.run("cat /dev/zero > filler 2>/dev/null || :");
  }

  /** Makes room again. */
  clear(): void {
    this.run("rm -f filler");
  }

  /** Ends the disk; whoever still runs on it keeps it for itself. */
  release(): void {
    process.kill(this.#holder, "SIGKILL");
  }
}
