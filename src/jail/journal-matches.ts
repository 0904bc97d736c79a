import type { Logger } from "../log/logger.ts";
import { valueError } from "../pyvalue/errors.ts";
import { repr } from "../pyvalue/repr.ts";
import { matchAlternatives } from "../source/journal-arguments.ts";

/** The `journalmatch` expressions of a jail; on jails that read files they are accepted and have no effect. */
export class JournalMatches {
  readonly #jail: string;
  readonly #log: Logger;
  readonly #active: boolean;
  #matches: string[][] = [];
  /** Told of every change. */
  onChange: () => void = () => {};

  constructor(options: { jail: string; log: Logger; backend: string }) {
    this.#jail = options.jail;
    this.#log = options.log;
    this.#active = options.backend === "systemd";
  }

  /**
   * Adds an expression: words `FIELD=value`, alternatives separated by `+`.
   *
   * @throws {PyError} for a word that is none
   */
  add(words: readonly string[]): void {
    if (!this.#active) return;
    const alternatives = matchAlternatives(words);
    if (!alternatives) {
      this.#log.error(`Error adding journal match for: '${words.join(" ")}'`);
      throw valueError("Invalid match");
    }
    this.#matches.push(...alternatives);
    this.#log.info(`[${this.#jail}] Added journal match for: '${words.join(" ")}'`);
    this.onChange();
  }

  /** Removes one alternative; without words all of them. @throws {PyError} when it is not there */
  remove(words: readonly string[]): void {
    if (!this.#active) return;
    if (words.length === 0) {
      this.clear();
      return;
    }
    const key = words.join("\0");
    const left = this.#matches.filter((match) => match.join("\0") !== key);
    if (left.length === this.#matches.length) throw valueError(`Match ${repr([...words])} not found`);
    this.#matches = left;
    this.#log.info(`[${this.#jail}] Removed journal match for: '${words.join(" ")}'`);
    this.onChange();
  }

  clear(): void {
    if (this.#matches.length > 0) this.#log.info(`[${this.#jail}] Removed journal match for: '*'`);
    this.#matches = [];
    this.onChange();
  }

  /** All alternatives, each a list of words. */
  list(): string[][] {
    return this.#matches.map((match) => [...match]);
  }

  /** All alternatives as one text, as `status` shows them. */
  summary(): string {
    return this.#matches.map((match) => match.join(" ")).join(" + ");
  }
}
