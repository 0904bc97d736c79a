import {
  COUNTED_PREFIXES_EXPECTED,
  formatPrefixList,
  PREFIXES_EXPECTED,
  parsePrefixList,
} from "../config/prefix-list.ts";
import { valueError } from "../pyvalue/errors.ts";
import { PrefixRules } from "../track/prefix-rules.ts";

/** What an administrator has decided about the bans of a jail beyond how long they last. */
export interface BanRules {
  /** Nothing is enforced. */
  readonly dryrun: boolean;
  /** Most bans at a time; 0: as many as there are. */
  readonly maxbans: number;
  /** Failures are counted, and banned, for a whole prefix. */
  readonly banprefix: PrefixRules;
  /** So many bans in one prefix are enforced as one. */
  readonly aggregate: PrefixRules;
  /** The firewall is told when a ban ends, so that it ends without the server, too. */
  readonly kerneltimeout: boolean;
  /** Connections of who is banned are cut. */
  readonly killconnections: boolean;
  /** Seconds between two looks whether the firewall still holds the bans; 0: it is not looked at. */
  readonly verify: number;
}

const DEFAULTS: BanRules = {
  dryrun: false,
  maxbans: 0,
  banprefix: new PrefixRules([]),
  aggregate: new PrefixRules([]),
  kerneltimeout: false,
  killconnections: false,
  verify: 0,
};

/** Told of a change of rules that are in force. */
export type RulesListener = (now: BanRules, before: BanRules) => void;

/**
 * The options of a jail about its bans. While the jail is reloaded they are collected: those that the new configuration
 * does not mention fall back to their defaults, and all of them come into force together at its end.
 */
export class BanPolicy {
  readonly #listener: RulesListener;
  #rules = DEFAULTS;
  #draft: BanRules | null = null;

  constructor(listener: RulesListener) {
    this.#listener = listener;
  }

  /** The rules in force. */
  get rules(): BanRules {
    return this.#rules;
  }

  /** Rules as they will be after a reload, if one is under way; otherwise those in force. */
  get newest(): BanRules {
    return this.#draft ?? this.#rules;
  }

  /** Changes rules, at once or at the end of the reload. */
  set(change: Partial<BanRules>): void {
    if (this.#draft) this.#draft = { ...this.#draft, ...change };
    else this.#enforce({ ...this.#rules, ...change });
  }

  beginReload(): void {
    this.#draft = DEFAULTS;
  }

  finishReload(): void {
    const draft = this.#draft;
    this.#draft = null;
    if (draft) this.#enforce(draft);
  }

  #enforce(rules: BanRules): void {
    const before = this.#rules;
    this.#rules = rules;
    this.#listener(rules, before);
  }
}

/**
 * Reads the value of `banprefix` or `aggregate`.
 *
 * @throws {PyError} `ValueError` for a text that is no list of prefixes
 */
export function readPrefixRules(option: "banprefix" | "aggregate", text: string): PrefixRules {
  const counted = option === "aggregate";
  const list = parsePrefixList(text, counted);
  if (list) return new PrefixRules(list);
  const expected = counted ? COUNTED_PREFIXES_EXPECTED : PREFIXES_EXPECTED;
  throw valueError(`${option} = '${text}' means nothing; expected ${expected}`);
}

/** The value of `banprefix` or `aggregate` as text. */
export function prefixRulesText(option: "banprefix" | "aggregate", rules: PrefixRules): string {
  return formatPrefixList(rules.list, option === "aggregate");
}
