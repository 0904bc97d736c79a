import { readFileSync, statSync } from "node:fs";
import type { Logger } from "../log/logger.ts";
import type { Clock } from "../time/clock.ts";
import { Identifier } from "./identifier.ts";

const CHECK_SECONDS = 1;
const RETRY_SECONDS = 60;

/** A set of identifiers in a file (`ignoreip = file:/path`), read again when the file changes. */
export class AddressFile {
  /** Path of the file as it will be opened. */
  readonly path: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  #exact = new Set<string>();
  #networks: Identifier[] = [];
  /** All identifiers, made when they are first needed. */
  #all: Identifier[] | null = null;
  #state = "";
  #nextCheck = Number.NEGATIVE_INFINITY;

  /** @param entry text of the option, beginning with `file:` */
  constructor(entry: string, clock: Clock, log: Logger) {
    this.path = pathOf(entry);
    this.#clock = clock;
    this.#log = log;
  }

  /** How the set is shown in lists and in the log. */
  get label(): string {
    return this.path.startsWith("/") ? `file:/${this.path}` : `file:${this.path}`;
  }

  /** Whether the identifier, or a network around it, stands in the file. */
  has(id: Identifier): boolean {
    this.#refresh();
    return this.#exact.has(id.text) || this.#networks.some((network) => network.contains(id));
  }

  /** Whether anything in the file has an address in common with a network. */
  concerns(network: Identifier): boolean {
    this.#refresh();
    this.#all ??= [...this.#exact].map((text) => Identifier.parse(text));
    return this.#all.some((id) => network.overlaps(id));
  }

  #refresh(): void {
    const now = this.#clock.now();
    if (now >= this.#nextCheck || this.#nextCheck - now > RETRY_SECONDS) this.#check(now);
  }

  #check(now: number): void {
    this.#nextCheck = now + CHECK_SECONDS;
    try {
      const { mtimeMs, ino, size } = statSync(this.path);
      const state = `${mtimeMs} ${ino} ${size}`;
      if (state === this.#state) return;
      this.#fill(readFileSync(this.path, "utf8"));
      this.#state = state;
    } catch (error) {
      this.#nextCheck = now + RETRY_SECONDS;
      this.#state = "";
      this.#log.warning(`Retrieving IPs set from '${this.path}' failed: ${(error as Error).message}`);
    }
  }

  #fill(text: string): void {
    const ids = words(text).map((word) => Identifier.parse(word));
    this.#all = null;
    this.#exact = new Set(ids.map((id) => id.text));
    this.#networks = ids.filter((id) => id.family !== null && !id.isSingle);
  }
}

/** The words of a file of addresses: comments removed, split at white space and commas. */
function words(text: string): string[] {
  return text
    .replace(/(^|\s)[#;].*$/gm, "$1")
    .split(/[\s,]+/)
    .filter((word) => word !== "");
}

/** `file:/x`, `file://x/y` and `file:///x` name absolute paths, `file:x` and `file:./x` relative ones. */
function pathOf(entry: string): string {
  const rest = entry.slice("file:".length);
  if (rest.startsWith("///")) return rest.slice(2);
  const afterSlashes = /^\/\/([^/]{3,}\/.*)$/.exec(rest);
  if (afterSlashes) return `/${afterSlashes[1]}`;
  return rest.startsWith("//") ? rest.slice(2) : rest;
}
