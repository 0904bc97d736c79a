/** A thing and the moment at which it is due. */
export interface Deadline<T> {
  readonly deadline: number;
  readonly item: T;
}

/** Binary heap of things by deadline, the earliest on top; things with equal deadlines leave in any order. */
export class DeadlineHeap<T> {
  /** The deadlines of {@link #items}; apart, since numbers among themselves take little room. */
  #deadlines: number[] = [];
  #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  clear(): void {
    this.#deadlines = [];
    this.#items = [];
  }

  /** The earliest entry, or `null` when the heap is empty. */
  peek(): Deadline<T> | null {
    if (this.#items.length === 0) return null;
    return { deadline: this.#deadlines[0]!, item: this.#items[0]! };
  }

  push(deadline: number, item: T): void {
    let at = this.#items.length;
    this.#deadlines.push(deadline);
    this.#items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#deadlines[parent]! <= deadline) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** Removes and returns the earliest entry, or `null` when the heap is empty. */
  pop(): Deadline<T> | null {
    const top = this.peek();
    if (top === null) return null;
    const deadline = this.#deadlines.pop()!;
    const item = this.#items.pop()!;
    if (this.#items.length > 0) {
      this.#deadlines[0] = deadline;
      this.#items[0] = item;
      this.#sink(0);
    }
    return top;
  }

  #sink(from: number): void {
    const deadlines = this.#deadlines;
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= deadlines.length) return;
      const right = left + 1;
      const child = right < deadlines.length && deadlines[right]! < deadlines[left]! ? right : left;
      if (deadlines[at]! <= deadlines[child]!) return;
      this.#swap(at, child);
      at = child;
    }
  }

  #swap(a: number, b: number): void {
    [this.#deadlines[a], this.#deadlines[b]] = [this.#deadlines[b]!, this.#deadlines[a]!];
    [this.#items[a], this.#items[b]] = [this.#items[b]!, this.#items[a]!];
  }
}
