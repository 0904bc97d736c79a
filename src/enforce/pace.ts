/** A run that took less than this many seconds lets the next one be larger. */
const QUICK = 0.4;
/** One that took more lets it be smaller: others wait meanwhile. */
const SLOW = 0.8;
/** One of less lets the next be four times as large: even where time grows with the square that will not be slow. */
const INSTANT = SLOW / 16;
/** Runs tell about each other when one is so many times as large. */
const DIFFERENT = 1.5;

/** How many commands run together. */
export interface PaceOptions {
  readonly first: number;
  readonly largest: number;
  /**
   * Whether a run may take long because of something else than the number of its commands: nft reads all of a set with
   * intervals each time. To run fewer together then only makes all others wait longer.
   */
  readonly hasFixedCost: boolean;
}

/** Finds out how many commands should run together: more while that is quick, fewer when it is slow or fails. */
export class Pace {
  readonly #o: PaceOptions;
  #size: number;
  #last: { readonly count: number; readonly seconds: number } | null = null;
  /** Part of a run's time, from 0 to 1, that is due to the number of its commands. */
  #share: number;

  constructor(options: PaceOptions) {
    this.#o = options;
    this.#size = options.first;
    this.#share = options.hasFixedCost ? 0 : 1;
  }

  /** Most commands that should run together now. */
  get size(): number {
    return this.#size;
  }

  /** So many were run together. */
  ran(count: number, seconds: number, succeeded: boolean): void {
    if (this.#o.hasFixedCost && succeeded) this.#compare(count, seconds);
    if (!succeeded || (seconds > SLOW && this.#share > 0.5)) {
      this.#size = Math.max(1, Math.floor(Math.min(count, this.#size) / 2));
    } else if (count >= this.#size && (seconds < QUICK || seconds > SLOW)) {
      this.#size = Math.min(this.#o.largest, count * (seconds < INSTANT ? 4 : 2));
    }
  }

  #compare(count: number, seconds: number): void {
    const last = this.#last;
    if (last && Math.max(count, last.count) < DIFFERENT * Math.min(count, last.count)) return;
    if (last) this.#share = (((seconds - last.seconds) / (count - last.count)) * count) / seconds;
    this.#last = { count, seconds };
  }
}
