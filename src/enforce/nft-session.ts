import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { CancelTimer, Clock } from "../time/clock.ts";

/** nft remembers every line that it was given, so it is replaced after so many. */
const MOST_STATEMENTS = 20_000;
/** After a failure of the process itself the session is left alone for so many seconds. */
const RETRY_DELAY = 60;
/** How long a new process may take to answer for the first time, seconds. */
const GREETING_SECONDS = 5;
/**
 * nft keeps what it is told in the history of its user, reads that at each start and writes all of it at each end: an
 * administrator's own is not to be flooded with our statements. No file can be made below this one.
 */
const NO_HOME = "/dev/null";
/** An answer longer than this, in characters, is none. */
const LONGEST_ANSWER = 64 * 1024;

/**
 * An interactive `nft` that stays, so that a statement needs no new process: it is in the kernel after a third of a
 * millisecond. nft says nothing when all went well; so each statement is followed by a word that is no statement, and
 * once nft complains of that word, the statement has been executed.
 */
export class NftSession {
  readonly #program: string;
  readonly #clock: Clock;
  #child: ChildProcess | null = null;
  #statements = 0;
  #notBefore = Number.NEGATIVE_INFINITY;
  #answer = "";
  #waiting: { mark: string; done: (complaint: string | null) => void } | null = null;
  /** Statements are executed one at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param program nft, by name or path */
  constructor(program: string, clock: Clock) {
    this.#program = program;
    this.#clock = clock;
  }

  /**
   * Executes statements, all or none of them.
   *
   * @param line one line; statements are separated by semicolons
   * @returns whether nft accepted them; false also when that is unknown because nft does not answer as expected
   */
  run(line: string, timeoutSeconds: number): Promise<boolean> {
    const result = this.#turn.then(() => this.#run(line, timeoutSeconds));
    this.#turn = result;
    return result;
  }

  /** Lets the process end; the next statement starts another. */
  close(): void {
    this.#waiting?.done(null);
    this.#child?.stdin?.end();
    this.#child = null;
  }

  async #run(line: string, timeoutSeconds: number): Promise<boolean> {
    if (this.#statements >= MOST_STATEMENTS) this.close();
    if (!this.#child && !(await this.#open())) return false;
    return (await this.#ask(line, timeoutSeconds)) === "";
  }

  async #open(): Promise<boolean> {
    if (Math.abs(this.#clock.now() - this.#notBefore) < RETRY_DELAY) return false;
    let child: ChildProcess;
    try {
      child = spawn(this.#program, ["-i"], {
        detached: true,
        stdio: ["pipe", "ignore", "pipe"],
        env: { ...process.env, HOME: NO_HOME },
      });
    } catch {
      this.#notBefore = this.#clock.now();
      return false;
    }
    this.#child = child;
    this.#statements = 0;
    const lost = () => this.#lose(child);
    child.on("error", lost);
    child.on("exit", lost);
    child.stdin?.on("error", lost);
    child.stderr?.on("data", (chunk: Buffer) => this.#hear(child, chunk));
    // The session must not keep a server alive that is about to end.
    child.unref();
    (child.stdin as Socket).unref();
    (child.stderr as Socket).unref();
    return (await this.#ask("", GREETING_SECONDS)) !== null;
  }

  /** What nft complained of, apart from the mark; `null` when it did not answer. */
  #ask(line: string, timeoutSeconds: number): Promise<string | null> {
    const child = this.#child;
    if (!child) return Promise.resolve(null);
    this.#statements++;
    const mark = `f2b-end-${this.#statements}`;
    return new Promise((resolve) => {
      let cancel: CancelTimer = () => {};
      const done = (complaint: string | null) => {
        cancel();
        this.#waiting = null;
        resolve(complaint);
      };
      cancel = this.#clock.after(timeoutSeconds, () => this.#lose(child));
      this.#waiting = { mark, done };
      this.#answer = "";
      child.stdin?.write(`${line}\n${mark}\n`);
    });
  }

  #hear(child: ChildProcess, chunk: Buffer): void {
    if (child !== this.#child || !this.#waiting) return;
    this.#answer += chunk.toString("latin1");
    const { mark, done } = this.#waiting;
    const at = this.#answer.indexOf(`${mark}\n`);
    if (at >= 0) done(complaintIn(this.#answer.slice(0, at)));
    else if (this.#answer.length > LONGEST_ANSWER) this.#lose(child);
  }

  #lose(child: ChildProcess): void {
    if (child !== this.#child) return;
    this.#child = null;
    this.#notBefore = this.#clock.now();
    child.kill("SIGKILL");
    this.#waiting?.done(null);
  }
}

/**
 * What is left of an answer without its last line, the complaint of the mark, and without the underlining of the mark
 * before.
 */
function complaintIn(answer: string): string {
  const lines = answer.split("\n").filter((line) => !/^[\s^~]*$/.test(line));
  return lines.slice(0, -1).join("\n");
}
