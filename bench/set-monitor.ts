import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Namespace } from "../test/namespace.ts";

/** Addresses as nft prints them; only IPv4 is measured. */
const ADDRESS = /\b\d+\.\d+\.\d+\.\d+\b/g;

/** Hears of new set elements from the kernel as they are made. */
export class SetMonitor {
  readonly #process: ReturnType<typeof spawn>;
  readonly #waiting = new Map<string, (at: number) => void>();

  constructor(namespace: Namespace) {
    const [command, ...args] = namespace.command("nft", "monitor", "new", "elements");
    this.#process = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    createInterface({ input: this.#process.stdout! }).on("line", (line) => this.#heard(line));
  }

  /** Number of addresses that are waited for. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Fulfilled with `performance.now()` when all the addresses have been added to sets. */
  async waitForAll(ips: readonly string[]): Promise<number> {
    return Math.max(...(await Promise.all(ips.map((ip) => this.waitFor(ip)))));
  }

  /** Fulfilled with `performance.now()` when the address has been added to a set. */
  waitFor(ip: string): Promise<number> {
    return new Promise((resolve) => this.expect(ip, resolve));
  }

  /** Calls back with `performance.now()` when the address has been added to a set. */
  expect(ip: string, heard: (at: number) => void): void {
    this.#waiting.set(ip, heard);
  }

  close(): void {
    this.#process.kill();
  }

  #heard(line: string): void {
    const at = performance.now();
    for (const [ip] of line.matchAll(ADDRESS)) {
      const heard = this.#waiting.get(ip);
      this.#waiting.delete(ip);
      heard?.(at);
    }
  }
}
