import { customFormat, type LineFormat, standardFormat } from "./format.ts";

/** Kinds of log targets; everything that is no name of one is a file. */
export type TargetKind = "STDOUT" | "STDERR" | "SYSOUT" | "SYSLOG" | "SYSTEMD-JOURNAL" | "file";

/** A log target as an administrator writes it, taken apart. */
export interface TargetName {
  /** What `get logtarget` answers: the text as written, without options. */
  readonly text: string;
  readonly kind: TargetKind;
  readonly options: ReadonlyMap<string, string>;
}

const KINDS: readonly TargetKind[] = ["STDOUT", "STDERR", "SYSOUT", "SYSLOG", "SYSTEMD-JOURNAL"];

/**
 * Reads `TARGET` or `TARGET[option=value, option="value", ...]`.
 *
 * @throws RangeError when the brackets are not closed or hold something else than options
 */
export function parseTarget(text: string): TargetName {
  const match = /^([^[]*?)\s*\[(.*)\]\s*$/s.exec(text);
  if (!match && /^[^[]+\[[^\]]*=/.test(text)) throw new RangeError("unexpected option syntax");
  const name = (match?.[1] ?? text).trim();
  const kind = KINDS.find((candidate) => candidate === name.toUpperCase()) ?? "file";
  return { text: name, kind, options: match ? parseOptions(match[2] ?? "") : new Map() };
}

/** The format of a target's lines. Throws RangeError for a format that is not understood. */
export function formatOf(target: TargetName): LineFormat {
  const own = target.options.get("format");
  if (own !== undefined) return customFormat(own);
  const dateless = target.kind === "SYSOUT" || target.kind === "SYSLOG" || target.kind === "SYSTEMD-JOURNAL";
  const unpadded = target.kind === "SYSLOG" || target.kind === "SYSTEMD-JOURNAL";
  return standardFormat({
    datetime: truth(target.options.get("datetime"), !dateless),
    padding: truth(target.options.get("padding"), !unpadded),
  });
}

const OPTION = /\s*(?:,|$)|\s*([\w.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^,]*?))\s*(?=,|$)/gy;

function parseOptions(text: string): Map<string, string> {
  const options = new Map<string, string>();
  OPTION.lastIndex = 0;
  while (OPTION.lastIndex < text.length) {
    const match = OPTION.exec(text);
    if (!match) throw new RangeError("unexpected option syntax");
    if (match[1] !== undefined) options.set(match[1], match[2] ?? match[3] ?? match[4] ?? "");
  }
  return options;
}

function truth(text: string | undefined, otherwise: boolean): boolean {
  return text === undefined ? otherwise : /^(?:1|on|true|yes)$/i.test(text);
}
