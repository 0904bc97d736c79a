import { ExpiringCache } from "../net/expiring-cache.ts";

/** Settings of the `ignorecache` option. */
export interface IgnoreCacheOptions {
  /** Text with tags; failures for which it expands to the same text share one answer. */
  readonly key: string;
  /** Most answers kept. */
  readonly maxCount: number;
  /** Seconds for which an answer is kept. */
  readonly maxTime: number;
}

/** Whether somebody is to be ignored. */
export interface IgnoreDecision {
  readonly ignored: boolean | Promise<boolean>;
  /** Known without a search, so that remembering it would only cost room. */
  readonly byAddress?: boolean;
}

/** Remembers whom `ignorecommand` and the other rules have decided about. */
export class IgnoreCache {
  readonly #answers: ExpiringCache<boolean>;
  /** What is being asked now, by key: several failures of one attacker come at once. */
  readonly #asked = new Map<string, Promise<unknown>>();

  /** @param now current time in seconds */
  constructor({ maxCount, maxTime }: IgnoreCacheOptions, now: () => number) {
    this.#answers = new ExpiringCache(maxCount, maxTime, now);
  }

  /** The answer that is known, or being found out; otherwise what `decide` says, which is remembered. */
  async answer(key: string, decide: () => IgnoreDecision): Promise<boolean> {
    for (let asked = this.#asked.get(key); asked; asked = this.#asked.get(key)) await asked;
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#asked.set(key, promise);
    try {
      const { ignored, byAddress } = decide();
      const answer = await ignored;
      if (!byAddress) this.#answers.set(key, answer);
      return answer;
    } finally {
      this.#asked.delete(key);
      resolve();
    }
  }
}
