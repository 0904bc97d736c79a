/** A bounded map whose entries live for a fixed time; the oldest entry makes room for a new one. */
export class ExpiringCache<V> {
  readonly #entries = new Map<string, { value: V; until: number }>();
  readonly #maxEntries: number;
  readonly #seconds: number;
  readonly #now: () => number;

  /**
   * @param maxEntries most entries kept
   * @param seconds life of an entry
   * @param now current time in seconds
   */
  constructor(maxEntries: number, seconds: number, now: () => number) {
    this.#maxEntries = maxEntries;
    this.#seconds = seconds;
    this.#now = now;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    const left = entry.until - this.#now();
    // A clock that was set back must not make entries live longer than they should.
    if (left > 0 && left <= this.#seconds) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    while (this.#entries.size >= this.#maxEntries) {
      this.#entries.delete(this.#entries.keys().next().value!);
    }
    this.#entries.set(key, { value, until: this.#now() + this.#seconds });
  }

  clear(): void {
    this.#entries.clear();
  }
}
