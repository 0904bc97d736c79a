import {
  closeSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import type { SeededRandom } from "./random.ts";

/** Formats of logs: what a jail needs to read them, and how lines look. */
export interface LogKind {
  readonly options: string;
  /** A line, without its end, that reports a failure of an address. */
  failure(address: string, at: Date): string;
  /** A line that reports none. */
  noise(number: number, at: Date): string;
}

/** Filter for the formats that no shipped filter reads. */
export const SOAK_FILTER = "[Definition]\nfailregex = ^\\s*(?:\\S+ )?app: login failed from <HOST>$\n";

const two = (value: number) => String(value).padStart(2, "0");
const clock = (at: Date) => at.toTimeString().slice(0, 8);

function syslogDate(at: Date): string {
  return `${at.toLocaleString("en-US", { month: "short" })} ${String(at.getDate()).padStart(2)} ${clock(at)}`;
}

function slashDate(at: Date): string {
  return `${at.getFullYear()}/${two(at.getMonth() + 1)}/${two(at.getDate())} ${clock(at)}`;
}

function docker(text: string, at: Date): string {
  return JSON.stringify({ log: `${text}\n`, stream: "stdout", time: at.toISOString() });
}

/** The mixed logs of a soak. */
export const LOG_KINDS: readonly LogKind[] = [
  {
    options: "filter = sshd",
    failure: (address, at) =>
      `${syslogDate(at)} host sshd[${1000 + Number(address.split(".")[3])}]: Failed password for root from ${address} port 50222 ssh2`,
    noise: (number, at) =>
      `${syslogDate(at)} host sshd[${number % 60_000}]: pam_unix(sshd:session): session opened for user u${number}(uid=1000) by (uid=0)`,
  },
  {
    options: "filter = nginx-http-auth",
    failure: (address, at) =>
      `${slashDate(at)} [error] 1#1: *7 user "x": password mismatch, client: ${address}, server: s, request: "GET / HTTP/1.1", host: "h"`,
    noise: (number, at) =>
      `${slashDate(at)} [error] 1#1: *${number} open() "/srv/${number}" failed (2: No such file or directory), client: 10.9.9.9, server: s, request: "GET /${number} HTTP/1.1", host: "h"`,
  },
  {
    options: "filter = soak",
    failure: (address, at) => `${at.toISOString()} app: login failed from ${address}`,
    noise: (number, at) =>
      `${at.toISOString()} app: request ${number} served to 10.9.9.9 in ${number % 97} ms ünïcödé`,
  },
  {
    options: "filter = soak\nlogformat = docker-json",
    failure: (address, at) => docker(`app: login failed from ${address}`, at),
    noise: (number, at) => docker(`app: request ${number} served`, at),
  },
];

/** A log that is written and rotated as logs are. */
export class SoakLog {
  readonly path: string;
  readonly #random: SeededRandom;
  readonly #isLink: boolean;
  #fd = -1;
  #generation = 0;

  /** @param isLink the path is a link that rotation switches */
  constructor(path: string, isLink: boolean, random: SeededRandom) {
    this.path = path;
    this.#isLink = isLink;
    this.#random = random;
    if (isLink) this.#switchLink();
    this.#open();
  }

  /** Writes whole lines, at times in two pieces. */
  write(text: string): void {
    const bytes = Buffer.from(text);
    const cut = this.#random.once(5) ? this.#random.below(bytes.length) : bytes.length;
    writeSync(this.#fd, bytes, 0, cut);
    if (cut < bytes.length) writeSync(this.#fd, bytes, cut);
  }

  /** By renaming, or by another target of the link. */
  rotate(): void {
    if (this.#isLink) {
      this.#switchLink();
      rmSync(`${this.path}-${this.#generation - 3}`, { force: true });
    } else {
      renameSync(this.path, `${this.path}.1`);
    }
    closeSync(this.#fd);
    this.#open();
  }

  /** Everything in it was read, so that nothing gets lost. */
  truncate(): void {
    truncateSync(this.path);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #open(): void {
    this.#fd = openSync(this.path, "a");
  }

  #switchLink(): void {
    const target = `${this.path}-${++this.#generation}`;
    writeFileSync(target, "");
    symlinkSync(target, `${this.path}.new`);
    renameSync(`${this.path}.new`, this.path);
  }
}
