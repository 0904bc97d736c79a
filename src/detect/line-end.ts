/** The line that starts at `start` in a block, without newline and carriage returns at its end. */
export function lineAt(block: string, start: number): string {
  return block.slice(start, endOfLine(block, start));
}

/** Where that line ends. */
export function endOfLine(block: string, start: number): number {
  const newline = block.indexOf("\n", start);
  return textEnd(block, start, newline < 0 ? block.length : newline);
}

/** Where the text of a line ends whose newline is at `newline`: carriage returns before it do not count. */
function textEnd(block: string, start: number, newline: number): number {
  let end = newline;
  while (end > start && block.charCodeAt(end - 1) === CARRIAGE_RETURN) end--;
  return end;
}

const CARRIAGE_RETURN = 13;

/** Where lines of a block end. The one at work is looked through only once, however often it is asked about. */
export class LineMeasure {
  readonly #block: string;
  #start = -1;
  #end = 0;
  #behind = 0;

  constructor(block: string) {
    this.#block = block;
  }

  /** Where the text of the line ends that begins at `start`. */
  endOf(start: number): number {
    this.#measure(start);
    return this.#end;
  }

  /** Where the line behind it begins. */
  behind(start: number): number {
    this.#measure(start);
    return this.#behind;
  }

  #measure(start: number): void {
    if (start === this.#start) return;
    // Work may be cut off at any point.
    this.#start = -1;
    const newline = this.#block.indexOf("\n", start);
    this.#behind = newline < 0 ? this.#block.length : newline + 1;
    this.#end = textEnd(this.#block, start, newline < 0 ? this.#block.length : newline);
    this.#start = start;
  }
}

/** Number of lines in a block, each with its newline. */
export function countLines(block: string): number {
  let count = 0;
  for (let at = block.indexOf("\n"); at >= 0; at = block.indexOf("\n", at + 1)) count++;
  return count;
}
