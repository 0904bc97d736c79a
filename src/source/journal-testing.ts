import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";

/** Fields of an entry to be written; the time in microseconds since 1970 UTC. */
export interface WrittenEntry {
  readonly time: number;
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
}

const REMOTE = "/usr/lib/systemd/systemd-journal-remote";
const ID = "0123456789abcdef0123456789abcdef";

/** For node:test's `skip` option: why journals cannot be made here, else `false`. */
export function skipWithoutJournal(): string | false {
  if (!existsSync(REMOTE)) return "systemd-journal-remote is not installed";
  const { error } = spawnSync("journalctl", ["--version"]);
  return error ? "journalctl is not installed" : false;
}

/** A real journal in a directory, written and rotated by the test. */
export class TestJournal {
  readonly directory: string;
  #rotations = 0;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** The file that is being written. */
  get file(): string {
    return join(this.directory, "system.journal");
  }

  write(entries: readonly WrittenEntry[]): void {
    const stream = Buffer.concat(entries.map(exported));
    execFileSync(REMOTE, [`--output=${this.file}`, "--split-mode=none", "-"], {
      input: stream,
      stdio: ["pipe", "ignore", "ignore"],
    });
  }

  /** Puts the file aside under a name such as the journal itself gives; the next entry makes a new one. */
  rotate(): void {
    const number = String(++this.#rotations).padStart(16, "0");
    renameSync(this.file, join(this.directory, `system@${ID}-${number}-0006441798dfbc01.journal`));
  }
}

function exported({ time, fields }: WrittenEntry): Buffer {
  const parts: Buffer[] = [
    Buffer.from(
      `__REALTIME_TIMESTAMP=${time}\n__MONOTONIC_TIMESTAMP=${time % 1_000_000_000_000}\n_BOOT_ID=${ID}\n`,
    ),
  ];
  for (const [name, value] of Object.entries(fields)) {
    for (const one of typeof value === "string" ? [value] : value) parts.push(exportedField(name, one));
  }
  return Buffer.concat([...parts, Buffer.from("\n")]);
}

function exportedField(name: string, value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from("\n")]);
}
