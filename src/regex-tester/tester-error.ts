/** The test cannot go on; the message is shown as it is. */
export class TesterError extends Error {
  /** Exit code of the program. */
  readonly exitCode: number;
  /** Whether the message goes to standard error. */
  readonly toStderr: boolean;

  constructor(message: string, { exitCode = 255, toStderr = false } = {}) {
    super(message);
    this.name = "TesterError";
    this.exitCode = exitCode;
    this.toStderr = toStderr;
  }
}
