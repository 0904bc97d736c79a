/**
 * Remembers which expressions took too long, so that one that does so again and again can be left out for a
 * while: a hostile client must not be able to slow down everything else.
 */
export class Offenders<Key> {
  readonly #strikes = new Map<Key, number[]>();
  readonly #suspendedUntil = new Map<Key, number>();

  /**
   * Counts an offence.
   *
   * @param now current time in seconds
   * @returns true when the expression is suspended from now on
   */
  strike(key: Key, now: number): boolean {
    const recent = (this.#strikes.get(key) ?? []).filter((time) => Math.abs(now - time) < WINDOW_SECONDS);
    recent.push(now);
    this.#strikes.set(key, recent);
    if (recent.length < STRIKES) return false;
    this.#strikes.delete(key);
    this.#suspendedUntil.set(key, now + SUSPENSION_SECONDS);
    return true;
  }

  /** True when no expression has been suspended lately. */
  get isEmpty(): boolean {
    return this.#suspendedUntil.size === 0;
  }

  /** Whether the expression is to be left out. */
  isSuspended(key: Key, now: number): boolean {
    if (this.#suspendedUntil.size === 0) return false;
    const until = this.#suspendedUntil.get(key);
    if (until === undefined) return false;
    if (now < until && until - now <= SUSPENSION_SECONDS) return true;
    this.#suspendedUntil.delete(key);
    return false;
  }

  /** Forgets everything, for new expressions. */
  clear(): void {
    this.#strikes.clear();
    this.#suspendedUntil.clear();
  }
}

const STRIKES = 3;
const WINDOW_SECONDS = 600;
/** How long a suspended expression is left out. */
export const SUSPENSION_SECONDS = 600;
