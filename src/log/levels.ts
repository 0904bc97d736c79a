import { LEVELS } from "./logger.ts";

/** Names that are accepted besides those of {@link LEVELS}. */
const SYNONYMS: Readonly<Record<string, number>> = {
  WARN: LEVELS.WARNING,
  FATAL: LEVELS.CRITICAL,
  NOTSET: 0,
};

/** What log lines show of a level: its name, or something shorter. */
const SHOWN: ReadonlyMap<number, string> = new Map([
  [0, "NOTSET"],
  ...Object.entries(LEVELS).map(([name, level]): [number, string] => [level, name]),
  [LEVELS.TRACEDEBUG, "TRACE"],
  [LEVELS.HEAVYDEBUG, "HEAVY"],
]);

/**
 * The numeric level for a name (in any case) or a number as text; `null` when it is neither.
 *
 * @example parseLevel("notice") // 25
 */
export function parseLevel(text: string): number | null {
  const name = text.trim().toUpperCase();
  if (/^\d{1,9}$/.test(name)) return Number(name);
  const levels: Readonly<Record<string, number>> = { ...LEVELS, ...SYNONYMS };
  return Object.hasOwn(levels, name) ? (levels[name] ?? null) : null;
}

/** The level as log lines show it: `NOTICE`, `TRACE`, `#09-Lev.`. */
export function levelName(level: number): string {
  return SHOWN.get(level) ?? `#${String(level).padStart(2, "0")}-Lev.`;
}
