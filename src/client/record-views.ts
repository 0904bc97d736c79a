import { str } from "../pyvalue/repr.ts";
import { type PyValue, toNumber } from "../pyvalue/value.ts";
import { formatLocalTime } from "../time/format.ts";
import { type Node, render } from "./status-tree.ts";
import { UnexpectedAnswer } from "./unexpected-answer.ts";

/** How the answers to `search`, `history` and `why` are shown. */

const HEADINGS = ["Time", "Jail", "Address", "Seconds", "Ban", "Failures"] as const;

/** The tree that `search` prints. */
export function searchTree(wanted: string, answer: PyValue): string {
  const entries = dictionaries(answer);
  if (entries.length === 0) return `No jail knows ${wanted}.`;
  const nodes = entries.map((entry): Node => {
    const id = text(entry, "id");
    const own = id === wanted ? "" : ` (${id})`;
    return { text: `Jail: ${text(entry, "jail")}${own}`, children: [...facts(entry)] };
  });
  return [`Records of: ${wanted}`, ...render(nodes)].join("\n");
}

function* facts(entry: Map<PyValue, PyValue>): Generator<Node> {
  const ban = entry.get("ban");
  if (ban instanceof Map) {
    const until = ban.get("until") ?? null;
    const end = until === null ? "for ever" : `until ${time(until)}`;
    yield leaf("Banned", `since ${time(ban.get("since"))} ${end}`);
    yield leaf("Ban number", text(ban, "number"));
    yield leaf("Failures", text(ban, "failures"));
    yield* lines("Matched lines", ban.get("matches"));
  }
  if (entry.has("network")) yield leaf("Blocked with its network", text(entry, "network"));
  const failing = entry.get("failing");
  if (failing instanceof Map) {
    yield leaf(
      "Failing",
      `${text(failing, "count")} of ${text(failing, "of")}, last ${time(failing.get("last"))}`,
    );
    yield* lines("Lines of these failures", failing.get("matches"));
  }
  const past = dictionaries(entry.get("past") ?? []);
  if (past.length > 0) {
    const children = past.map((one) => ({
      text: `${time(one.get("time"))} for ${seconds(one)}, ${text(one, "failures")} failures`,
      children: [],
    }));
    yield { text: "Earlier bans", children };
  }
}

/** The table that `history` prints. */
export function historyTable(answer: PyValue): string {
  const bans = dictionaries(answer);
  if (bans.length === 0) return "No bans on record.";
  const rows = bans.map((ban) => [
    time(ban.get("time")),
    text(ban, "jail"),
    text(ban, "id"),
    seconds(ban),
    text(ban, "number"),
    text(ban, "failures"),
  ]);
  const all = [[...HEADINGS], ...rows];
  const widths = HEADINGS.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const aligned = (cell: string, column: number) =>
    column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return all.map((row) => row.map(aligned).join("  ").trimEnd()).join("\n");
}

/** What `why` prints. */
export function whyTree(answer: PyValue): string {
  if (!(answer instanceof Map)) throw new UnexpectedAnswer();
  const nodes: Node[] = [];
  if (answer.has("time")) nodes.push(leaf("Time", time(answer.get("time"))));
  for (const kind of ["failregex", "ignoreregex"]) {
    const found = answer.get(kind);
    if (Array.isArray(found)) nodes.push(leaf(kind, `[${str(found[0] ?? null)}] ${str(found[1] ?? null)}`));
  }
  if (answer.has("id")) nodes.push(leaf("Address", text(answer, "id")));
  const captured = answer.get("captured");
  if (captured instanceof Map && captured.size > 0) {
    const children = [...captured].map(([name, value]) => leaf(str(name), str(value)));
    nodes.push({ text: "Captured", children });
  }
  nodes.push(leaf("Verdict", text(answer, "verdict")));
  return [`In the jail ${text(answer, "jail")}: ${text(answer, "line")}`, ...render(nodes)].join("\n");
}

function leaf(label: string, value: string): Node {
  return { text: `${label}:\t${value}`, children: [] };
}

function* lines(label: string, value: PyValue | undefined): Generator<Node> {
  if (!Array.isArray(value) || value.length === 0) return;
  yield { text: label, children: value.map((line) => ({ text: str(line), children: [] })) };
}

function dictionaries(answer: PyValue): Map<PyValue, PyValue>[] {
  if (!Array.isArray(answer)) throw new UnexpectedAnswer();
  return answer.filter((item) => item instanceof Map);
}

function text(of: Map<PyValue, PyValue>, key: string): string {
  return str(of.get(key) ?? null);
}

function time(epoch: PyValue | undefined): string {
  return formatLocalTime(toNumber(epoch ?? null));
}

function seconds(ban: Map<PyValue, PyValue>): string {
  const value = text(ban, "seconds");
  return value === "-1" ? "ever" : value;
}
