/** A thing and the moment at which it is due. */
export interface Deadline<T> {
  readonly deadline: number;
  readonly item: T;
}

/** Binary heap of things by deadline, the earliest on top; things with equal deadlines leave in any order. */
export class DeadlineHeap<T> {
  #entries: Deadline<T>[] = [];

  get size(): number {
    return this.#entries.length;
  }

  clear(): void {
    this.#entries = [];
  }

  /** The earliest entry, or `null` when the heap is empty. */
  peek(): Deadline<T> | null {
    return this.#entries[0] ?? null;
  }

  push(deadline: number, item: T): void {
    const entries = this.#entries;
    let at = entries.length;
    entries.push({ deadline, item });
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (entries[parent]!.deadline <= deadline) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** Removes and returns the earliest entry, or `null` when the heap is empty. */
  pop(): Deadline<T> | null {
    const top = this.#entries[0];
    const last = this.#entries.pop();
    if (!top || !last) return null;
    if (this.#entries.length > 0) {
      this.#entries[0] = last;
      this.#sink(0);
    }
    return top;
  }

  #sink(from: number): void {
    const entries = this.#entries;
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= entries.length) return;
      const right = left + 1;
      const child =
        right < entries.length && entries[right]!.deadline < entries[left]!.deadline ? right : left;
      if (entries[at]!.deadline <= entries[child]!.deadline) return;
      this.#swap(at, child);
      at = child;
    }
  }

  #swap(a: number, b: number): void {
    const entry = this.#entries[a]!;
    this.#entries[a] = this.#entries[b]!;
    this.#entries[b] = entry;
  }
}
