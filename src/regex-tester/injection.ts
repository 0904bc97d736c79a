import {
  appendedTexts,
  type InjectedText,
  injectedTexts,
  shiftedText,
  withInside,
} from "../detect/attack-lines.ts";
import type { Expression } from "../detect/expression.ts";
import type { FailureData } from "../detect/failure.ts";
import type { Node } from "../pyregex/ast.ts";
import { parse } from "../pyregex/parser.ts";

/** How a stranger can make a filter name another address than that of the line. */
export interface Injection {
  readonly way: "within" | "behind" | "before";
  /** A line that does it. */
  readonly text: string;
}

/** How an expression takes only a part of an address, as `.*<HOST>` does; `null`: it takes all of it, or it is not known. */
export function cutAddress(failRegex: Expression): { readonly text: string; readonly taken: string } | null {
  const plain = shiftedText(rootOf(failRegex), "");
  if (!plain) return null;
  const taken = addressIn(failRegex, plain.text);
  return taken === null || !isPart(taken, plain.foreign) ? null : { text: plain.text, taken };
}

function isPart(text: string, of: string): boolean {
  return text !== of && of.includes(text);
}

/** How another address than the one at its place can be found in the text that a failregex sees; `null`: no way was found. */
export function injectionInto(failRegex: Expression): Injection | null {
  return search(rootOf(failRegex), (text) => addressIn(failRegex, text));
}

/** Whom an expression names in a text; `null`: nobody. */
function addressIn(failRegex: Expression, text: string): string | null {
  const match = failRegex.search(`${text}\n`);
  return match && addressOf(failRegex.groups(match));
}

/** The same in a whole line, of which the prefregex leaves a part to the failregex. */
export function injectionThrough(prefRegex: Expression, failRegex: Expression): Injection | null {
  const { root, groupNames } = parse(prefRegex.text, FLAGS);
  const content = groupNames.indexOf("content") + 1;
  if (content === 0) return null;
  return search(withInside(root, content, rootOf(failRegex)), (line) => {
    const head = prefRegex.search(`${line}\n`);
    const text = head?.group("content");
    const match = text ? failRegex.search(`${text}\n`) : null;
    return match && addressOf(failRegex.groups(match, prefRegex.groups(head!)));
  });
}

const FLAGS = { ignoreCase: false, multiline: false, dotAll: false, verbose: false, ascii: false };

function rootOf(expression: Expression): Node {
  return parse(expression.text, FLAGS).root;
}

function addressOf({ ip4, ip6, dns }: FailureData): string | null {
  const value = ip4 ?? ip6 ?? dns;
  return typeof value === "string" ? value : null;
}

/** @param addressIn the address that is found in a line; `null`: none */
function search(root: Node, addressIn: (line: string) => string | null): Injection | null {
  const isTaken = ({ text, foreign }: InjectedText) => addressIn(text) === foreign;
  const within = injectedTexts(root).find(isTaken);
  if (within) return { way: "within", text: within.text };
  const shifted = shiftedText(root);
  if (shifted && isTaken(shifted)) return { way: "before", text: shifted.text };
  // Where nothing may stand behind the expression, nobody can write there.
  const behind = appendedTexts(root).find((it) => addressIn(it.harmless) === it.own && isTaken(it));
  return behind ? { way: "behind", text: behind.text } : null;
}
