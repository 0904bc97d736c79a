import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** What `/proc` says of a running process (Linux). */

/** Kilobytes of memory: resident in all, and of that without files (`RssAnon`). */
export function memoryOf(pid: number): { resident: number; anonymous: number } {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
  return { resident: field("VmRSS"), anonymous: field("RssAnon") };
}

/** The most megabytes of memory that a running process has ever had resident; `null` when it has ended. */
export function highWaterOf(pid: number): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const kilobytes = /^VmHWM:\s+(\d+)/m.exec(status)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) / 1024;
  } catch {
    return null;
  }
}

/** Seconds of processor time that the process has used. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** A process that uses less than this share of a core has nothing to do. */
const IDLE_SHARE = 0.2;
const SAMPLE_SECONDS = 0.1;

/**
 * Waits until a process has worked and then been idle for two seconds.
 *
 * @param since `performance.now()` at which the work was given
 * @returns seconds from then to the end of the work
 */
export async function busySeconds(pid: number, since: number): Promise<number> {
  let lastBusy = since;
  let used = cpuSecondsOf(pid);
  for (;;) {
    await delay(SAMPLE_SECONDS * 1000);
    const now = performance.now();
    const total = cpuSecondsOf(pid);
    if (total - used > IDLE_SHARE * SAMPLE_SECONDS) lastBusy = now;
    used = total;
    if (now - lastBusy > 2000) return (lastBusy - since) / 1000;
  }
}
