/** Where a progress bar is drawn. */
export interface Terminal {
  readonly write: (text: string) => void;
  /** Width in columns. */
  readonly columns: () => number;
  /** Steady clock, in milliseconds. */
  readonly now: () => number;
}

/** Who is in a hurry is not told how long it takes. */
const FIRST_MS = 500;
const EVERY_MS = 100;
const CLEAR = "\r\x1b[K";
const LONGEST_BAR = 30;

/**
 * Shows on a terminal how far the reading of a log has come: part, speed and the time that is left. It keeps to
 * one row, which is empty again at the end.
 */
export class ProgressBar {
  readonly #terminal: Terminal;
  readonly #total: number;
  readonly #begin: number;
  #next: number;
  #isShown = false;

  /** @param total bytes to be read */
  constructor(terminal: Terminal, total: number) {
    this.#terminal = terminal;
    this.#total = total;
    this.#begin = terminal.now();
    this.#next = this.#begin + FIRST_MS;
  }

  /** Tells how far reading is; may be called as often as one likes. */
  update(bytes: number, lines: number): void {
    const now = this.#terminal.now();
    if (now < this.#next) return;
    this.#next = now + EVERY_MS;
    this.#isShown = true;
    this.#terminal.write(CLEAR + this.#row(bytes, lines, (now - this.#begin) / 1000));
  }

  /** Clears the row. */
  done(): void {
    if (this.#isShown) this.#terminal.write(CLEAR);
    this.#isShown = false;
  }

  #row(bytes: number, lines: number, seconds: number): string {
    const part = Math.min(1, this.#total === 0 ? 1 : bytes / this.#total);
    const left = part === 0 ? "" : `  ${durationText((seconds * (1 - part)) / part)} left`;
    const facts = `${String(Math.floor(part * 100)).padStart(3)} %  ${count(lines)} lines, ${count(lines / seconds)}/s${left}`;
    // The last column stays free, so that no terminal breaks the row.
    const room = this.#terminal.columns() - 1;
    const length = Math.min(LONGEST_BAR, room - facts.length - 3);
    if (length < 5) return facts.slice(0, Math.max(0, room));
    const full = Math.round(part * length);
    return `[${"#".repeat(full)}${"-".repeat(length - full)}] ${facts}`;
  }
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** `9 s`, `3:07 min`, `2:05:00 h` */
function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)} min`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)} h`;
}
