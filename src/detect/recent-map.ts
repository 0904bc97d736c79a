/** What is known by a text. The text is asked for only to tell it from another one with the same hash. */
export interface Keyed {
  readonly key: string;
  /** The key's hash (`text-hash.ts`). */
  readonly hash: number;
}

/**
 * A map of values by their keys, with room for a few, which knows in which order they came.
 *
 * It is for values that come and go with every line of a log. The engine's own map is built anew again and
 * again then, and each of its former selves keeps the next one, with all that was in it, from the garbage
 * collector's quick rounds. This one lives in places that are used again.
 */
export class RecentMap<Value extends Keyed> {
  /** To tell keys apart without making texts of them. */
  readonly #hashes: Int32Array;
  readonly #values: (Value | null)[];
  /** For each chain, the first place on it. */
  readonly #chains = new Int16Array(CHAINS).fill(NONE);
  /** For each place, the next one on its chain. */
  readonly #nextInChain: Int16Array;
  // The places in the order in which they were filled, as a list that can be walked both ways.
  readonly #newer: Int16Array;
  readonly #older: Int16Array;
  #oldest = NONE;
  #newest = NONE;
  readonly #free: number[];

  /** @param room number of values that there is room for, at most 32767 */
  constructor(room: number) {
    this.#values = new Array<Value | null>(room).fill(null);
    this.#hashes = new Int32Array(room);
    this.#nextInChain = new Int16Array(room);
    this.#newer = new Int16Array(room);
    this.#older = new Int16Array(room);
    this.#free = Array.from({ length: room }, (_, place) => place);
  }

  /** Whether one has to go before another can come. */
  get isFull(): boolean {
    return this.#free.length === 0;
  }

  /** The value with the same key. */
  get(wanted: Keyed): Value | undefined {
    const place = this.#find(wanted);
    return place === NONE ? undefined : this.#values[place]!;
  }

  /** Adds a value with a key that is not there yet, to a map that is not full. */
  add(value: Value): void {
    const { hash } = value;
    const place = this.#free.pop()!;
    const chain = hash & CHAIN;
    this.#hashes[place] = hash;
    this.#values[place] = value;
    this.#nextInChain[place] = this.#chains[chain]!;
    this.#chains[chain] = place;
    this.#newer[place] = NONE;
    this.#older[place] = this.#newest;
    if (this.#newest === NONE) this.#oldest = place;
    else this.#newer[this.#newest] = place;
    this.#newest = place;
  }

  /** Removes the value with the same key, if it is there. */
  delete(wanted: Keyed): void {
    const place = this.#find(wanted);
    if (place !== NONE) this.#empty(place);
  }

  /** Removes and returns the value that came first; `null` when there is none. */
  takeOldest(): Value | null {
    const place = this.#oldest;
    if (place === NONE) return null;
    const value = this.#values[place]!;
    this.#empty(place);
    return value;
  }

  /** All values, the one that came first first. */
  each(work: (value: Value) => void): void {
    for (let place = this.#oldest; place !== NONE; place = this.#newer[place]!) work(this.#values[place]!);
  }

  #find(wanted: Keyed): number {
    const { hash } = wanted;
    let place = this.#chains[hash & CHAIN]!;
    while (place !== NONE && !(this.#hashes[place] === hash && this.#values[place]!.key === wanted.key))
      place = this.#nextInChain[place]!;
    return place;
  }

  #empty(place: number): void {
    this.#leaveChain(place);
    const newer = this.#newer[place]!;
    const older = this.#older[place]!;
    if (older === NONE) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === NONE) this.#newest = older;
    else this.#older[newer] = older;
    this.#values[place] = null;
    this.#free.push(place);
  }

  #leaveChain(place: number): void {
    const chain = this.#hashes[place]! & CHAIN;
    const next = this.#nextInChain[place]!;
    let before = this.#chains[chain]!;
    if (before === place) {
      this.#chains[chain] = next;
      return;
    }
    while (this.#nextInChain[before] !== place) before = this.#nextInChain[before]!;
    this.#nextInChain[before] = next;
  }
}

const NONE = -1;
const CHAINS = 256;
/** The part of a hash that is the number of a chain. */
const CHAIN = CHAINS - 1;
