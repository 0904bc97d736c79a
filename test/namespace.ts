import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Network namespaces for tests: firewall rules are made there, never in the machine's own ruleset. */

let count = 0;

/** For node:test's `skip` option: why no namespace with these programs can be used here, else `false`. */
export function skipWithoutNamespace(...programs: string[]): string | false {
  if (process.getuid?.() !== 0) return "network namespaces need root";
  const missing = ["ip", ...programs].filter((program) => !findProgram(program));
  if (missing.length > 0) return `not installed: ${missing.join(", ")}`;
  const name = `f2b-probe-${process.pid}`;
  const made = spawnSync("ip", ["netns", "add", name]);
  if (made.status !== 0) return `no network namespace can be made: ${String(made.stderr).trim()}`;
  const usable = programs.includes("nft")
    ? spawnSync("ip", ["netns", "exec", name, "nft", "list", "ruleset"])
    : { status: 0, stderr: "" };
  spawnSync("ip", ["netns", "delete", name]);
  return usable.status === 0 ? false : `nft does not work here: ${String(usable.stderr).trim()}`;
}

/** A network namespace of its own, with the loopback interface up. */
export class Namespace {
  readonly name: string;

  constructor() {
    this.name = `f2b-test-${process.pid}-${++count}`;
    run("ip", ["netns", "add", this.name]);
    run("ip", ["-n", this.name, "link", "set", "lo", "up"]);
  }

  /** Command line that runs a program inside. */
  command(program: string, ...args: string[]): [program: string, ...args: string[]] {
    return ["ip", "netns", "exec", this.name, program, ...args];
  }

  /** Runs a program inside and returns its standard output. */
  run(program: string, ...args: string[]): string {
    const [command, ...rest] = this.command(program, ...args);
    return run(command, rest);
  }

  /** The nftables ruleset without counters and handles. */
  nftRuleset(): string {
    return this.run("nft", "-s", "list", "ruleset");
  }

  /** The iptables rules of both families without comments and counters. */
  iptablesRules(): string {
    const save = (program: string) =>
      this.run(program)
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"))
        .map((line) => line.replace(/\[\d+:\d+\]/, "[0:0]"))
        .join("\n");
    return `${save("iptables-save")}\n-- IPv6 --\n${save("ip6tables-save")}\n`;
  }

  /** The ipsets and their entries, in order. */
  ipsets(): string {
    const lines = this.run("ipset", "save").split("\n");
    return lines
      .map((line) => `${line.replace(/ initval \S+/, "")}\n`)
      .sort()
      .join("");
  }

  delete(): void {
    spawnSync("ip", ["netns", "delete", this.name]);
  }
}

function run(program: string, args: string[]): string {
  const result = spawnSync(program, args, { encoding: "utf8", maxBuffer: 2 ** 26 });
  if (result.status === 0) return result.stdout;
  throw new Error(`${program} ${args.join(" ")} failed: ${result.stderr || result.error}`);
}

function findProgram(name: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(":").concat("/usr/sbin", "/sbin");
  return folders.some((folder) => existsSync(`${folder}/${name}`));
}
