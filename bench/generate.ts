import { closeSync, openSync, writeSync } from "node:fs";

/** Seeded random numbers in [0, 1): the same seed gives the same log on every machine (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What the generated auth log looks like. */
export interface AuthLogOptions {
  readonly lines: number;
  /** Share of lines that report a failed login, 0 to 1. */
  readonly failures: number;
  /** Number of different attackers. */
  readonly attackers: number;
  readonly seed: number;
  /** Time of the first line, seconds since 1970 UTC. */
  readonly start: number;
  /** Seconds between two lines. */
  readonly interval: number;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const USERS = ["root", "admin", "oracle", "git", "ubuntu", "test", "postgres", "deploy", "pi", "www-data"];

/**
 * The lines of a syslog auth log as a busy OpenSSH server writes it, in blocks of about a megabyte: failed
 * and accepted logins, sessions that open and close, cron and sudo noise.
 */
export function* authLog(options: AuthLogOptions): Generator<string> {
  const random = seededRandom(options.seed);
  const pick = pickFrom(random);
  const attackers = Array.from({ length: options.attackers }, () => logAddress(random));
  const friends = Array.from(
    { length: 50 },
    () => `10.${randomInt(random, 256)}.${randomInt(random, 256)}.${randomInt(random, 256)}`,
  );
  let block = "";
  for (let i = 0; i < options.lines; i++) {
    const pid = 1000 + randomInt(random, 60_000);
    const port = 1024 + randomInt(random, 60_000);
    const prefix = `${stamp(options.start + i * options.interval)} web1 `;
    block += prefix;
    if (random() < options.failures) block += failure(random, pick(attackers), pick(USERS), pid, port);
    else block += noise(random, pick(friends), pick(USERS), pid, port);
    block += "\n";
    if (block.length > 1_000_000) {
      yield block;
      block = "";
    }
  }
  if (block !== "") yield block;
}

/** Writes the blocks to a file and returns its size in bytes. */
export function writeBlocks(path: string, blocks: Iterable<string>): number {
  const fd = openSync(path, "w");
  let bytes = 0;
  try {
    for (const block of blocks) bytes += writeSync(fd, block);
  } finally {
    closeSync(fd);
  }
  return bytes;
}

/** A whole number from 0 to less than `below`. */
export function randomInt(random: () => number, below: number): number {
  return Math.floor(random() * below);
}

/** Chooses members of lists. */
export function pickFrom(random: () => number): <T>(list: readonly T[]) => T {
  return (list) => list[Math.floor(random() * list.length)]!;
}

/** An address, one in ten of IPv6. */
export function logAddress(random: () => number): string {
  if (random() < 0.1)
    return `2001:db8:${randomInt(random, 65536).toString(16)}::${(1 + randomInt(random, 65535)).toString(16)}`;
  return `${pickOctet(random)}.${randomInt(random, 256)}.${randomInt(random, 256)}.${1 + randomInt(random, 254)}`;
}

/** First octets that are neither private nor the machine's own. */
function pickOctet(random: () => number): number {
  return [45, 61, 80, 91, 103, 118, 141, 159, 185, 203, 218][randomInt(random, 11)]!;
}

function stamp(epoch: number): string {
  const d = new Date(epoch * 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  const day = String(d.getDate()).padStart(2, " ");
  return `${MONTHS[d.getMonth()]} ${day} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

function failure(random: () => number, ip: string, user: string, pid: number, port: number): string {
  const kind = random();
  if (kind < 0.6) return `sshd[${pid}]: Failed password for ${user} from ${ip} port ${port} ssh2`;
  if (kind < 0.9)
    return `sshd[${pid}]: Failed password for invalid user ${user}${pid} from ${ip} port ${port} ssh2`;
  return `sshd[${pid}]: Invalid user ${user}${pid} from ${ip} port ${port}`;
}

function noise(random: () => number, ip: string, user: string, pid: number, port: number): string {
  const kind = random();
  if (kind < 0.1) {
    return `sshd[${pid}]: Accepted publickey for ${user} from ${ip} port ${port} ssh2: ED25519 SHA256:abc${pid}`;
  }
  if (kind < 0.2)
    return `sshd[${pid}]: pam_unix(sshd:session): session opened for user ${user}(uid=${pid}) by (uid=0)`;
  if (kind < 0.3) return `sshd[${pid}]: pam_unix(sshd:session): session closed for user ${user}`;
  if (kind < 0.55)
    return `CRON[${pid}]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)`;
  if (kind < 0.8) return `CRON[${pid}]: pam_unix(cron:session): session closed for user root`;
  if (kind < 0.9)
    return `sudo:   ${user} : TTY=pts/0 ; PWD=/home/${user} ; USER=root ; COMMAND=/usr/bin/uptime`;
  return `systemd-logind[${1 + (pid % 900)}]: New session ${pid} of user ${user}.`;
}
