import { str } from "../pyvalue/repr.ts";
import { type PyValue, toNumber } from "../pyvalue/value.ts";
import { formatLocalTime } from "../time/format.ts";
import { type Node, render } from "./status-tree.ts";
import { UnexpectedAnswer } from "./unexpected-answer.ts";

/** How the answer to `status JAIL sources` is shown. */

type Dictionary = ReadonlyMap<PyValue, PyValue>;

/** The tree for one jail. */
export function sourcesTree(jail: string, answer: PyValue): string {
  return [`Sources of the jail: ${jail}`, ...render(sources(answer))].join("\n");
}

/** The tree for all jails. */
export function allSourcesTree(answer: PyValue): string {
  if (!(answer instanceof Map)) throw new UnexpectedAnswer();
  const jails = [...answer].map(([jail, list]) => ({ text: `Jail: ${str(jail)}`, children: sources(list) }));
  return ["Sources of the jails:", ...render(jails)].join("\n");
}

function sources(answer: PyValue): Node[] {
  if (!Array.isArray(answer)) throw new UnexpectedAnswer();
  return answer.map((source) => {
    if (!(source instanceof Map)) throw new UnexpectedAnswer();
    return { text: text(source, "source"), children: [...facts(source)] };
  });
}

function* facts(source: Dictionary): Generator<Node> {
  yield leaf("Health", health(source));
  yield leaf("Reader", text(source, "reader"));
  const behind = source.get("behind");
  if (behind instanceof Map) yield leaf("Behind", lag(behind));
  yield leaf("Last line", lastLine(source));
  if (known(source, "position")) {
    yield leaf("Position", `${text(source, "position")} of ${text(source, "size")} bytes`);
    yield leaf("Inode", `${text(source, "inode")} on device ${text(source, "device")}`);
  }
  if (known(source, "cursor")) yield leaf("Cursor", text(source, "cursor"));
}

function health(source: Dictionary): string {
  const since = known(source, "since") ? ` since ${time(source, "since")}` : "";
  const error = known(source, "error") ? `: ${text(source, "error")}` : "";
  return `${text(source, "health")}${since}${error}`;
}

function lag(behind: Dictionary): string {
  const about = behind.get("counted") === false ? "about " : "";
  const parts = [
    known(behind, "lines") && `${about}${text(behind, "lines")} lines`,
    known(behind, "bytes") && `${text(behind, "bytes")} bytes`,
    known(behind, "seconds") && `${Math.round(toNumber(behind.get("seconds")!))} s`,
  ].filter(Boolean);
  return parts.join(", ") || "not known";
}

function lastLine(source: Dictionary): string {
  const dated = known(source, "lastline") ? time(source, "lastline") : null;
  const read = known(source, "lastread") ? time(source, "lastread") : null;
  if (dated === null) return read === null ? "none yet" : `read ${read}`;
  return read === null ? dated : `${dated}, read ${read}`;
}

function leaf(label: string, value: string): Node {
  return { text: `${label}:\t${value}`, children: [] };
}

function known(of: Dictionary, key: string): boolean {
  return (of.get(key) ?? null) !== null;
}

function text(of: Dictionary, key: string): string {
  return str(of.get(key) ?? null);
}

function time(of: Dictionary, key: string): string {
  return formatLocalTime(toNumber(of.get(key) ?? null));
}
