/** What a jail has in a table. */
export interface TableShare {
  readonly chain: string;
  readonly sets: readonly string[];
}

/** A chain, set or anything else that has a name in a table. */
interface NamedObject {
  readonly kind: string;
  readonly name: string;
  readonly lines: string[];
}

const HEADER = /^table (\S+) (\S+) \{/;
const OBJECT = /^\t(\w+) (\S+) \{/;
const HANDLE = / # handle (\d+)$/;

/** A table as `nft -a -t list table FAMILY NAME` shows it, and the statements that take shares of jails away. */
export class NftTable {
  /** Family and name. */
  readonly #name: string;
  readonly #objects: readonly NamedObject[];

  private constructor(name: string, objects: readonly NamedObject[]) {
    this.#name = name;
    this.#objects = objects;
  }

  /** Reads what nft has printed; `null` when that is no table. */
  static parse(listing: string): NftTable | null {
    const [first = "", ...lines] = listing.split("\n");
    const [, family, table] = HEADER.exec(first) ?? [];
    if (family === undefined) return null;
    const objects: NamedObject[] = [];
    for (const line of lines) {
      const [, kind, name] = OBJECT.exec(line) ?? [];
      if (kind !== undefined && name !== undefined) objects.push({ kind, name, lines: [] });
      else if (line.startsWith("\t\t")) objects.at(-1)?.lines.push(line.trim());
    }
    return new NftTable(`${family} ${table}`, objects);
  }

  hasSet(name: string): boolean {
    return this.#objects.some((object) => object.kind === "set" && object.name === name);
  }

  /** Statements that empty the sets of these jails. */
  flushing(shares: readonly TableShare[]): string {
    return this.#setsOf(shares)
      .map((set) => `flush set ${this.#name} ${set}\n`)
      .join("");
  }

  /** Statements that take away sets and rules of these jails, their chains and the table too if nothing else is left. */
  removing(shares: readonly TableShare[]): string {
    const sets = new Set(this.#setsOf(shares));
    const chains = new Set(shares.map(({ chain }) => chain));
    const isOfJails = (rule: string) =>
      rule.match(/@\S+(?= )/g)?.some((set) => sets.has(set.slice(1))) ?? false;
    const statements: string[] = [];
    const emptied = new Set<string>();
    for (const { kind, name, lines } of this.#objects) {
      if (kind !== "chain" || !chains.has(name)) continue;
      const rules = lines.filter((line) => HANDLE.test(line));
      const ours = rules.filter(isOfJails);
      for (const rule of ours) {
        statements.push(`delete rule ${this.#name} ${name} handle ${HANDLE.exec(rule)![1]}\n`);
      }
      if (ours.length === rules.length) emptied.add(name);
    }
    const isGone = ({ kind, name }: NamedObject) =>
      (kind === "set" && sets.has(name)) || (kind === "chain" && emptied.has(name));
    if (this.#objects.every(isGone)) return `delete table ${this.#name}\n`;
    for (const set of sets) statements.push(`delete set ${this.#name} ${set}\n`);
    for (const chain of emptied) statements.push(`delete chain ${this.#name} ${chain}\n`);
    return statements.join("");
  }

  #setsOf(shares: readonly TableShare[]): string[] {
    return shares.flatMap(({ sets }) => sets.filter((set) => this.hasSet(set)));
  }
}
