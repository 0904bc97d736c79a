import type { PyValue } from "../pyvalue/value.ts";

/** A form of the protocol, as a client speaks it. */
export interface Dialect {
  /** What every answer ends with, and nothing within an answer holds. */
  readonly terminator: Buffer;
  /** What is sent to take leave. */
  readonly farewell: Buffer;
  /** The complete message that carries a command. */
  request(command: PyValue[]): Buffer;
  /**
   * The result in an answer, given without its terminator.
   *
   * @throws PyError when the answer is a failure
   * @throws AnswerError when it is no answer
   */
  result(answer: Buffer): PyValue;
}

/** The server sent something that is no answer, e.g. the notice that it goes down. */
export class AnswerError extends Error {
  override readonly name = "AnswerError";
}

/** The text that administrators know from fail2ban for the answer of a server that goes down. */
export const GOING_DOWN = "list index out of range";
