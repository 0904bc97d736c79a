import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { BlockMessage, BlockResult, WorkerStart } from "./block-messages.ts";

/** Blocks that a thread has at a time: the next one waits while it is at work. */
const BLOCKS_EACH = 2;

/** Tests a block; `null`: it could not, and never will again. */
export type TestBlock = (block: BlockMessage) => Promise<BlockResult | null>;

/** Threads that test blocks at the same time. */
export class BlockThreads {
  readonly #threads: BlockThread[];

  constructor(count: number, start: WorkerStart) {
    this.#threads = Array.from({ length: count }, () => new BlockThread(start));
  }

  /** Blocks that may be under way without one of them waiting for long. */
  get capacity(): number {
    return BLOCKS_EACH * this.#threads.length;
  }

  /** Has a block tested by the thread that has the fewest. */
  readonly test: TestBlock = (block) => {
    const idlest = this.#threads.reduce((a, b) => (b.waiting < a.waiting ? b : a));
    return idlest.test(block);
  };

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

class BlockThread {
  readonly #worker: Worker;
  /** Those who wait for answers, which come in the order of the questions. */
  readonly #waiting: ((result: BlockResult | null) => void)[] = [];
  #isDead = false;

  constructor(start: WorkerStart) {
    const file = new URL(`./block-worker${extname(import.meta.url)}`, import.meta.url);
    this.#worker = new Worker(file, { workerData: start });
    this.#worker.on("message", (result: BlockResult) => this.#waiting.shift()?.(result));
    this.#worker.on("error", () => this.#die());
    this.#worker.on("exit", () => this.#die());
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  test(block: BlockMessage): Promise<BlockResult | null> {
    if (this.#isDead) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#worker.postMessage(block);
    });
  }

  close(): Promise<number> {
    return this.#worker.terminate();
  }

  #die(): void {
    this.#isDead = true;
    for (const resolve of this.#waiting.splice(0)) resolve(null);
  }
}
