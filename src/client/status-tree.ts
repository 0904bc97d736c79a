import { str } from "../pyvalue/repr.ts";
import { PyTuple, type PyValue } from "../pyvalue/value.ts";
import { UnexpectedAnswer } from "./unexpected-answer.ts";

/** A line of a tree with the lines below it. */
export interface Node {
  readonly text: string;
  readonly children: readonly Node[];
}

/** The tree that `status` and `status --all` print. */
export function serverStatus(answer: PyValue): string {
  if (!Array.isArray(answer)) throw new UnexpectedAnswer();
  const nodes = answer.filter((item) => !(item instanceof Map)).map(pairNode);
  const jails = answer.find((item) => item instanceof Map);
  if (jails instanceof Map && jails.size > 0) {
    const children = [...jails].map(([name, status]) => ({
      text: `Jail: ${str(name)}`,
      children: pairNodes(status),
    }));
    nodes.push({ text: "Status for the jails:", children });
  }
  return ["Status", ...render(nodes)].join("\n");
}

/** The tree that `status JAIL` prints. */
export function jailStatus(jail: string, answer: PyValue): string {
  return [`Status for the jail: ${jail}`, ...render(pairNodes(answer))].join("\n");
}

function pairNodes(pairs: PyValue): Node[] {
  if (!Array.isArray(pairs)) throw new UnexpectedAnswer();
  return pairs.map(pairNode);
}

function pairNode(pair: PyValue): Node {
  const items = pair instanceof PyTuple ? pair.items : Array.isArray(pair) ? pair : [];
  const [label, value] = items;
  if (typeof label !== "string" || value === undefined) throw new UnexpectedAnswer();
  if (Array.isArray(value) && value.length > 0 && value.every((item) => item instanceof PyTuple)) {
    return { text: label, children: pairNodes(value) };
  }
  const shown = Array.isArray(value) ? value.map(str).join(" ") : str(value);
  return { text: `${label}:\t${shown}`, children: [] };
}

/** The lines of a tree. */
export function render(nodes: readonly Node[], indent = ""): string[] {
  return nodes.flatMap(({ text, children }, i) => {
    const last = i === nodes.length - 1;
    return [
      `${indent}${last ? "`- " : "|- "}${text}`,
      ...render(children, `${indent}${last ? "   " : "|  "}`),
    ];
  });
}
