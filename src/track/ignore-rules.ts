import type { Logger } from "../log/logger.ts";
import { AddressFile } from "../net/address-file.ts";
import { Identifier } from "../net/identifier.ts";
import type { OwnAddresses } from "../net/own-addresses.ts";
import type { Resolver } from "../net/resolver.ts";
import type { Clock } from "../time/clock.ts";
import { IgnoreCache, type IgnoreCacheOptions, type IgnoreDecision } from "./ignore-cache.ts";

/** What the rules need from outside. */
export interface IgnoreRulesOptions {
  readonly clock: Clock;
  /** Logger `fail2ban.filter`. */
  readonly log: Logger;
  /** Name of the jail, for the log. */
  readonly jail: string;
  readonly resolver: Resolver;
  readonly own: OwnAddresses;
}

/** One failure or restored ban that is about to be counted. */
export interface Candidate {
  readonly id: Identifier;
  /** Runs `ignorecommand` with this candidate's tags; true when it says that the candidate is to be ignored. */
  runCommand(command: string): Promise<boolean>;
  /** Expands tags of the `ignorecache` key. */
  expand(text: string): string | Promise<string>;
}

/** An `ignoreip` entry that is no single address. */
type Rule =
  | { readonly kind: "network"; readonly text: string; readonly network: Identifier }
  | { readonly kind: "name"; readonly text: string }
  | { readonly kind: "file"; readonly text: string; readonly file: AddressFile };

/** Decides whose failures do not count: `ignoreself`, `ignoreip`, `ignorecommand`, `ignorecache`. */
export class IgnoreRules {
  readonly #options: IgnoreRulesOptions;
  readonly #addresses = new Map<string, Identifier>();
  #rules: Rule[] = [];
  #cacheOptions: IgnoreCacheOptions | null = null;
  #cache: IgnoreCache | null = null;
  #ignoreSelf = true;
  #version = 0;
  /** Shell command that decides; `null` when none was ever set. */
  command: string | null = null;

  constructor(options: IgnoreRulesOptions) {
    this.#options = options;
  }

  /** Whether this machine's own addresses are ignored. */
  get ignoreSelf(): boolean {
    return this.#ignoreSelf;
  }

  set ignoreSelf(on: boolean) {
    this.#ignoreSelf = on;
    this.#version++;
  }

  /** Changes with the rules. */
  get version(): number {
    return this.#version;
  }

  /** Adds entries of `ignoreip`: addresses, networks, host names, `file:PATH`; known ones are skipped. */
  add(entries: readonly string[]): void {
    this.#version++;
    for (const entry of entries) {
      if (entry === "") continue;
      const rule = this.#parse(entry);
      if (rule instanceof Identifier) this.#addresses.set(rule.text, rule);
      else if (this.#rules.some((known) => known.text === rule.text)) {
        this.#options.log.msg(`  Ignore duplicate ${entry}, already in ignore list`);
      } else this.#rules.push(rule);
    }
  }

  /** Removes one entry; false when it is not there. */
  remove(entry: string): boolean {
    this.#version++;
    const rule = this.#parse(entry);
    if (rule instanceof Identifier) return this.#addresses.delete(rule.text);
    const left = this.#rules.filter((known) => known.text !== rule.text);
    const found = left.length < this.#rules.length;
    this.#rules = left;
    return found;
  }

  /** Removes all entries of `ignoreip`. */
  clear(): void {
    this.#version++;
    this.#rules = [];
    this.#addresses.clear();
  }

  /** The entries as they are listed: networks, names and files in order of addition, then addresses. */
  list(): string[] {
    return [...this.#rules.map((rule) => rule.text), ...this.#addresses.keys()];
  }

  get cacheOptions(): IgnoreCacheOptions | null {
    return this.#cacheOptions;
  }

  set cacheOptions(options: IgnoreCacheOptions | null) {
    this.#cacheOptions = options;
    this.#cache = options && new IgnoreCache(options, () => this.#options.clock.now());
  }

  /** Whether {@link isIgnored} may have to ask a resolver, a command or the cache. */
  get isSlow(): boolean {
    return this.#cache !== null || this.#rules.some((rule) => rule.kind === "name") || Boolean(this.command);
  }

  /** Whether the candidate is to be ignored; answers at once when no name or command has to be asked. */
  isIgnored(candidate: Candidate): boolean | Promise<boolean> {
    if (this.#cache && this.#cacheOptions)
      return this.#viaCache(candidate, this.#cache, this.#cacheOptions.key);
    return this.#decide(candidate).ignored;
  }

  /**
   * Whether an ignored address, or one of this machine, lies in a network; answers at once unless there are names among
   * the rules. `ignorecommand` is not asked: it knows single addresses.
   */
  concerns(network: Identifier): boolean | Promise<boolean> {
    if (this.#ignoreSelf && this.#options.own.concernedBy(network)) return true;
    if ([...this.#addresses.values()].some((address) => network.contains(address))) return true;
    const names: string[] = [];
    for (const rule of this.#rules) {
      if (rule.kind === "name") names.push(rule.text);
      else if (rule.kind === "network" ? rule.network.overlaps(network) : rule.file.concerns(network))
        return true;
    }
    if (names.length === 0) return false;
    const lists = Promise.all(names.map((name) => this.#options.resolver.resolve(name)));
    return lists.then((addresses) => addresses.flat().some((address) => network.contains(address)));
  }

  async #viaCache(candidate: Candidate, cache: IgnoreCache, key: string): Promise<boolean> {
    return cache.answer(await candidate.expand(key), () => this.#decide(candidate));
  }

  #decide(candidate: Candidate): IgnoreDecision {
    const { id } = candidate;
    if (this.ignoreSelf && this.#options.own.has(id)) return { ignored: this.#ignore(id, "ignoreself rule") };
    if (this.#addresses.has(id.text) && id.isSingle) {
      return { ignored: this.#ignore(id, "ip"), byAddress: true };
    }
    if (!this.isSlow) {
      return { ignored: this.#byLocalRules(id) };
    }
    return { ignored: this.#bySlowRules(candidate) };
  }

  #byLocalRules(id: Identifier): boolean {
    for (const rule of this.#rules) {
      const source = sourceIfMatching(rule, id);
      if (source) return this.#ignore(id, source);
    }
    return false;
  }

  async #bySlowRules(candidate: Candidate): Promise<boolean> {
    const { id } = candidate;
    for (const rule of this.#rules) {
      const source =
        rule.kind === "name" ? await this.#sourceOfName(rule.text, id) : sourceIfMatching(rule, id);
      if (source) return this.#ignore(id, source);
    }
    if (this.command && (await candidate.runCommand(this.command))) return this.#ignore(id, "command");
    return false;
  }

  async #sourceOfName(name: string, id: Identifier): Promise<string | null> {
    if (!id.isSingle) return null;
    const addresses = await this.#options.resolver.resolve(name);
    return addresses.some((address) => address.text === id.text) ? "dns" : null;
  }

  #ignore(id: Identifier, source: string): true {
    this.#options.log.info(`[${this.#options.jail}] Ignore ${id.text} by ${source}`);
    return true;
  }

  #parse(entry: string): Identifier | Rule {
    if (entry.startsWith("file:")) {
      const file = new AddressFile(entry, this.#options.clock, this.#options.log);
      return { kind: "file", text: file.label, file };
    }
    const id = Identifier.parse(entry);
    if (id.isSingle) return id;
    return id.family === null
      ? { kind: "name", text: entry }
      : { kind: "network", text: id.text, network: id };
  }
}

function sourceIfMatching(rule: Rule, id: Identifier): string | null {
  if (rule.kind === "network") return rule.network.contains(id) ? "ip" : null;
  if (rule.kind === "file") return rule.file.has(id) ? rule.file.label : null;
  return null;
}
