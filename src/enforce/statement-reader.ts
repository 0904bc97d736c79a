import { caseBranchOfForm, PLACE } from "./case-branch.ts";
import type { ShellCommand } from "./dynamic-tags.ts";
import { type FirewallStatement, firewallStatement } from "./firewall-statement.ts";

/** Nothing in such an address could be taken for a part of a command. */
const ADDRESS = /^[0-9a-f]*[.:][0-9a-f.:/]*$/;
const MOST_KNOWN = 100;

/**
 * Understands the commands of an action as {@link firewallStatement} does. They come by the ten thousand and differ in
 * nothing but an address, so each form of theirs is taken apart only once.
 */
export class StatementReader {
  readonly #known = new Map<string, FirewallStatement>();

  /** @param address the address that the command is about, which may be anything at all */
  read(command: ShellCommand, address: string): FirewallStatement | null {
    if (command.values.length > 0) return null;
    if (!ADDRESS.test(address)) return firewallStatement(command);
    const form = caseBranchOfForm(command.script.replaceAll(address, PLACE), address);
    const known = form === null ? undefined : this.#known.get(form);
    if (known) return withAddress(known, address);
    const statement = firewallStatement(command);
    if (form !== null && statement && isFormOfAll(statement, address)) this.#learn(form, statement, address);
    return statement;
  }

  #learn(form: string, statement: FirewallStatement, address: string): void {
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    const replace = (text: string) => text.replaceAll(address, PLACE);
    const { head, element } = statement;
    this.#known.set(form, { ...statement, head: replace(head), element: replace(element) });
  }
}

/** Whether the same command with any other address would be the same statement with that address. */
function isFormOfAll({ reader, language, head, element }: FirewallStatement, address: string): boolean {
  if (reader.some((word) => word.includes(address))) return false;
  if (language !== "nft") return true;
  return !head.includes(address) && (element === address || element.startsWith(`${address} timeout `));
}

function withAddress(statement: FirewallStatement, address: string): FirewallStatement {
  const { head, element } = statement;
  const replace = (text: string) => (text.includes(PLACE) ? text.replaceAll(PLACE, address) : text);
  return { ...statement, head: replace(head), element: replace(element) };
}
