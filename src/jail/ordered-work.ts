/** What {@link OrderedWork} needs. */
export interface OrderedWorkOptions {
  /** Most pieces of work that are under way at the same time. */
  readonly atOnce: number;
  /** From so many pieces on that are not finished, more should not come. */
  readonly most: number;
  /** Told when more should not come, and when it may again. */
  readonly onPressure: (high: boolean) => void;
}

/** Work that takes its time, a few pieces at once, with results that are taken in the order of the requests. */
export class OrderedWork {
  readonly #o: OrderedWorkOptions;
  /** In the order of the requests; the first {@link #begun} of them are under way or done. */
  readonly #pieces: Piece[] = [];
  #begun = 0;
  #running = 0;
  #high = false;

  constructor(options: OrderedWorkOptions) {
    this.#o = options;
  }

  /**
   * Has something done.
   *
   * @param work may reject: then `take` is not called
   * @param take is called with the result as soon as all earlier results were taken
   */
  do<T>(work: () => Promise<T>, take: (result: T) => void): void {
    let settle: (() => void) | null = null;
    const begin = async () => {
      try {
        const result = await work();
        settle = () => take(result);
      } catch {
        settle = () => {};
      }
    };
    this.#pieces.push({ begin, settle: () => settle });
    this.#tellPressure();
    this.#beginMore();
  }

  #beginMore(): void {
    while (this.#running < this.#o.atOnce && this.#begun < this.#pieces.length) {
      const piece = this.#pieces[this.#begun++]!;
      this.#running++;
      void piece.begin().then(() => {
        this.#running--;
        this.#takeResults();
        this.#beginMore();
      });
    }
  }

  #takeResults(): void {
    for (let settle = this.#pieces[0]?.settle(); settle; settle = this.#pieces[0]?.settle()) {
      this.#pieces.shift();
      this.#begun--;
      settle();
    }
    this.#tellPressure();
  }

  #tellPressure(): void {
    const { most, onPressure } = this.#o;
    const high = this.#high ? this.#pieces.length > most / 2 : this.#pieces.length >= most;
    if (high === this.#high) return;
    this.#high = high;
    onPressure(high);
  }
}

interface Piece {
  readonly begin: () => Promise<void>;
  /** Takes the result; `null` before there is one. */
  readonly settle: () => (() => void) | null;
}
