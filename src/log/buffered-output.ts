/** Characters that are held before they are written. */
const PIECE = 1 << 16;

/** Output in large pieces: a program that prints a million lines is not to ask the system a million times. */
export class BufferedOutput {
  readonly #write: (text: string) => void;
  #held = "";

  /** @param write takes some text, all of it */
  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Takes text, to be written with that before it. */
  add(text: string): void {
    this.#held += text;
    if (this.#held.length >= PIECE) this.flush();
  }

  /** Writes what is held. */
  flush(): void {
    const text = this.#held;
    if (text === "") return;
    // First, as the program may end while it is written.
    this.#held = "";
    this.#write(text);
  }
}
