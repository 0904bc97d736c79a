import { repr } from "../pyvalue/repr.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { resolveTable, type TagTable } from "./static-tags.ts";

/** Commands that exist, empty, in every action; a reload empties them before it sets them again. */
const COMMANDS = [
  "actionban",
  "actioncheck",
  "actionflush",
  "actionreban",
  "actionreload",
  "actionrepair",
  "actionstart",
  "actionstop",
  "actionunban",
] as const;

/** Tags that no option can define. An action gives `kerneltimeout` a value for servers that do not know that tag. */
const OF_THE_BAN: ReadonlySet<string> = new Set(["bantime", "kerneltimeout"]);

/** Default time limit of a command, seconds. */
const TIMEOUT = 60;

/** The options of a command action: its commands, its parameters, and their variants for one address family. */
export class ActionProperties {
  readonly #values = new Map<string, PyValue>();
  readonly #parseSeconds: (text: string) => number;
  readonly #resolved = new Map<string, TagTable>();
  #hasConditional: boolean | null = null;

  /** @param parseSeconds reads a time expression like `1m`; throws when it is none */
  constructor(parseSeconds: (text: string) => number) {
    this.#parseSeconds = parseSeconds;
    this.reset();
  }

  /** Names in order. */
  get names(): string[] {
    return [...this.#values.keys()].sort();
  }

  get(name: string): PyValue | undefined {
    return this.#values.get(name);
  }

  /** Sets an option. Those of {@link OF_THE_BAN} are left out: these tags are always the ban's own. */
  set(name: string, value: PyValue): void {
    if (OF_THE_BAN.has(name)) return;
    this.#values.set(name, name === "timeout" ? this.#seconds(value) : value);
    this.#resolved.clear();
    this.#hasConditional = null;
  }

  /** Puts commands and time limit back to their defaults; parameters stay. */
  reset(): void {
    for (const command of COMMANDS) this.#values.set(command, "");
    this.#values.set("timeout", TIMEOUT);
    this.#resolved.clear();
  }

  /** Time limit of each command, seconds. */
  get timeoutSeconds(): number {
    return Number(this.#values.get("timeout"));
  }

  /** True when any option has a variant for one address family. */
  get hasConditional(): boolean {
    this.#hasConditional ??= [...this.#values.keys()].some((name) => name.includes("?family="));
    return this.#hasConditional;
  }

  /** A text option, the family's own variant first; empty when there is none. */
  text(name: string, family = ""): string {
    const own = family ? this.#values.get(`${name}?family=${family}`) : undefined;
    const value = own ?? this.#values.get(name) ?? "";
    return typeof value === "string" ? value : repr(value);
  }

  /** A yes-or-no option; `null` when it is not set. */
  flag(name: string): boolean | null {
    const value = this.#values.get(name) ?? null;
    if (value === null || value === "") return null;
    if (typeof value === "string") return /^(1|on|true|yes)$/i.test(value);
    return Boolean(value);
  }

  /** All options, resolved among themselves for one family (`""`: none). */
  resolved(family: string): TagTable {
    let table = this.#resolved.get(family);
    if (!table) {
      table = resolveTable(this.#values, family ? { condition: `family=${family}` } : {});
      this.#resolved.set(family, table);
    }
    return table;
  }

  #seconds(value: PyValue): number {
    if (typeof value === "number") return value;
    return Math.trunc(this.#parseSeconds(typeof value === "string" ? value : repr(value)));
  }
}
