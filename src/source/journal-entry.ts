import { isUtf8 } from "node:buffer";
import type { LineDecoder } from "./encoding.ts";
import type { JournalEntry } from "./journal-export.ts";

/** The fields that a log line is made of; nothing else need be asked of the journal. */
export const JOURNAL_FIELDS = [
  "MESSAGE",
  "_HOSTNAME",
  "SYSLOG_IDENTIFIER",
  "_COMM",
  "SYSLOG_PID",
  "_PID",
  "_SOURCE_REALTIME_TIMESTAMP",
  "_SOURCE_MONOTONIC_TIMESTAMP",
] as const;

/** A journal entry as a filter sees it. */
export interface JournalLine {
  /** Seconds since 1970 UTC, exact to the microsecond. */
  readonly time: number;
  /** The time as ISO 8601 in the system's zone: `2026-11-21T03:19:33.106367+00:00`. */
  readonly isoTime: string;
  /** `host sshd[100]: message`. */
  readonly text: string;
  /** Names the entry's place in the journal. */
  readonly cursor: string;
}

const MICROSECONDS = 1_000_000;

/** Makes a log line of an entry; `null` for one without a usable time, which no journal has. */
export function journalLine(entry: JournalEntry, decoder: LineDecoder): JournalLine | null {
  const stamp = integer(entry, "_SOURCE_REALTIME_TIMESTAMP") ?? integer(entry, "__REALTIME_TIMESTAMP");
  if (stamp === null) return null;
  const field = (name: string) => {
    const value = entry.get(name)?.[0];
    return value && decode(value, decoder);
  };
  return {
    time: stamp / MICROSECONDS,
    isoTime: isoTime(stamp),
    text: textOf(entry, field, decoder),
    cursor: entry.get("__CURSOR")?.[0]?.toString("latin1") ?? "",
  };
}

function textOf(
  entry: JournalEntry,
  field: (name: string) => string | undefined,
  decoder: LineDecoder,
): string {
  const parts: string[] = [];
  const host = field("_HOSTNAME");
  if (host !== undefined) parts.push(host);
  const identifier = field("SYSLOG_IDENTIFIER") ?? field("_COMM");
  if (identifier !== undefined) {
    const pid = field("SYSLOG_PID") ?? field("_PID");
    const tag = `${identifier}${pid === undefined ? "" : `[${asNumber(pid)}]`}:`;
    parts.push(tag);
    if (tag === "kernel:") parts.push(uptime(entry));
  }
  parts.push((entry.get("MESSAGE") ?? []).map((value) => decode(value, decoder)).join(" "));
  return parts.join(" ").replaceAll("\n", "\\n");
}

/** Seconds since the start of the machine, as the kernel's own log shows them. */
function uptime(entry: JournalEntry): string {
  const stamp = integer(entry, "_SOURCE_MONOTONIC_TIMESTAMP") ?? integer(entry, "__MONOTONIC_TIMESTAMP") ?? 0;
  return `[${(stamp / MICROSECONDS).toFixed(6).padStart(12)}]`;
}

/** The journal holds UTF-8 by and large; what is not is taken by the jail's encoding. */
function decode(value: Buffer, decoder: LineDecoder): string {
  return isUtf8(value) ? value.toString("utf8") : decoder.decode(value).text;
}

function asNumber(text: string): string {
  return /^\s*[+-]?\d+\s*$/.test(text) ? BigInt(text.trim().replace(/^\+/, "")).toString() : text;
}

function integer(entry: JournalEntry, name: string): number | null {
  const text = entry.get(name)?.[0]?.toString("latin1");
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : null;
}

/** @param stamp microseconds since 1970 UTC */
function isoTime(stamp: number): string {
  const micro = stamp % MICROSECONDS;
  const date = new Date((stamp - micro) / 1000);
  const offset = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 19);
  const fraction = micro === 0 ? "" : `.${String(micro).padStart(6, "0")}`;
  const minutes = Math.abs(offset);
  const two = (value: number) => String(value).padStart(2, "0");
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  return `${local}${fraction}${zone}`;
}
