import type { Clock } from "../time/clock.ts";

/** Between two messages on the same trouble, seconds. */
const SUMMARY_SECONDS = 60;

/** What is said about something that happens again and again. */
export interface RepeatedMessageTexts {
  /** The first time, at once. */
  readonly first: (reason: string) => void;
  /** Later: how often it happened since the last message. */
  readonly more: (count: number) => void;
}

/** Says the first time that something happens, and then once a minute how often it has happened since. */
export class RepeatedMessage {
  readonly #clock: Clock;
  readonly #texts: RepeatedMessageTexts;
  #untold = 0;
  #telling = false;

  constructor(clock: Clock, texts: RepeatedMessageTexts) {
    this.#clock = clock;
    this.#texts = texts;
  }

  /** It happened once more. */
  happened(reason = ""): void {
    this.#untold++;
    if (this.#telling) return;
    this.#telling = true;
    this.#untold = 0;
    this.#texts.first(reason);
    this.#wait();
  }

  #wait(): void {
    this.#clock.after(SUMMARY_SECONDS, () => this.#sumUp(), { background: true });
  }

  #sumUp(): void {
    this.#telling = this.#untold > 0;
    if (!this.#telling) return;
    this.#texts.more(this.#untold);
    this.#untold = 0;
    this.#wait();
  }
}
