import { type FailureValue, lineText, type MatchedLine, matchesOf } from "../detect/failure.ts";
import type { Finding } from "../detect/filter.ts";
import type { Identifier } from "../net/identifier.ts";
import { repr, reprString } from "../pyvalue/repr.ts";
import { PyFloat, PyTuple, type PyValue } from "../pyvalue/value.ts";

/** A failure as it is printed by the option `-o`. */
export interface PrintedFailure {
  /** `null` for lines that did not match. */
  readonly id: Identifier | null;
  readonly finding: Pick<Finding, "time" | "timeIsInteger" | "data">;
}

/** Makes the lines that are printed for one failure, without their ends. */
export type OutputFormat = (failure: PrintedFailure) => string[];

/**
 * The format that the option `-o` names: `id`, `ip`, `msg`, `row`, the name of a group, or a text with tags.
 *
 * @param now current time, which stands in where a failure has none, in seconds since 1970 UTC
 */
export function outputFormat(name: string, now: () => number): OutputFormat {
  switch (name) {
    case "id":
    case "fid":
      return (failure) => [idText(failure)];
    case "ip":
      return (failure) => [addressText(failure)];
    case "msg":
      return ({ finding }) => matchesOf(finding.data).map(lineText);
    case "row":
      return (failure) => [row(failure)];
    default:
      return name.includes("<")
        ? (failure) => fillTemplate(name, failure, now)
        : (failure) => [group(name, failure)];
  }
}

function idText({ id }: PrintedFailure): string {
  return id ? id.text : "None";
}

function addressText(failure: PrintedFailure): string {
  const address = failure.finding.data["ip"];
  return typeof address === "string" ? address : idText(failure);
}

function group(name: string, { finding }: PrintedFailure): string {
  const value = finding.data[name];
  return typeof value === "string" ? value : repr(asPython(value ?? null));
}

function row({ id, finding }: PrintedFailure): string {
  const { data, time, timeIsInteger } = finding;
  const isTuple = Array.isArray(data["fid"]);
  const shownId = id === null ? null : isTuple ? asPython(data["fid"] ?? null) : id.text;
  const shownTime = time === null || timeIsInteger ? time : new PyFloat(time);
  const groups = Object.entries(data).filter(([name]) => name !== "matches");
  const shownGroups = new Map(groups.map(([name, value]) => [name, asPython(value)]));
  return `[${repr(shownId)},\t${repr(shownTime)},\t${repr(shownGroups)}],`;
}

function asPython(value: FailureValue): PyValue {
  if (value === null || typeof value === "string") return value;
  if (value instanceof Set) return new Set(value);
  const items = value as readonly (string | null | MatchedLine)[];
  if (!items.some((item) => Array.isArray(item))) return new PyTuple(...(items as (string | null)[]));
  return items.map((item) => (Array.isArray(item) ? new PyTuple(...item) : (item as string | null)));
}

const TAG = /<([a-z-]+|F-[A-Z0-9_-]+)>/g;
const MESSAGE = "<msg>";

/** `<msg>` stands for one line; with several of them there is one result for each. */
function fillTemplate(template: string, failure: PrintedFailure, now: () => number): string[] {
  const tags = tagValues(failure, now);
  const filled = template
    .split(MESSAGE)
    .map((part) => part.replace(TAG, (tag: string, name: string) => tags(name) ?? tag));
  if (filled.length === 1) return [filled[0]!.replaceAll("\0", "\\x00")];
  return matchesOf(failure.finding.data).map((line) => filled.join(lineText(line)).replaceAll("\0", "\\x00"));
}

function tagValues(failure: PrintedFailure, now: () => number): (name: string) => string | null {
  const { id, finding } = failure;
  const { data, time, timeIsInteger } = finding;
  const values: Readonly<Record<string, () => string>> = {
    ip: () => addressText(failure),
    fid: () => idText(failure),
    family: () => id?.family ?? "None",
    "ip-rev": () => id?.reversed ?? "",
    time: () => repr(time !== null && timeIsInteger ? time : new PyFloat(time ?? now())),
    failures: () => "0",
    matches: () => matchesOf(data).map(lineText).join("\n"),
    br: () => "\n",
    sp: () => " ",
  };
  return (name) => {
    if (name.startsWith("F-")) return captured(data[groupOf(name)] ?? null);
    return Object.hasOwn(values, name) ? values[name]!() : null;
  };
}

function groupOf(tag: string): string {
  const name = tag.slice(2).toLowerCase();
  if (name === "id") return "fid";
  return name === "port" ? "fport" : name;
}

function captured(value: FailureValue): string {
  if (value === null) return "";
  return typeof value === "string" ? value : repr(asPython(value));
}

/** A dictionary of captured groups in Python's notation. */
export function reprGroups(groups: Readonly<Record<string, FailureValue>>): string {
  const parts = Object.entries(groups).map(
    ([name, value]) => `${reprString(name)}: ${repr(asPython(value))}`,
  );
  return `{${parts.join(", ")}}`;
}
