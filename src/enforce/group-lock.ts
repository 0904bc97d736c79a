/**
 * Work of one group runs at the same time, work of different groups does not: the first group to come goes first.
 *
 * Start commands of several jails may set up the same table or chain, and stop commands take it away when it looks
 * empty. Any number of starts get along, and so do stops; a stop in the middle of a start would take away the ground
 * that one stands on.
 */
export class GroupLock {
  #group: string | null = null;
  #running = 0;
  readonly #waiting: { readonly group: string; readonly go: () => void }[] = [];

  /** Runs work when no other group's is running. */
  async run<T>(group: string, work: () => Promise<T>): Promise<T> {
    await this.#enter(group);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #enter(group: string): Promise<void> {
    const free = this.#running === 0 || (this.#group === group && this.#waiting.length === 0);
    if (!free) await new Promise<void>((go) => this.#waiting.push({ group, go }));
    else this.#admit(group);
  }

  #admit(group: string): void {
    this.#group = group;
    this.#running++;
  }

  #leave(): void {
    this.#running--;
    if (this.#running > 0) return;
    const next = this.#waiting[0]?.group;
    while (next !== undefined && this.#waiting[0]?.group === next) {
      this.#admit(next);
      this.#waiting.shift()!.go();
    }
  }
}
