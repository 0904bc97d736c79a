import { reprString } from "../pyvalue/repr.ts";

/** A matched line: the whole line, or its parts before the date, the date, and after it. */
export type StoredMatch = string | [before: string, date: string, after: string];

/** What was captured and counted for a ban. */
export interface StoredData {
  /** The matched lines, oldest first. Rows of other programs may lack them. */
  matches: StoredMatch[];
  /** Number of failures that led to the ban. */
  failures: number;
  /** Captured values by name: `ip4`, `user`, … */
  [captured: string]: unknown;
}

/** One ban as the database knows it. */
export interface StoredBan {
  /** The identifier's text. */
  ip: string;
  /** When the ban began, seconds since 1970 UTC. */
  timeOfBan: number;
  /** Seconds it lasts; -1 for ever. */
  bantime: number;
  /** How many bans of this identifier there were, this one included. */
  banCount: number;
  data: StoredData;
}

/**
 * The column `data`: JSON as Python writes it, with a blank behind every comma and colon, in UTF-8.
 *
 * At most the last `maxMatches` matched lines are kept; with 0, none and no key for them. Sets become the text
 * of a Python list, as the reference stores them.
 */
export function encodeData(data: StoredData, maxMatches: number): Buffer {
  const { matches, failures, ...captured } = data;
  const kept = maxMatches > 0 ? { matches: matches.slice(-maxMatches) } : {};
  return Buffer.from(toJson({ ...kept, failures, ...captured }));
}

/**
 * Reads the column `data`, whether it is stored as bytes or as text. What is no JSON object counts as an empty
 * one; `onDamage` is told why.
 */
export function decodeData(column: unknown, onDamage: (reason: string) => void): StoredData {
  let value: unknown = {};
  if (column !== null && column !== undefined) {
    try {
      value = JSON.parse(
        column instanceof Uint8Array ? Buffer.from(column).toString("utf8") : String(column),
      );
    } catch (error) {
      onDamage((error as Error).message);
    }
  }
  const data = (typeof value === "object" && !Array.isArray(value) ? value : null) ?? {};
  const { matches, failures, ...captured } = data as Record<string, unknown>;
  return {
    matches: Array.isArray(matches) ? matches.filter(isMatch) : [],
    failures: typeof failures === "number" ? failures : 1,
    ...captured,
  };
}

function isMatch(value: unknown): value is StoredMatch {
  if (typeof value === "string") return true;
  return Array.isArray(value) && value.length === 3 && value.every((part) => typeof part === "string");
}

function toJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toJson).join(", ")}]`;
  if (value instanceof Set)
    return JSON.stringify(`[${[...value].map((v) => reprString(String(v))).join(", ")}]`);
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${toJson(member)}`).join(", ")}}`;
  }
  return JSON.stringify(value) ?? "null";
}
