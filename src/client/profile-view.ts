import { str } from "../pyvalue/repr.ts";
import { type PyValue, toNumber } from "../pyvalue/value.ts";
import { type Node, render } from "./status-tree.ts";
import { UnexpectedAnswer } from "./unexpected-answer.ts";

/** How the answer to `profile` is shown. */

type Dictionary = ReadonlyMap<PyValue, PyValue>;

/** Expressions shown of each jail when all jails are. */
const MOST_EXPRESSIONS = 5;
/** Characters of an expression. */
const EXPRESSION_LENGTH = 100;

/**
 * The tree that `profile` and `profile JAIL` print, jails and expressions that cost most first.
 *
 * @param jail the jail that was asked for, if it was one: all its expressions are shown
 */
export function profileTree(answer: PyValue, jail: string | undefined): string {
  // `profile --reset`
  if (typeof answer === "string") return answer;
  const profile = dictionary(answer);
  const server = dictionary(profile.get("server"));
  const jails = [...dictionary(profile.get("jails"))].map(
    ([name, one]) => [str(name), dictionary(one)] as const,
  );
  const total = jails.reduce((sum, [, one]) => sum + costOf(one), 0);
  const nodes = jails
    .toSorted(([, a], [, b]) => costOf(b) - costOf(a))
    .map(([name, one]) =>
      jailNode(name, one, total, jail === undefined ? MOST_EXPRESSIONS : Number.POSITIVE_INFINITY),
    );
  return ["Profile", ...render([serverNode(server), { text: "Jails", children: nodes }])].join("\n");
}

function serverNode(server: Dictionary): Node {
  const [uptime, cpu] = [number(server, "uptime"), number(server, "cpu")];
  return node("Server", [
    leaf("Running for", `${uptime.toFixed(0)} s`),
    leaf("Processor time", `${cpu.toFixed(2)} s, ${percent(cpu / uptime)} of one processor`),
    leaf("Memory", `${bytes(number(server, "memory"))}, ${bytes(number(server, "heap"))} of it the heap`),
  ]);
}

function jailNode(name: string, jail: Dictionary, total: number, mostExpressions: number): Node {
  const children = [
    readingNode(dictionary(jail.get("reading")), total),
    memoryNode(dictionary(jail.get("memory"))),
  ];
  const expressions = list(jail.get("expressions"));
  if (expressions.length > 0) children.push(expressionsNode(expressions, sampleOf(jail), mostExpressions));
  const actions = list(jail.get("actions"));
  if (actions.length > 0) children.push(node("Actions", actions.map(actionNode)));
  const sources = list(jail.get("sources"));
  if (sources.length > 0) children.push(node("Behind", sources.map(sourceNode)));
  return node(`Jail: ${name}`, children);
}

function readingNode(reading: Dictionary, total: number): Node {
  const seconds = number(reading, "seconds");
  const characters = number(reading, "characters");
  const share = total > seconds ? `, ${percent(seconds / total)} of all jails` : "";
  const speed = seconds > 0 ? `, ${bytes(characters / seconds)}/s` : "";
  return leaf(
    "Reading",
    `${seconds.toFixed(3)} s${share}; ${bytes(characters)} in ${number(reading, "blocks")} blocks${speed}`,
  );
}

function memoryNode(memory: Dictionary): Node {
  const [failing, banned] = [number(memory, "failing"), number(memory, "banned")];
  return leaf("Memory", `about ${bytes(number(memory, "bytes"))}, ${failing} failing, ${banned} banned`);
}

function expressionsNode(expressions: readonly Dictionary[], sample: number, most: number): Node {
  const inUse = expressions
    .filter((one) => number(one, "tried") > 0 || number(one, "found") > 0)
    .toSorted((a, b) => number(b, "share") - number(a, "share"));
  const nodes = inUse.slice(0, most).map(expressionNode);
  const rest = expressions.length - nodes.length;
  if (rest > 0) nodes.push({ text: `... and ${rest} that cost less or nothing`, children: [] });
  return node(`Expressions, by ${sample} lines read lately`, nodes);
}

function expressionNode(one: Dictionary): Node {
  const kind = text(one, "kind");
  const label = kind.startsWith("date") || kind === "prefregex" ? kind : `${kind} [${text(one, "index")}]`;
  const found = one.has("found") ? `, found ${text(one, "found")} failures` : "";
  const facts =
    `${percent(number(one, "share"))}, ${number(one, "microseconds").toFixed(2)} us for each of ${text(one, "tried")} lines,` +
    ` ${text(one, "matched")} matched${found}`;
  const written = text(one, "expression");
  const shown =
    written.length > EXPRESSION_LENGTH ? `${written.slice(0, EXPRESSION_LENGTH - 3)}...` : written;
  return { text: `${label}:\t${facts}`, children: shown === "" ? [] : [{ text: shown, children: [] }] };
}

function actionNode(action: Dictionary): Node {
  const [seconds, runs] = [number(action, "seconds"), number(action, "runs")];
  const each = runs > 0 ? `, ${((seconds * 1000) / runs).toFixed(1)} ms each` : "";
  const waiting = number(action, "waiting") > 0 ? `, ${text(action, "waiting")} waiting` : "";
  const done = `${seconds.toFixed(3)} s in ${runs} runs${each}; ${text(action, "operations")} operations${waiting}`;
  return leaf(text(action, "action"), done);
}

function sourceNode(source: Dictionary): Node {
  const behind = source.get("behind");
  const lag = behind instanceof Map ? behind : new Map<PyValue, PyValue>();
  const known = (key: string, unit: string) =>
    (lag.get(key) ?? null) === null ? [] : [`${amount(lag, key)} ${unit}`];
  const parts = [...known("bytes", "bytes"), ...known("lines", "lines"), ...known("seconds", "s")];
  return leaf(text(source, "source"), parts.join(", ") || "not known");
}

function amount(of: Dictionary, key: string): string {
  return String(Math.round(number(of, key)));
}

function sampleOf(jail: Dictionary): number {
  return number(dictionary(jail.get("reading")), "sample");
}

function costOf(jail: Dictionary): number {
  return number(dictionary(jail.get("reading")), "seconds");
}

function node(text: string, children: readonly Node[]): Node {
  return { text, children };
}

function leaf(label: string, value: string): Node {
  return { text: `${label}:\t${value}`, children: [] };
}

function dictionary(value: PyValue | undefined): Dictionary {
  if (value instanceof Map) return value;
  throw new UnexpectedAnswer();
}

function list(value: PyValue | undefined): Dictionary[] {
  if (!Array.isArray(value)) throw new UnexpectedAnswer();
  return value.map(dictionary);
}

function number(of: Dictionary, key: string): number {
  return toNumber(of.get(key) ?? 0);
}

function text(of: Dictionary, key: string): string {
  return str(of.get(key) ?? null);
}

function percent(part: number): string {
  const value = part * 100;
  return `${value >= 10 ? value.toFixed(0) : value.toFixed(1)} %`;
}

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

function bytes(count: number): string {
  let value = count;
  let unit = 0;
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value.toFixed(0) : value.toFixed(1)} ${UNITS[unit]}`;
}
