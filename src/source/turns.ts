/**
 * Lets work through one piece per round of the event loop, first come first served, so that sockets and timers
 * get their turn between two blocks of log lines however many files have something to say.
 */
export class Turns {
  #waiting: (() => void)[] = [];
  #taken = false;

  /** Resolves when the caller may go on: at once if nobody else went in this round of the event loop. */
  async take(): Promise<void> {
    if (!this.#taken) {
      this.#taken = true;
      setImmediate(this.#next);
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  readonly #next = (): void => {
    const resolve = this.#waiting.shift();
    if (!resolve) {
      this.#taken = false;
      return;
    }
    setImmediate(this.#next);
    resolve();
  };
}
