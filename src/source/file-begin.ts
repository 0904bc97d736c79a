import { readAt } from "./file-io.ts";
import { hashFirstLine } from "./first-line-hash.ts";

/** Seconds between two looks at the first line of a file that shows no other sign of rotation. */
const CHECK_SECONDS = 30;

/** What a look at a file's begin has shown. */
export interface BeginChange {
  readonly oldHash: string;
  /** True when the first line is another than before. */
  readonly changed: boolean;
}

/** The first line of an open file, by which it is recognised after a restart and truncation comes to light. */
export class FileBegin {
  readonly #fd: number;
  readonly #byteOrderMark: Buffer;
  #hash: string;
  #due: number;
  /** True when there are whole lines, but the first is too long for a mark. */
  #unmarkable = false;

  private constructor(fd: number, byteOrderMark: Buffer, hash: string, now: number) {
    this.#fd = fd;
    this.#byteOrderMark = byteOrderMark;
    this.#hash = hash;
    this.#due = now + CHECK_SECONDS;
  }

  /** Reads the begin of a regular file; any other has none. `now` in seconds. @throws the system's error */
  static async read(fd: number, regular: boolean, now: number): Promise<FileBegin> {
    const byteOrderMark = Buffer.alloc(2);
    if (regular) await readAt(fd, byteOrderMark, 2, 0);
    return new FileBegin(fd, byteOrderMark, regular ? await hashFirstLine(fd) : "", now);
  }

  /** First-line hash; empty while the first line is incomplete. */
  get hash(): string {
    return this.#hash;
  }

  /** The file's first two bytes, zero where there are fewer. */
  get byteOrderMark(): Uint8Array {
    return this.#byteOrderMark;
  }

  /** Whether it was not looked at for long. */
  isDue(now: number): boolean {
    return now >= this.#due;
  }

  /** There is a whole line now: sees to it that the hash is known, unless the first line is too long for one. */
  async complete(): Promise<void> {
    if (this.#hash !== "" || this.#unmarkable) return;
    this.#hash = await hashFirstLine(this.#fd);
    this.#unmarkable = this.#hash === "";
  }

  /** Looks again. */
  async look(now: number): Promise<BeginChange> {
    const oldHash = this.#hash;
    this.#hash = await hashFirstLine(this.#fd);
    this.#unmarkable = false;
    this.#due = now + CHECK_SECONDS;
    if (oldHash === "") await readAt(this.#fd, this.#byteOrderMark, 2, 0);
    const changed = oldHash !== "" && oldHash !== this.#hash && !(await this.#isHollow());
    return { oldHash, changed };
  }

  /**
   * Whether the file begins with a hole: truncated under a program that goes on writing where it was. The place of
   * reading is right then.
   */
  async #isHollow(): Promise<boolean> {
    const first = Buffer.alloc(1);
    return (await readAt(this.#fd, first, 1, 0)) === 1 && first[0] === 0;
  }
}
