import { caseBranch } from "./case-branch.ts";
import type { ShellCommand } from "./dynamic-tags.ts";
import { plainWords } from "./plain-words.ts";
import { sufficientCommand } from "./sufficient-command.ts";
import { tolerantDelete } from "./tolerant-delete.ts";

/** A command for a firewall as a statement for a program that reads many of them and applies all or none. */
export interface FirewallStatement {
  /** The program that reads statements from its standard input, with its arguments. */
  readonly reader: readonly string[];
  /** The language of the reader. */
  readonly language: "nft" | "ipset" | "iptables";
  /** The statement; for nft up to the opening brace. */
  readonly head: string;
  /** nft: the set's element, which may share a statement with others; otherwise empty. */
  readonly element: string;
  /**
   * nft: what is done to the element before, in the same transaction: it is added when it may be gone and is to be
   * deleted, added and deleted when it may be there with another timeout.
   */
  readonly before: readonly ("add" | "delete")[];
}

const NAME = /^[A-Za-z_][\w.-]*$/;
const ADDRESS = /^[0-9A-Fa-f.:]+(?:\/\d{1,3})?$/;
const DURATION = /^\d+[smhd]?$/;
/** A word of a rule or of an ipset entry: nothing that its reader's own quoting could take apart. */
const SIMPLE = /^[\w.:/,!+@%=-]+$/;
/** Values of {@link FirewallStatement.before}. */
const NOTHING = [] as const;
const RENEWAL = ["add", "delete"] as const;
const TOLERANT_DELETION = ["add"] as const;
const FAMILIES = new Set(["ip", "ip6", "inet", "bridge", "netdev"]);

/**
 * Understands a command that adds or removes one entry of a firewall: `nft add|delete element`,
 * `ipset -exist add|del`, `iptables` and `ip6tables` with `-I`, `-A` or `-D`. `null` for any other command.
 */
export function firewallStatement({ script, values }: ShellCommand): FirewallStatement | null {
  // A value that travels as an argument was no address.
  if (values.length > 0) return null;
  const branch = caseBranch(script);
  const tolerant = tolerantDelete(branch);
  const words = plainWords(tolerant ?? sufficientCommand(branch) ?? branch);
  if (!words) return null;
  const [program = "", ...args] = words;
  if (!/^(?:\/[\w./-]+\/)?[a-z0-9-]+$/.test(program)) return null;
  switch (program.slice(program.lastIndexOf("/") + 1)) {
    case "nft":
      return nftStatement(program, args, tolerant !== null);
    case "ipset":
      return ipsetStatement(program, args);
    case "iptables":
    case "ip6tables":
      return iptablesStatement(program, args);
    default:
      return null;
  }
}

/** One text for the reader of the statements, which all have the same one. */
export function transactionText(statements: readonly FirewallStatement[]): string {
  switch (statements[0]?.language) {
    case "nft":
      return nftText(statements);
    case "iptables":
      return `*${tableOf(statements[0])}\n${lines(statements)}COMMIT\n`;
    default:
      return lines(statements);
  }
}

/** Whether two statements can be part of one transaction. */
export function sharesTransaction(one: FirewallStatement, other: FirewallStatement): boolean {
  return one.reader === other.reader || one.reader.join(" ") === other.reader.join(" ");
}

function nftStatement(
  program: string,
  args: readonly string[],
  mayBeGone: boolean,
): FirewallStatement | null {
  const words = args[0] === "--" ? args.slice(1) : args;
  // Braces and semicolons may be words of their own or stuck to their neighbours, which is the same to nft.
  const parts = words.join(" ").split(";").map(elementStatement);
  const last = parts.at(-1);
  if (!last || (parts.length > 1 && !isRenewal(parts))) return null;
  const reader = [program, "-f", "-"];
  const head = `${last.verb} ${last.set}`;
  const deletion = mayBeGone ? TOLERANT_DELETION : NOTHING;
  const before = parts.length > 1 ? RENEWAL : deletion;
  return { reader, language: "nft", head, element: last.element, before };
}

interface ElementStatement {
  readonly verb: "add" | "delete";
  /** Family, table and set, behind the word `element`. */
  readonly set: string;
  readonly element: string;
}

function elementStatement(text: string): ElementStatement | null {
  const [verb = "", object, family = "", table = "", set = "", ...rest] = text.trim().split(/\s+/);
  const element = /^\{ ?([^{}]+?) ?\}$/.exec(rest.join(" "))?.[1];
  if ((verb !== "add" && verb !== "delete") || object !== "element" || element === undefined) return null;
  if (!FAMILIES.has(family) || !NAME.test(table) || !NAME.test(set)) return null;
  const [address = "", option, duration = "", ...more] = element.split(" ");
  const timeoutIsFine = option === undefined || (option === "timeout" && DURATION.test(duration));
  if (!ADDRESS.test(address) || !timeoutIsFine || more.length > 0) return null;
  return { verb, set: `element ${family} ${table} ${set}`, element };
}

/** Whether an element is put in, taken out and put in with a timeout, so that it has that one in any case. */
function isRenewal(parts: readonly (ElementStatement | null)[]): boolean {
  const [first, second, third, ...more] = parts;
  if (!first || !second || !third || more.length > 0) return false;
  const isSame = (part: ElementStatement) => part.set === first.set && bare(part.element) === first.element;
  return (
    [first, second, third].map(({ verb }) => verb).join() === "add,delete,add" &&
    isSame(second) &&
    isSame(third)
  );
}

/** An element without its timeout. */
function bare(element: string): string {
  return element.split(" ", 1)[0]!;
}

/** Only with `-exist`: when a transaction fails some of it was done, and has to be repeated without harm. */
function ipsetStatement(program: string, args: readonly string[]): FirewallStatement | null {
  const repeatable = args.some((word) => word === "-exist" || word === "-!" || word === "--exist");
  const words = args.filter((word) => !/^-(?:exist|!|-exist)$/.test(word));
  const [verb = ""] = words;
  if (!repeatable || (verb !== "add" && verb !== "del") || words.length < 3) return null;
  if (!words.slice(1).every((word) => SIMPLE.test(word) && !word.startsWith("-"))) return null;
  const reader = [program, "-exist", "restore"];
  return { reader, language: "ipset", head: words.join(" "), element: "", before: NOTHING };
}

function iptablesStatement(program: string, args: readonly string[]): FirewallStatement | null {
  const reader = [`${program}-restore`, "--noflush"];
  let table = "filter";
  let at = 0;
  for (; at < args.length; at++) {
    const word = args[at]!;
    if (word === "-w" || word === "--wait") {
      reader.push("-w");
      if (/^\d+$/.test(args[at + 1] ?? "")) reader.push(args[++at]!);
    } else if (word === "-t") table = args[++at] ?? "";
    else break;
  }
  const words = args.slice(at);
  if (!/^-[IAD]$/.test(words[0] ?? "") || words.length < 3 || !NAME.test(table)) return null;
  if (!words.every((word) => SIMPLE.test(word)) || words.includes("-t") || words.includes("-w")) return null;
  reader.push("-T", table);
  return { reader, language: "iptables", head: words.join(" "), element: "", before: NOTHING };
}

function tableOf({ reader }: FirewallStatement): string {
  return reader.at(-1) ?? "";
}

function lines(statements: readonly FirewallStatement[]): string {
  return statements.map(({ head }) => `${head}\n`).join("");
}

/** Neighbours that do the same to the same set become one statement: nft checks interval sets once for each. */
function nftText(statements: readonly FirewallStatement[]): string {
  let text = "";
  for (let start = 0; start < statements.length; ) {
    const { head, before } = statements[start]!;
    const addresses = new Set<string>();
    let end = start;
    for (; statements[end]?.head === head && statements[end]?.before === before; end++) {
      if (before.length === 0) continue;
      const address = bare(statements[end]!.element);
      // What was deleted in a statement cannot be deleted there once more.
      if (addresses.has(address)) break;
      addresses.add(address);
    }
    const set = head.slice(head.indexOf(" "));
    for (const verb of before) text += `${verb}${set} { ${[...addresses].join(", ")} }\n`;
    text += `${head} { ${statements
      .slice(start, end)
      .map(({ element }) => element)
      .join(", ")} }\n`;
    start = end;
  }
  return text;
}
